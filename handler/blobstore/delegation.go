package blobstore

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"example.org/airlock/handler/airlock"
)

const (
	// keyLife is how long a delegation key is asked for, if nothing needs it longer.
	keyLife = 6 * time.Hour
	// keySlack is how long a key must live beyond the signature made with it. It
	// also lets a new key serve the next links of the longest life.
	keySlack = time.Hour
	// keyLimit is Azure's limit for a key's life
	// (learn.microsoft.com/rest/api/storageservices/get-user-delegation-key).
	keyLimit = 7*24*time.Hour - time.Hour
	// clockSkew is how far behind ours Azure's clock may be (the advice of
	// learn.microsoft.com/azure/storage/common/storage-sas-overview).
	clockSkew = 15 * time.Minute
)

// delegation is the cached user delegation key of one account. A new key does
// not end the old one: signatures made with it work until they expire.
type delegation struct {
	turn chan struct{} // held while the key is looked at or fetched: one fetch at a time
	key  *service.UserDelegationCredential
	ends time.Time
}

func newDelegation() delegation { return delegation{turn: make(chan struct{}, 1)} }

// delegationKey returns a key that outlives until, and when it ends. It calls
// storage only when the cached one does not.
func (s *Store) delegationKey(ctx context.Context, a *account, until time.Time) (*service.UserDelegationCredential, error) {
	const operation = "get delegation key"
	d := &a.key
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, faultOf(operation, a.name, ctx.Err())
	}
	now := s.now().UTC().Truncate(time.Second) // as precise as a signature
	if d.key != nil && !until.After(d.ends) && d.ends.Sub(now) > keySlack/2 {
		return d.key, nil
	}
	ends := now.Add(keyLife)
	if needed := until.UTC().Add(keySlack); needed.After(ends) {
		ends = needed
	}
	if ends.Sub(now) > keyLimit {
		return nil, &airlock.Fault{Kind: airlock.Permanent, Code: "SignatureTooLong", Operation: operation, Account: a.name,
			Err: errors.New("no delegation key lives longer than a week")}
	}
	key, err := a.client.GetUserDelegationCredential(ctx, service.KeyInfo{
		Start: to.Ptr(now.Add(-clockSkew).Format(sas.TimeFormat)), Expiry: to.Ptr(ends.Format(sas.TimeFormat))}, nil)
	if err != nil {
		return nil, faultOf(operation, a.name, err)
	}
	d.key, d.ends = key, ends
	return key, nil
}

// sign returns the query of a signature on a container, or on one blob of it. One
// without a start begins now.
func (s *Store) sign(ctx context.Context, a *account, v sas.BlobSignatureValues) (string, error) {
	// azblob 1.8.0 prints any zone's time with a Z behind it.
	if v.StartTime.IsZero() {
		v.StartTime = s.now().Add(-clockSkew)
	}
	v.StartTime, v.ExpiryTime = v.StartTime.UTC(), v.ExpiryTime.UTC()
	key, err := s.delegationKey(ctx, a, v.ExpiryTime)
	if err != nil {
		return "", err
	}
	query, err := v.SignWithUserDelegation(key)
	if err != nil {
		return "", faultOf("sign", a.name, err)
	}
	return query.Encode(), nil
}
