package workflow

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

// storage is the stage accounts. A copy has the ETag "c" with the source's.
type storage struct {
	Blobs
	mu         sync.Mutex
	containers map[string][]airlock.ContainerInfo // by account
	blobs      map[airlock.Container][]airlock.Blob
	faults     map[string]error // by account or account/container
	deleted    []string         // account/container
	copyFault  error
	turn       func(*airlock.Blob, *airlock.Copied) // what becomes of a copy, nil: what was asked for
	read       int                                  // how often bytes were read
	hash       func(ctx context.Context, name string, p airlock.HashProgress) (airlock.HashProgress, string, error)
	linked     int
	tags       map[string]airlock.ScanTag // of every container, by name of the blob
	tagFault   error
	tagLooks   int
	texts      texts
}

func (s *storage) ScanTags(context.Context, airlock.Container) (map[string]airlock.ScanTag, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tagLooks++
	return maps.Clone(s.tags), s.tagFault
}

func (s *storage) CreateContainer(context.Context, airlock.Container) error { return nil }

func (s *storage) DeleteContainer(_ context.Context, c airlock.Container, _ time.Time) (airlock.Removal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.faults[c.String()]; err != nil {
		return "", err
	}
	s.deleted = append(s.deleted, c.String())
	return airlock.Removed, nil
}

func (s *storage) List(_ context.Context, c airlock.Container, _ int) ([]airlock.Blob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.blobs[c]), nil
}

// sum is a checksum; all bytes here have 7, as storage tells it and as read.
func sum(n airlock.CRC64) *airlock.CRC64 { return &n }

func (s *storage) Copy(_ context.Context, o airlock.CopyOrder, p airlock.CopyProgress) (airlock.CopyProgress, airlock.Copied, error) {
	if s.copyFault != nil {
		return p, airlock.Copied{}, s.copyFault
	}
	b := airlock.Blob{Name: o.Name, Size: o.Size, ETag: "c" + o.SourceETag, Source: o.SourceETag}
	c := airlock.Copied{ETag: b.ETag, CRC64: sum(7), Made: true}
	if s.turn != nil {
		s.turn(&b, &c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[o.To] = append(slices.DeleteFunc(s.blobs[o.To], func(old airlock.Blob) bool { return old.Name == b.Name }), b)
	return p, c, nil
}

func (s *storage) Hash(ctx context.Context, _ airlock.Container, name string, _ int64, p airlock.HashProgress) (airlock.HashProgress, string, error) {
	s.mu.Lock()
	s.read++
	s.mu.Unlock()
	if s.hash != nil {
		return s.hash(ctx, name, p)
	}
	p.CRC64 = *sum(7)
	return p, "ab", nil
}

func (s *storage) FileLink(_ context.Context, _ airlock.Container, name string, from, expiry time.Time) (string, error) {
	return fmt.Sprintf("https://link.example/%s?from=%d&until=%d", name, from.Unix(), expiry.Unix()), nil
}

func (s *storage) Link(_ context.Context, _ airlock.Container, p airlock.Permission, from, expiry time.Time) (string, error) {
	s.linked++
	return "https://link?sp=" + p.String() + "&st=" + from.Format(time.RFC3339) + "&se=" + expiry.Format(time.RFC3339), nil
}

func (s *storage) Containers(_ context.Context, account string) iter.Seq2[airlock.ContainerInfo, error] {
	return func(yield func(airlock.ContainerInfo, error) bool) {
		for _, c := range s.containers[account] {
			if !yield(c, nil) {
				return
			}
		}
		if err := s.faults[account]; err != nil {
			yield(airlock.ContainerInfo{}, err)
		}
	}
}

// archive is the evidence account.
type archive struct {
	mu     sync.Mutex
	items  map[string]string // by container/name
	faults map[string]error  // by container/name
}

func (a *archive) Append(ctx context.Context, container, name string, body []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := container + "/" + name
	if err := errors.Join(ctx.Err(), a.faults[at]); err != nil {
		return err
	}
	if was, there := a.items[at]; there && was != string(body) {
		return airlock.ErrImmutable
	}
	a.items[at] = string(body)
	return nil
}

func (a *archive) Read(_ context.Context, container, name string) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, there := a.items[container+"/"+name]
	if !there {
		return nil, airlock.ErrGone
	}
	return []byte(body), nil
}

func (a *archive) Names(_ context.Context, container, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range a.names(container + "/" + prefix) {
			if !yield(strings.TrimPrefix(name, container+"/"), nil) {
				return
			}
		}
	}
}

func (a *archive) names(prefix string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(a.items)), func(name string) bool { return !strings.HasPrefix(name, prefix) })
}

// keyring signs with a key of its own.
type keyring struct{ *ecdsa.PrivateKey }

// testKey signs in all tests: making one takes longer than most of them.
var testKey = func() keyring {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return keyring{key}
}()

func (k keyring) Sign(_ context.Context, digest []byte) ([]byte, string, error) {
	r, s, err := ecdsa.Sign(rand.Reader, k.PrivateKey, digest)
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), "key", err
}

func (k keyring) PublicKey(_ context.Context, id string) (*ecdsa.PublicKey, error) {
	if id != "key" {
		return nil, airlock.ErrUnknownKey
	}
	return &k.PrivateKey.PublicKey, nil
}

func (k keyring) PublicKeys(context.Context) ([]airlock.PublicKey, error) {
	return []airlock.PublicKey{{ID: "key", Key: &k.PrivateKey.PublicKey}}, nil
}
