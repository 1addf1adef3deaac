package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/story"
)

// weather makes things go wrong while a storm is played.
type weather struct {
	cloud  *story.Cloud
	dice   *rand.Rand
	book   *book
	most   int // faults, so that a slow machine has no more of them than a fast one
	faults int
	kills  int
	err    error // of the controls themselves

	oddities, refused atomic.Int64 // uploaders' changes to drafts, and the number of refused submits

	mu    sync.Mutex
	plays []*story.Play
}

// faultsPerRequest is more than a machine of two cores has while it plays a request.
const faultsPerRequest = 120

// newWeather makes weather for so many requests; stream tells the dice of one kind of chaos from those of another.
func (o Options) newWeather(c *story.Cloud, stream uint64, requests int) *weather {
	return &weather{cloud: c, dice: rand.New(rand.NewPCG(o.Seed, stream)), book: &book{}, most: requests * faultsPerRequest}
}

// meet tells of a story that begins, so that events about its request can be forged.
func (w *weather) meet(p *story.Play) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plays = append(w.plays, p)
}

// blow does something bad every few milliseconds until ctx ends or there was enough of it.
func (w *weather) blow(ctx context.Context) {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for n := 1; w.faults < w.most; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		switch {
		case n%120 == 0: // every three seconds
			err = w.kill()
		case n%9 == 0:
			err = w.forge(ctx)
		case n%40 == 0:
			err = w.replay(ctx)
		default:
			err = w.breakCall(ctx)
		}
		if err != nil && ctx.Err() == nil {
			w.err = err
			return
		}
	}
}

// outcomes are answers of storage and Event Grid instead of working, some of them after working all the same.
var outcomes = []string{"412", "409", "429", "500", "503", "503", string(fault.Drop), string(fault.Lose), string(fault.Lose), string(fault.Delay)}

// targets are the calls that go wrong; the empty one is any.
var targets = []string{"", "", "", "EntityTransaction", "GetEntity", "QueryEntities", "CreateContainer", "DeleteContainer", "PutBlockFromURL", "PutBlockFromURL", "PutBlockList",
	"GetBlob", "GetBlobProperties", "ListBlobs", "GetUserDelegationKey", "PutBlob", "Publish", "Publish"}

// breakCall lets one of the next calls go wrong. A rule that finds no call for a while would pile up with others, so
// now and then all are taken back.
func (w *weather) breakCall(ctx context.Context) error {
	rules, err := w.cloud.Rules(ctx)
	if err != nil {
		return err
	}
	if len(rules) > 20 {
		w.faults -= len(rules)
		return w.cloud.Mend(ctx)
	}
	rule := url.Values{"by": {fault.Program}, "do": {outcomes[w.dice.IntN(len(outcomes))]}, "op": {targets[w.dice.IntN(len(targets))]}}
	switch rule.Get("do") {
	case string(fault.Delay):
		rule.Set("for", fmt.Sprintf("%dms", 50+w.dice.IntN(2000)))
		if w.dice.IntN(25) == 0 { // longer than any delivery may take
			rule.Set("for", "45s")
		}
	case "429", "503":
		if w.dice.IntN(3) == 0 {
			rule.Set("retryafter", "1")
		}
	}
	w.faults++
	return w.cloud.Break(ctx, rule)
}

// kill ends one of the handlers.
func (w *weather) kill() error {
	pids, err := w.cloud.Handlers()
	if err != nil || len(pids) == 0 {
		return err
	}
	w.kills++
	w.faults++
	_ = syscall.Kill(pids[w.dice.IntN(len(pids))], syscall.SIGKILL) // it may have died meanwhile
	return nil
}

func (w *weather) replay(ctx context.Context) error {
	events, err := w.cloud.Published(ctx, "")
	if err != nil || len(events) == 0 {
		return err
	}
	w.faults++
	return w.cloud.Replay(ctx, events[w.dice.IntN(len(events))].ID)
}

