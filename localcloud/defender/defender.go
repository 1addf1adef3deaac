// Package defender stands in for Microsoft Defender for Storage's on-upload
// malware scan: it reads every blob that appears in a watched account and
// publishes a verdict, which it also leaves on the blob as an index tag. Its word can be forced, for one blob or for
// all. It follows Defender's documents as of November 2026
// (learn.microsoft.com/azure/defender-for-cloud/understand-malware-scan-results).
package defender

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/airlock/localcloud/event"
)

const (
	topic     = "scanresult"
	readLimit = 4 << 20 // how much of a blob is searched for the test virus
	atATime   = 8
	tries     = 5 // of reading a blob, before the verdict is an error
	malware   = "Virus:DOS/EICAR_Test_File"
)

// eicar is the harmless test virus (eicar.org), in two parts so that this source
// file isn't taken for one.
var eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)

// Blob is a blob for the scanner.
type Blob struct {
	Body []byte
	ETag string // as Storage's header says, with or without quotes
}

// Config says which accounts are watched and how blobs are read.
type Config struct {
	// Accounts that are scanned, by name, with what is left out of each: beginnings of "container/blob", as in
	// malwareScanning.onUpload.filters.excludeBlobsWithPrefix.
	Accounts map[string][]string
	// Read returns the beginning of a blob (at most limit bytes) with its ETag;
	// fs.ErrNotExist means that it is gone and gets no verdict.
	Read func(ctx context.Context, account, container, name string, limit int64) (Blob, error)
	// Hash returns the SHA-256 of the whole blob in lower-case hex; nil hashes the bytes that Read returned.
	Hash func(ctx context.Context, account, container, name string) (string, error)
	// Tag gives a blob index tags, in place of those it has; nil tags nothing.
	Tag func(ctx context.Context, account, container, name string, tags map[string]string) error
	// Publish puts the verdict on the topic "scanresult".
	Publish func(topic string, e event.Event)
	// Delay before a verdict; default 0.
	Delay time.Duration
	// StateFile keeps unscanned blobs over a clean restart; empty keeps none.
	StateFile string
	Log       *slog.Logger
}

// job is one blob to scan.
type job struct {
	Account   string
	Container string
	Name      string
	URL       string
}

// Scan is one finished scan.
type Scan struct {
	Account   string    `json:"account"`
	Container string    `json:"container"`
	Blob      string    `json:"blob"`
	ETag      string    `json:"eTag"`
	Verdict   Verdict   `json:"verdict"`
	Forced    bool      `json:"forced"`
	Time      time.Time `json:"time"`
}

// Defender is the stand-in.
type Defender struct {
	config Config
	jobs   chan *job

	mu      sync.Mutex
	pending []*job // not finished, also those under way
	rules   []Rule
	scans   []Scan
}

// New returns a scanner that works while Run runs. It panics without Read or
// Publish: a mistake in wiring.
func New(c Config) *Defender {
	if c.Read == nil || c.Publish == nil {
		panic("defender: Read and Publish are needed")
	}
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	return &Defender{config: c, jobs: make(chan *job)}
}

// BlobCreated tells the scanner of a new blob; it returns at once. Events of
// other accounts and kinds are ignored.
func (d *Defender) BlobCreated(account string, e event.Event) {
	rest, ok := strings.CutPrefix(e.Subject, "/blobServices/default/containers/")
	container, name, ok2 := strings.Cut(rest, "/blobs/")
	excluded, watched := d.config.Accounts[account]
	left := func(prefix string) bool { return strings.HasPrefix(container+"/"+name, prefix) }
	if e.EventType != event.BlobCreated || !ok || !ok2 || !watched || slices.ContainsFunc(excluded, left) {
		return
	}
	// Defender's own sample of an address is not encoded: "…/app-logs-storage/EICAR - simulating malware.txt".
	d.add(&job{account, container, name, address(account, container, name)})
}

func address(account, container, name string) string {
	return "https://" + account + ".blob.core.windows.net/" + container + "/" + name
}

func (d *Defender) add(j *job) {
	d.mu.Lock()
	d.pending = append(d.pending, j)
	d.mu.Unlock()
	go func() { d.jobs <- j }() // one per waiting blob; they end with the process
}

// Run scans until ctx ends. It fails only if the state file can't be read or written.
func (d *Defender) Run(ctx context.Context) error {
	if err := d.load(); err != nil {
		return err
	}
	var scanners sync.WaitGroup
	for range atATime {
		scanners.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case j := <-d.jobs:
					d.scan(ctx, j)
				}
			}
		})
	}
	scanners.Wait()
	return d.save()
}

