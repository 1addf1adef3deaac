package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"example.org/airlock/localcloud/identity"
)

// ChangePolicy reads the policy of a workspace of the running cloud in dir, as a TRE admin through the API, and, unless
// change is nil, writes it back as change leaves it. It returns the policy as it is then.
func ChangePolicy(ctx context.Context, dir string, w identity.Workspace, change func(policy map[string]any) error) (map[string]any, error) {
	e, err := ReadEndpoints(dir)
	if err != nil {
		return nil, err
	}
	issuer, err := IssuerIn(dir)
	if err != nil {
		return nil, err
	}
	admin, err := identity.FindPersona("admin")
	if err != nil {
		return nil, err
	}
	token, err := issuer.PersonToken(admin, identity.CoreAudience())
	if err != nil {
		return nil, err
	}
	return changePolicy(ctx, token, e.API+"/workspaces/"+w.ID, change)
}

func changePolicy(ctx context.Context, token, url string, change func(policy map[string]any) error) (map[string]any, error) {
	got, err := callAPI(ctx, http.MethodGet, url, token, nil, nil)
	if err != nil {
		return nil, err
	}
	if got.status != http.StatusOK {
		return nil, got.unwanted()
	}
	var view struct {
		Workspace struct{ Document map[string]any }
	}
	if err := json.Unmarshal(got.text, &view); err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	policy, _ := view.Workspace.Document["policy"].(map[string]any)
	if change == nil {
		return policy, nil
	}
	if err := change(policy); err != nil {
		return nil, err
	}
	document, err := json.Marshal(view.Workspace.Document)
	if err != nil {
		return nil, err
	}
	got, err = callAPI(ctx, http.MethodPut, url, token, http.Header{"If-Match": {got.etag}}, document)
	if err == nil && got.status/100 != 2 {
		err = got.unwanted()
	}
	return policy, err
}

// SetMember sets a member of a policy by its path, e.g. "review.allowSelfReview".
func SetMember(policy map[string]any, path string, value any) error {
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		next, ok := policy[part].(map[string]any)
		if !ok {
			return fmt.Errorf("a policy has no %q; docs/policy.schema.json lists what there is", part)
		}
		policy = next
	}
	policy[parts[len(parts)-1]] = value
	return nil
}