// forge has an event delivered that nobody sent, about a request in play or about none.
func (w *weather) forge(ctx context.Context) error {
	w.mu.Lock()
	id := event.NewID()
	direction, workspace := story.Import, "genomics"
	if len(w.plays) > 0 && w.dice.IntN(4) > 0 {
		p := w.plays[w.dice.IntN(len(w.plays))]
		if known := p.RequestID(); known != "" {
			id, direction, workspace = known, p.Direction(), p.Workspace()
		}
	}
	w.mu.Unlock()
	subscription, e := forgery(w.dice, id, direction, workspace)
	if w.dice.IntN(3) == 0 {
		account := story.Account(direction, story.InReview, workspace)
		if clean, ok := w.cleanOf(ctx, w.dice, account, id); ok {
			subscription, e = "scanresult-OnScanResult", clean
		}
	}
	w.faults++
	return w.cloud.Forge(ctx, subscription, e)
}

// cleanOf makes up a clean verdict about a file in progress, with its real name and ETag: it must open nothing, least of
// all for the requests with malware. It returns false when nothing is in progress.
func (w *weather) cleanOf(ctx context.Context, dice *rand.Rand, account, id string) (event.Event, bool) {
	blobs, _, err := w.cloud.Ground.Blobs(ctx, account, id)
	if err != nil || len(blobs) == 0 {
		return event.Event{}, false
	}
	b := blobs[dice.IntN(len(blobs))]
	return event.New(event.ScanResult, "storageAccounts/"+account+"/containers/"+id+"/blobs/"+b.Name, "1.1", map[string]any{
		"correlationId": event.NewID(), "blobUri": "https://" + account + ".blob.core.windows.net/" + id + "/" + b.Name, "eTag": b.ETag,
		"scanFinishedTimeUtc": event.Time(time.Now()), "scanResultType": "No threats found", "scanResultDetails": nil}), true
}

// forgery makes up an event.
func forgery(dice *rand.Rand, id, direction, workspace string) (subscription string, e event.Event) {
	statuses := []string{story.Submitted, story.InReview, story.ApprovalInProgress, story.Approved, story.Revoked, story.Failed, "nonsense"}
	status := statuses[dice.IntN(len(statuses))]
	account := story.Account(direction, story.InReview, workspace)
	where := "https://" + account + ".blob.core.windows.net/" + id + "/"
	switch dice.IntN(6) {
	case 0:
		return "statuschanged-OnStatusChanged", event.New("statusChanged", id+"/statusChanged", "2.0",
			map[string]any{"request_id": id, "new_status": status, "previous_status": "draft", "type": direction, "workspace_id": "0000"})
	case 1:
		return "stepresult-OnStepResult", event.New("Airlock.StepResult", id, "1.0",
			map[string]any{"completed_step": "submitted", "new_status": status, "request_id": id, "status_message": "forged"})
	case 2:
		// The bytes of a request that nobody gave up must survive this.
		return "datadeletion-OnDataDeletion", event.New("Airlock.DataDeletion", id, "1.0", map[string]any{"blob_to_delete": where})
	case 3:
		verdict := []string{"No threats found", "Malicious", "Error"}[dice.IntN(3)]
		return "scanresult-OnScanResult", event.New(event.ScanResult, "storageAccounts/"+account+"/containers/"+id+"/blobs/part 0", "1.1",
			map[string]any{"correlationId": event.NewID(), "blobUri": where + "part%200/of%201.csv", "eTag": fmt.Sprintf("0x8D%013X", dice.Uint64()>>16),
				"scanFinishedTimeUtc": event.Time(time.Now()), "scanResultType": verdict, "scanResultDetails": nil})
	case 4:
		return account + "-OnBlobCreated", event.New(event.BlobCreated, "/blobServices/default/containers/"+id+"/blobs/never", "",
			map[string]any{"api": "PutBlockList", "url": where + "never", "eTag": "0x8D0", "contentLength": 1})
	}
	return "statuschanged-OnStatusChanged", event.New("statusChanged", "nonsense", "2.0", map[string]any{"request_id": 7, "new_status": []string{}})
}
