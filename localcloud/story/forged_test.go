package story_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/ground"
	. "example.org/airlock/localcloud/story"
)

// settles gives events some seconds to be delivered. It does not insist: damaged requests have events that
// come again for as long as Event Grid tries.
func settles(p *Play) {
	ctx, cancel := context.WithTimeout(p.Context(), 4*time.Second)
	defer cancel()
	_ = p.Cloud.Settle(ctx)
}

// scanResult is one that Defender did not send: data is changed members of a genuine one.
func scanResult(p *Play, account, name, etag, result string, data map[string]any) event.Event {
	members := map[string]any{"correlationId": event.NewID(), "blobUri": "https://" + account + ".blob.core.windows.net/" + p.ID + "/" + name,
		"eTag": etag, "scanFinishedTimeUtc": event.Time(time.Now()), "scanResultType": result, "scanResultDetails": nil}
	for member, value := range data {
		if members[member] = value; value == nil {
			delete(members, member)
		}
	}
	return event.New(event.ScanResult, "storageAccounts/"+account+"/containers/"+p.ID+"/blobs/"+name, "1.1", members)
}

// sends delivers a scan result.
func sends(p *Play, e event.Event) {
	err := p.Cloud.Forge(p.Context(), "scanresult-OnScanResult", e)
	p.Holds(err == nil, "not delivered: %v", err)
}

// forged delivers such a scan result, and gives it time to do its harm.
func forged(p *Play, account, name, etag, result string, data map[string]any) {
	sends(p, scanResult(p, account, name, etag, result, data))
	settles(p)
}

// buried puts such a scan result among the dead letters, and has them opened.
func buried(p *Play, e event.Event) {
	body, err := json.Marshal([]event.Event{e})
	p.Holds(err == nil, "%v", err)
	const folder = "SCANRESULT-ONSCANRESULT/2026/1/2/3/"
	_, err = p.Cloud.Ground.Write(p.Context(), ground.StateAccount, "dead-letters", folder+e.ID+".json", body)
	p.Holds(err == nil, "the attack itself fails: %v", err)
	p.Until(func() string {
		reconciled(p)
		letters, _, err := p.Cloud.Ground.Blobs(p.Context(), ground.StateAccount, "dead-letters")
		if err != nil || slices.ContainsFunc(letters, func(b ground.Blob) bool { return b.Name == folder+e.ID+".json" }) {
			return fmt.Sprintf("the planted letter is left, %v", err)
		}
		return ""
	})
}
