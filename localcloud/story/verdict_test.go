package story_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/airlock/localcloud/grid"
	. "example.org/airlock/localcloud/story"
)

// scan sets the verdict on the request in play.
func scan(p *Play, rule map[string]any) {
	rule["blob"] = p.ID
	err := p.Cloud.Scan(p.Context(), rule)
	p.Holds(err == nil, "no rule set: %v", err)
}

// inProgress waits until the request's files lie in progress and returns their ETags by name.
func inProgress(p *Play) (account string, etags map[string]string) {
	account = Account(p.Direction(), InReview, p.Workspace())
	p.Until(func() string {
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID)
		if err != nil || len(blobs) == 0 || len(p.Now().Files) != len(blobs) {
			return "the files are not in progress"
		}
		etags = map[string]string{}
		for _, b := range blobs {
			etags[b.Name] = b.ETag
		}
		return ""
	})
	return account, etags
}

// Addresses in verdicts are not encoded, and characters get lost on the way: the ETag finds the file.
func TestVerdictsAboutOddNames(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		var files []File
		for _, name := range []string{"set #1.csv", "what?.csv", "literal%20name.csv", "100% done.csv", "a+b.csv", "\U0001F642.csv"} {
			files = append(files, Bytes(name, []byte("of "+name)))
		}
		p.As(Researcher).Creates(Import).UploadsFiles(files...)
		scan(p, map[string]any{"verdict": "clean"})
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// Who can send events, or plant them among the dead letters, opens nothing: the scanner's tag on the file has to say the same.
func TestAForgedCleanVerdictOpensNothing(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		scan(p, map[string]any{"verdict": "none"})
		p.As(Researcher).Submits()
		account, etags := inProgress(p)
		buried(p, scanResult(p, account, "a.csv", etags["a.csv"], "No threats found", nil))
		p.Holds(p.Now().Status == Submitted, "a planted dead letter lets the request through")
		forged(p, account, "a.csv", etags["a.csv"], "No threats found", nil)
		p.Until(func() string {
			if m := p.Now().Message(); !strings.Contains(m, "scanner's tag") {
				return "the message is " + m
			}
			return ""
		})
		p.Holds(p.Now().Status == Submitted, "a forged event lets the request through")
		p.Holds(p.Cloud.Say(p.Context(), "malicious", account, p.ID, "a.csv", etags["a.csv"]) == nil, "no verdict said")
		p.Eventually(BlockedByScan)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// A forged clean verdict does not keep a file from being scanned again whose scan failed: the tag says that it did.
func TestAForgedCleanVerdictHoldsUpNothing(t *testing.T) {
	t.Parallel()
	playIn(t, "genomics", 90*time.Second, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data)
		p.Holds(p.Cloud.VerdictOnce(p.Context(), "error", p.ID) == nil, "no verdict set")
		p.As(Researcher).Submits()
		p.TrailHasSoon("the failed scan", func(r AuditRecord) bool { return r.Action == "scan_verdict" && r.Detail["outcome"] == "error" })
		account, etags := inProgress(p)
		forged(p, account, "a.csv", etags["a.csv"], "No threats found", nil)
		p.Eventually(InReview)
		p.TrailHas("a scan asked for again", func(r AuditRecord) bool { return r.Action == "rescan" })
		p.TrailVerifies()
	})
}

// The tag may come later than the event; nothing fails meanwhile.
func TestATagThatComesLater(t *testing.T) {
	t.Parallel()
	for _, delay := range []string{"1500ms", "9s"} {
		play(t, func(p *Play) {
			p.As(Researcher).Creates(Import).Uploads("a.csv", data)
			scan(p, map[string]any{"verdict": "clean", "tagDelay": delay})
			p.As(Researcher).Submits()
			p.Eventually(InReview)
			p.As(Researcher).Cancels()
			p.TrailVerifies()
		})
	}
}

// In imaging a verdict has a minute: then the tag stands in for an event that was lost.
func TestATagMakesUpForALostEvent(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{"clean": InReview, "malicious": BlockedByScan} {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			playIn(t, "imaging", 150*time.Second, func(p *Play) {
				p.As(Researcher2).Creates(Import).Uploads("a.csv", data)
				scan(p, map[string]any{"verdict": "none", "tag": tag})
				p.As(Researcher2).Submits()
				p.Eventually(want)
				p.TrailHas("the tag's verdict", func(r AuditRecord) bool { return r.Action == "scan_verdict" && r.Detail["source"] == "tag" })
				p.TrailVerifies()
			})
		})
	}
}

