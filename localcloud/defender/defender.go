// Package defender stands in for Microsoft Defender for Storage's on-upload
// malware scan: it reads every blob that appears in a watched account and
// publishes a verdict.
package defender

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"example.org/airlock/localcloud/event"
)

// Blob is what the scanner reads.
type Blob struct {
	Body []byte // first 4 MiB are enough
	ETag string // as Storage's header says, with or without quotes
}

// Config says which accounts are watched and how blobs are read.
type Config struct {
	// Accounts that are scanned, by name.
	Accounts []string
	// Read returns the beginning of a blob (at most limit bytes) with its ETag.
	Read func(ctx context.Context, account, container, name string, limit int64) (Blob, error)
	// Hash returns the sha256 of the whole blob in lower-case hex; nil hashes what Read returned.
	Hash func(ctx context.Context, account, container, name string) (string, error)
	// Publish puts the verdict on the topic "scanresult".
	Publish func(topic string, e event.Event)
	// Delay before a verdict; default 0.
	Delay time.Duration
	Log   *slog.Logger
}

// Defender is the stand-in.
type Defender struct{ config Config }

// New returns a scanner that works while Run runs.
func New(c Config) *Defender { return &Defender{config: c} }

// BlobCreated tells the scanner of a new blob; it returns at once.
func (d *Defender) BlobCreated(account string, e event.Event) {}

// Run scans until ctx ends.
func (d *Defender) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Control is the test control over HTTP.
func (d *Defender) Control() http.Handler { return http.NotFoundHandler() }
