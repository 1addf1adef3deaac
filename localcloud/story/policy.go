package story

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// document is a workspace's registry document.
type document map[string]any

func (c *Cloud) workspace(ctx context.Context, name string) (document, error) {
	a, err := c.Call(ctx, Admin, "", http.MethodGet, "/workspaces/"+c.Workspaces[name], nil, nil)
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, fmt.Errorf("reading workspace %s: %s", name, a)
	}
	var got struct{ Workspace document }
	if err := a.Into(&got); err != nil {
		return nil, err
	}
	return got.Workspace, nil
}

// Policy is a workspace's policy.
func (c *Cloud) Policy(ctx context.Context, workspace string) (map[string]any, error) {
	d, err := c.workspace(ctx, workspace)
	if err != nil {
		return nil, err
	}
	policy, _ := d["policy"].(map[string]any)
	return policy, nil
}

func (d document) etag() string {
	tag, _ := d["_etag"].(string)
	return `"` + tag + `"`
}

// registration is the body for PUT, with the policy as edited.
func (d document) registration() document {
	out, _ := d["document"].(map[string]any)
	out["policy"] = d["policy"]
	return out
}

// ChangePolicy lets change edit a workspace's policy, as a TRE administrator would through the API, and returns the
// policy as it was.
func (c *Cloud) ChangePolicy(ctx context.Context, workspace string, change func(policy map[string]any)) (before map[string]any, err error) {
	for try := 1; ; try++ {
		d, err := c.workspace(ctx, workspace)
		if err != nil {
			return nil, err
		}
		policy, _ := d["policy"].(map[string]any)
		if before, err = copied(policy); err != nil {
			return nil, err
		}
		if policy == nil {
			policy = map[string]any{}
			d["policy"] = policy
		}
		change(policy)
		a, err := c.Call(ctx, Admin, "", http.MethodPut, "/workspaces/"+c.Workspaces[workspace], http.Header{"If-Match": {d.etag()}}, d.registration())
		switch {
		case err != nil:
			return nil, err
		case a.Status/100 == 2:
			return before, nil
		case try == 5 || a.Status != http.StatusPreconditionFailed && a.Status != http.StatusConflict:
			return nil, fmt.Errorf("changing workspace %s: %s", workspace, a)
		}
	}
}

func copied(policy map[string]any) (out map[string]any, err error) {
	text, err := json.Marshal(policy)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// Policy changes the workspace's policy until the story is over.
func (p *Play) Policy(what string, change func(policy map[string]any)) {
	before, err := p.Cloud.ChangePolicy(p.ctx, p.options.Workspace, change)
	p.must(err)
	p.tell("", Admin, "%s", what)
	p.After(func() {
		// Also when the story was interrupted: others use the workspace, too.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 10*time.Second)
		defer cancel()
		_, err := p.Cloud.ChangePolicy(ctx, p.options.Workspace, func(policy map[string]any) {
			clear(policy)
			for name, value := range before {
				policy[name] = value
			}
		})
		p.must(err)
	})
}

// Member returns a part of a policy, which it makes if need be.
func Member(policy map[string]any, name string) map[string]any {
	part, _ := policy[name].(map[string]any)
	if part == nil {
		part = map[string]any{}
		policy[name] = part
	}
	return part
}
