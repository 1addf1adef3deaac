package chaos

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// verifierKey is where a story's context has the path of airlock-verify.
type verifierKey struct{}

// verify runs airlock-verify and returns its output and whether all is right. Without the program it is as expected.
func verify(ctx context.Context, p *story.Play, expect bool, arguments ...string) (out string, ok bool) {
	program, _ := ctx.Value(verifierKey{}).(string)
	if program == "" {
		return "(airlock-verify is not built)", expect
	}
	text, err := exec.CommandContext(ctx, program, arguments...).CombinedOutput()
	if failed, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || failed.ExitCode() != 1) {
		p.Fail("airlock-verify fails: %v\n%s", err, text)
	}
	return string(text), err == nil
}

// inFile writes text into a file of a directory that goes with the story.
func inFile(p *story.Play, name string, text []byte) string {
	dir, err := os.MkdirTemp(p.Cloud.Dir, "evidence-")
	must(p, err)
	p.After(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, name)
	must(p, os.WriteFile(file, text, 0o600))
	return file
}

// get is the API's answer to a request's manager.
func get(p *story.Play, what string) []byte {
	answer := p.As(story.Manager).Ask(http.MethodGet, "/workspaces/"+p.WorkspaceID()+"/requests/"+p.ID+"/"+what, nil, nil)
	p.Holds(answer.Status == http.StatusOK, "%s: %s", what, answer)
	return answer.Body
}

// verifyChain has airlock-verify check the trail that the API shows.
func verifyChain(p *story.Play, expect bool) (out string, ok bool) {
	return verify(p.Context(), p, expect, "chain", inFile(p, "history.json", get(p, "history")))
}

// verifyAnchors has airlock-verify check the anchors, as they lie in storage, and the trail against them.
func verifyAnchors(p *story.Play) (out string, ok bool) {
	trail := inFile(p, p.ID+".json", get(p, "history"))
	blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), ground.EvidenceAccount, "anchors")
	must(p, err)
	p.Holds(len(blobs) > 0, "nothing was anchored")
	anchors := filepath.Join(filepath.Dir(inFile(p, "about", nil)), "anchors")
	for _, b := range blobs {
		text, err := p.Cloud.Ground.Read(p.Context(), ground.EvidenceAccount, "anchors", b.Name)
		must(p, err)
		file := filepath.Join(anchors, filepath.FromSlash(b.Name))
		must(p, os.MkdirAll(filepath.Dir(file), 0o700))
		must(p, os.WriteFile(file, text, 0o600))
	}
	out, ok = verify(p.Context(), p, false, "anchors", anchors, "--keys", publicKeys(p), "--trails", filepath.Dir(trail))
	if out == "(airlock-verify is not built)" {
		out += p.ID
	}
	return out, ok
}

// publicKeys are the keys that the API gives to everybody.
func publicKeys(p *story.Play) string {
	answer := p.As(story.Manager).Ask(http.MethodGet, "/receipt-keys", nil, nil)
	p.Holds(answer.Status == http.StatusOK, "receipt keys: %s", answer)
	return inFile(p, "receipt-keys.json", answer.Body)
}

// receiptChanged edits the receipt as a third party might; its signature must not hold any more.
func receiptChanged(p *story.Play) {
	trailOfApproved(p)
	receipt, keys := get(p, "receipt"), publicKeys(p)
	trail := inFile(p, "history.json", get(p, "history"))
	out, ok := verify(p.Context(), p, true, "receipt", inFile(p, "release.json", receipt), "--keys", keys, "--trail", trail)
	p.Holds(ok, "airlock-verify finds fault with an untouched receipt:\n%s", out)
	var envelope map[string]any
	must(p, json.Unmarshal(receipt, &envelope))
	payload, _ := envelope["payload"].(string)
	plain, err := base64.StdEncoding.DecodeString(payload)
	must(p, err)
	edited := bytes.Replace(plain, []byte("fine"), []byte("mine"), 1)
	p.Holds(!bytes.Equal(plain, edited), "the attack itself fails: the receipt does not hold the reviewer's words")
	envelope["payload"] = base64.StdEncoding.EncodeToString(edited)
	changed, err := json.Marshal(envelope)
	must(p, err)
	out, ok = verify(p.Context(), p, false, "receipt", inFile(p, "release.json", changed), "--keys", keys, "--trail", trail)
	p.Holds(!ok, "airlock-verify takes a changed receipt for genuine:\n%s", out)
}