// The event about malware that was found during the review is lost; its tag is not.
func TestATagStopsARelease(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		account, etags := inProgress(p)
		p.Holds(p.Cloud.BreakEvents(p.Context(), grid.Faults{Subscription: "OnScanResult", Drop: 1}) == nil, "no fault set")
		p.After(func() { p.Holds(p.Cloud.BreakEvents(p.Context(), grid.Faults{}) == nil, "the faults stay") })
		p.Holds(p.Cloud.Say(p.Context(), "malicious", account, p.ID, "a.csv", etags["a.csv"]) == nil, "no verdict said")
		settles(p)
		p.Holds(p.Now().Status == InReview, "the event was not lost: %s", p.Now().Status)
		p.As(Manager).Approves("fine")
		p.Eventually(BlockedByScan)
		p.TrailHas("the tag's verdict", func(r AuditRecord) bool {
			return r.Action == "scan_verdict" && r.Detail["source"] == "tag" && r.Detail["outcome"] == "malicious"
		})
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// Malware counts however odd the rest of the event is, before the review and in it.
func TestOddEventsAboutMalware(t *testing.T) {
	t.Parallel()
	odd := map[string]map[string]any{
		"names as text":    {"scanResultDetails": map[string]any{"malwareNamesFound": "EICAR"}},
		"names as objects": {"scanResultDetails": map[string]any{"malwareNamesFound": []any{map[string]any{"name": "EICAR"}}}},
		"details as text":  {"scanResultDetails": "EICAR"},
		"details as list":  {"scanResultDetails": []any{map[string]any{"malwareNamesFound": []any{"EICAR"}}}},
		"numbers":          {"correlationId": 7, "scanFinishedTimeUtc": 8, "scanResultDetails": map[string]any{"malwareNamesFound": 9, "sha256": 10}},
		"no ETag":          {"eTag": nil},
		"an ETag of 1":     {"eTag": 1},
		"no address":       {"blobUri": nil},
		"another spelling": {"scanResultType": "MALICIOUS "},
		"a list of words":  {"scanResultType": []any{"Malicious"}},
	}
	for name, data := range odd {
		for _, in := range []string{Submitted, InReview} {
			t.Run(name+" in "+in, func(t *testing.T) {
				t.Parallel()
				play(t, func(p *Play) {
					p.As(Researcher).Creates(Import).Uploads("a.csv", []byte("1,2"))
					scan(p, map[string]any{"verdict": map[string]string{Submitted: "none", InReview: "clean"}[in]})
					p.As(Researcher).Submits()
					p.Eventually(in)
					account, etags := inProgress(p)
					sends(p, scanResult(p, account, "a.csv", etags["a.csv"], "Malicious", data))
					p.Eventually(BlockedByScan)
					p.TrailVerifies()
				})
			})
		}
	}
}

// A verdict that nobody can read stops the release until an operator has looked.
func TestAnUnclearVerdictHoldsTheRelease(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		account, etags := inProgress(p)
		forged(p, account, "a.csv", etags["a.csv"], "Suspicious", nil)
		held(p)
		p.As(Manager).Approves("fine")
		p.Rests(5 * time.Second)
		p.Holds(p.Now().Status == ApprovalInProgress, "it is %s", p.Now().Status)
		discards(p)
		p.Eventually(Approved)
		p.TrailHas("who looked", func(r AuditRecord) bool { return r.Action == "hold_ended" && r.Actor.Kind == "person" })
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// discards has the operator look at the parked event about the request in play, and discard it.
func discards(p *Play) {
	parked := ""
	p.Until(func() string {
		answer := p.As(Admin).WithTokenOf("").Ask(http.MethodGet, "/operations/parked-events", nil, nil)
		var list struct {
			ParkedEvents []struct{ ID, RequestID string }
		}
		p.Holds(answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &list) == nil, "%s", answer)
		for _, e := range list.ParkedEvents {
			if e.RequestID == p.ID {
				parked = e.ID
				return ""
			}
		}
		return fmt.Sprintf("no parked event names the request: %s", answer)
	})
	answer := p.As(Admin).WithTokenOf("").Ask(http.MethodPost, "/operations/parked-events/"+parked+"/redrive", nil, map[string]any{"discard": true})
	p.Holds(answer.Status/100 == 2, "%s", answer)
}

// held waits until the request is on hold.
func held(p *Play) {
	p.Until(func() string {
		if m := p.Now().Message(); !strings.Contains(m, "TRE administrator") {
			return "the request is not on hold: " + m
		}
		return ""
	})
}

// Who has no patience with a hold gives the request up. That ends no hold: a retry waits for the operator as before.
func TestAHeldRequestIsGivenUp(t *testing.T) {
	t.Parallel()
	playIn(t, "genomics", 90*time.Second, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		account, etags := inProgress(p)
		forged(p, account, "a.csv", etags["a.csv"], "Suspicious", nil)
		held(p)
		p.As(Owner).IsRefused("give-up", http.StatusBadRequest) // a reviewer can still end it
		p.As(Manager).Approves("fine")
		p.As(Owner).GivesUp("nobody looks at it")
		p.As(Manager).Retries()
		p.Rests(3 * time.Second)
		p.Holds(p.Now().Status == ApprovalInProgress, "it is %s", p.Now().Status)
		p.As(Owner).GivesUp("still nobody")
		discards(p)
		p.Holds(p.Now().Status == Failed, "it is %s", p.Now().Status)
		p.As(Manager).Retries()
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// A file that cannot be scanned does not carry another one past the scan.
func TestOneUnscannableFileAndOneWithMalware(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("leaves unscanned files to the reviewer", func(policy map[string]any) {
			Member(policy, "malwareScanning")["inconclusive"] = "review"
		})
		p.As(Researcher).Creates(Import).UploadsFiles(Bytes("locked.zip", []byte("locked")), EICAR("tool.exe"))
		id := p.ID
		for _, rule := range []map[string]any{{"verdict": "not-scanned", "reason": "SAM259210: protected by a password", "blob": id + "/locked.zip"},
			{"verdict": "malicious", "delay": "4s", "blob": id + "/tool.exe"}} {
			p.Holds(p.Cloud.Scan(p.Context(), rule) == nil, "no rule set")
		}
		p.As(Researcher).Submits()
		p.Until(func() string {
			if m := p.Now().Message(); !strings.Contains(m, "SAM259210") {
				return "the reason is not shown: " + m
			}
			return ""
		})
		p.Holds(p.Now().Status == Submitted, "it is %s although one file has no verdict", p.Now().Status)
		p.Eventually(BlockedByScan)
		p.TrailLacks("a fresh copy", func(r AuditRecord) bool { return r.Action == "rescan" })
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// A verdict has a minute. A fresh copy is made then, and the verdict about the copy before it still counts.
func TestACleanVerdictAfterTheDeadline(t *testing.T) {
	t.Parallel()
	playIn(t, "genomics", 3*time.Minute, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		scan(p, map[string]any{"verdict": "none", "tag": "clean"}) // of the fresh copy, whose event is not there yet
		scan(p, map[string]any{"verdict": "none", "once": true})   // of the first copy, for now
		p.As(Researcher).Submits()
		account, first := inProgress(p)
		p.TrailHasSoon("a scan asked for again", func(r AuditRecord) bool { return r.Action == "rescan" && r.Detail["oldEtag"] == first["a.csv"] })
		sends(p, scanResult(p, account, "a.csv", first["a.csv"], "No threats found", nil))
		p.Eventually(InReview)
		p.TrailHas("the verdict about the first copy", func(r AuditRecord) bool {
			return r.Action == "scan_verdict" && r.Detail["outcome"] == "clean" && r.Detail["etag"] == first["a.csv"]
		})
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// A delayed scan is waited for: a fresh copy would only add to the queue.
func TestADelayedScanIsWaitedFor(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		scan(p, map[string]any{"verdict": "not-scanned", "reason": "SAM259215: delayed by the service"})
		p.As(Researcher).Submits()
		p.Until(func() string {
			if m := p.Now().Message(); !strings.Contains(m, "SAM259215") {
				return "the reason is not shown: " + m
			}
			return ""
		})
		p.Rests(8 * time.Second)
		p.Holds(p.Now().Status == Submitted, "it is %s", p.Now().Status)
		account, etags := inProgress(p)
		p.Holds(p.Cloud.Say(p.Context(), "clean", account, p.ID, "a.csv", etags["a.csv"]) == nil, "no verdict said")
		p.Eventually(InReview)
		p.TrailLacks("a fresh copy", func(r AuditRecord) bool { return r.Action == "rescan" })
		p.As(Researcher).Cancels()
		p.TrailVerifies()
	})
}

// Scanners that watch the whole subscription look at drafts and released files, too.
func TestVerdictsAboutOtherAccounts(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		forged(p, Account(Import, Draft, "genomics"), "a.csv", "0x8D000000000000A", "No threats found", nil)
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		account := Account(Import, Approved, "genomics")
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, p.ID)
		p.Holds(err == nil && len(blobs) == 1, "%v %v", blobs, err)
		forged(p, account, "a.csv", blobs[0].ETag, "Malicious", map[string]any{"scanResultDetails": map[string]any{"malwareNamesFound": []any{"EICAR"}}})
		p.Until(func() string {
			mails, err := p.Cloud.Mails()
			p.Holds(err == nil, "%v", err)
			for _, m := range mails {
				if m.EventType == "malware_found" && strings.Contains(m.Text, p.ID) && strings.Contains(m.Text, "EICAR") {
					return ""
				}
			}
			return "nobody was told of malware in released files"
		})
		p.Holds(p.Now().Status == Approved, "it is %s", p.Now().Status)
		p.TrailHas("the malware", func(r AuditRecord) bool {
			return r.Action == "scan_verdict" && r.Security && r.Detail["outcome"] == "malicious"
		})
		p.TrailLacks("the draft's clean verdict", func(r AuditRecord) bool {
			return r.Detail["outcome"] == "clean" && r.Detail["etag"] == "0x8D000000000000A"
		})
		p.TrailVerifies()
	})
}