// scan reads the blob, decides and publishes. If ctx ends first, the blob stays
// pending.
func (d *Defender) scan(ctx context.Context, j *job) {
	blob, err := d.read(ctx, j)
	rule, forced := d.rule(j)
	if !wait(ctx, d.config.Delay+time.Duration(rule.Delay)) {
		return
	}
	if !errors.Is(err, fs.ErrNotExist) {
		d.conclude(ctx, j, blob, rule, forced, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pending = slices.DeleteFunc(d.pending, func(other *job) bool { return other == j })
}

func (d *Defender) conclude(ctx context.Context, j *job, blob Blob, rule Rule, forced bool, failure error) {
	verdict := rule.Verdict
	if verdict == Auto {
		switch {
		case failure != nil:
			verdict = Error
		case bytes.Contains(blob.Body, eicar):
			verdict = Malicious
		default:
			verdict = Clean
		}
	}
	etag := cmp.Or(rule.ETag, strings.Trim(blob.ETag, `"`))
	word := cmp.Or(rule.Tag, verdict)
	tagged := rule.ETag == "" || rule.Tag != ""
	if tagged && rule.TagDelay == 0 {
		d.tag(ctx, j, word)
	}
	if rule.Verdict = verdict; verdict != Silence {
		d.config.Publish(topic, verdictEvent(j, etag, rule, d.hash(ctx, j, blob, verdict)))
	}
	if tagged && rule.TagDelay != 0 && wait(ctx, time.Duration(rule.TagDelay)) {
		d.tag(ctx, j, word)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scans = append(d.scans, Scan{j.Account, j.Container, j.Name, etag, verdict, forced, time.Now().UTC()})
}

// tag leaves the verdict on the blob that is there now: Set Blob Tags cannot be tied to an ETag.
func (d *Defender) tag(ctx context.Context, j *job, v Verdict) {
	if d.config.Tag == nil || v.text() == "" {
		return
	}
	tags := map[string]string{"Malware Scanning scan result": v.text(), "Malware Scanning scan time UTC": time.Now().UTC().Format("2006-01-02 15:04:05Z")}
	for range tries {
		err := d.config.Tag(ctx, j.Account, j.Container, j.Name, tags)
		if err == nil || errors.Is(err, fs.ErrNotExist) || !wait(ctx, 50*time.Millisecond) {
			return
		}
		d.config.Log.Warn("blob not tagged", "account", j.Account, "container", j.Container, "error", err)
	}
}

// read tries a few times, for the storage may be busy.
func (d *Defender) read(ctx context.Context, j *job) (blob Blob, err error) {
	for range tries {
		blob, err = d.config.Read(ctx, j.Account, j.Container, j.Name, readLimit)
		if err == nil || errors.Is(err, fs.ErrNotExist) || !wait(ctx, 50*time.Millisecond) {
			return blob, err
		}
	}
	d.config.Log.Error("blob not scanned", "account", j.Account, "container", j.Container, "error", err)
	return blob, err
}

// hash is needed for malware only; Defender reports it with the names.
func (d *Defender) hash(ctx context.Context, j *job, blob Blob, verdict Verdict) string {
	if verdict != Malicious {
		return ""
	}
	if d.config.Hash != nil {
		if hash, err := d.config.Hash(ctx, j.Account, j.Container, j.Name); err == nil {
			return hash
		}
	}
	sum := sha256.Sum256(blob.Body)
	return hex.EncodeToString(sum[:])
}

// verdictEvent is an event on Defender's Event Grid topic
// (learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan).
func verdictEvent(j *job, etag string, rule Rule, hash string) event.Event {
	var details any
	switch rule.Verdict {
	case Malicious:
		details = map[string]any{"malwareNamesFound": []string{malware}, "sha256": hash}
	case NotScanned:
		details = map[string]any{"notScannedReason": cmp.Or(rule.Reason, "SAM259213: Scan throttled by the service.")}
	case Error:
		details = map[string]any{"errorReason": cmp.Or(rule.Reason, "SAM259201: Scan failed - internal service error.")}
	}
	data := map[string]any{
		"correlationId": event.NewID(), "blobUri": j.URL, "eTag": etag,
		"scanFinishedTimeUtc": event.Time(time.Now()), "scanResultType": rule.Verdict.text(), "scanResultDetails": details,
	}
	maps.Copy(data, rule.Data)
	e := event.New(event.ScanResult, fmt.Sprintf("storageAccounts/%s/containers/%s/blobs/%s", j.Account, j.Container, j.Name), "1.1", data)
	e.Topic = event.CustomTopic(topic)
	return e
}

// wait says whether the time passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
