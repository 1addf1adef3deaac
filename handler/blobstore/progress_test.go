package blobstore_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/fault"
)

// seals seals with one key, which handler/keys has the tests of.
type seals string

func (k seals) MAC(_ context.Context, message []byte) (mac []byte, keyID string, err error) {
	h := hmac.New(sha256.New, []byte(k))
	h.Write(message)
	return h.Sum(nil), "one", nil
}

func (k seals) Genuine(ctx context.Context, keyID string, message, mac []byte) (bool, error) {
	own, id, err := k.MAC(ctx, message)
	return id == keyID && hmac.Equal(own, mac), err
}

// makeContainer makes the container that infra/core makes.
var makeContainer = sync.OnceValue(func() error {
	return local.backend.CreateContainer(context.Background(), stateAccount, blobstore.ProgressContainer)
})

func newProgress(t *testing.T) *blobstore.Progress {
	t.Helper()
	require.NoError(t, makeContainer())
	return blobstore.NewProgress(newStore(t), stateAccount, seals("key"))
}

func TestProgressIsKeptAndReplaced(t *testing.T) {
	p := newProgress(t)
	name := uuid.NewString() + "/1/content.json"
	_, _, err := p.Load(t.Context(), name)
	require.ErrorIs(t, err, airlock.ErrGone)
	first, err := p.Save(t.Context(), name, []byte(`{"file":1}`), "")
	require.NoError(t, err)
	_, err = p.Save(t.Context(), name, []byte(`{"file":9}`), "")
	require.ErrorIs(t, err, airlock.ErrStale, "somebody else began")
	body, etag, err := p.Load(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, `{"file":1}`, string(body))
	require.Equal(t, first, etag)

	local.faults.Add(fault.Rule{Op: "PutBlob", Match: name, Do: fault.Lose})
	second, err := p.Save(t.Context(), name, []byte(`{"file":2}`), etag)
	require.NoError(t, err, "a lost answer is our own success")
	require.NotEqual(t, first, second)
	_, err = p.Save(t.Context(), name, []byte(`{"file":3}`), first)
	require.ErrorIs(t, err, airlock.ErrStale)
	_, etag, err = p.Load(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, second, etag)
	require.NoError(t, p.Try(t.Context()))
}

// A progress that somebody else has written could say that files were looked at.
func TestOnlyTheServicesOwnProgressCounts(t *testing.T) {
	p := newProgress(t)
	name, other := uuid.NewString()+"/1/content.json", uuid.NewString()+"/1/content.json"
	write := func(body string) {
		t.Helper()
		require.NoError(t, local.front.Put(t.Context(), stateAccount, blobstore.ProgressContainer, name, "application/json", []byte(body)))
	}
	_, err := p.Save(t.Context(), other, []byte(`{"file":2}`), "")
	require.NoError(t, err)
	elsewhere, _, err := local.backend.Read(t.Context(), stateAccount, blobstore.ProgressContainer, other, 1<<10)
	require.NoError(t, err)
	for what, body := range map[string]string{"without a seal": `{"file":2}`, "a seal of nothing": ".\n{}", "a wrong seal": "one.AAAA\n{}", "no base64": "one.?\n{}",
		"empty": "", "of another request": string(elsewhere)} {
		write(body)
		_, etag, err := p.Load(t.Context(), name)
		requireFault(t, err, airlock.Operator, airlock.StateDamaged)
		require.NotEmpty(t, etag, what)
		_, err = p.Save(t.Context(), name, []byte(`{}`), etag)
		require.NoError(t, err, what)
		body, _, err := p.Load(t.Context(), name)
		require.NoError(t, err, what)
		require.Equal(t, `{}`, string(body))
	}
}
