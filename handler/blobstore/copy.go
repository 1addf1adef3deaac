package blobstore

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"example.org/airlock/handler/airlock"
)

const (
	copyBlob = "copy blob"
	// copyTry is how long one try of a synchronous copy of up to 256 MiB may take.
	copyTry = 25 * time.Second
	// copyTries bounds the loop of copies that had to be made anew.
	copyTries = 3
)

// Copy makes the destination hold the source's bytes as of o.SourceETag, and
// reads the result back: name, size, mark and ETag are those storage tells after
// the copy. It is create-only and may be repeated at will, also after the source
// was deleted. The client's own metadata does not travel.
//
// Above 256 MiB the copy is asynchronous: the result's Copy is then
// airlock.CopyPending, and calling again tells how it went on. A copy of ours
// that failed or was aborted is removed and made anew.
//
// airlock.ErrGone: the source is not there, and there is no finished copy.
// *airlock.IntegrityError: the source has other bytes, or the destination holds
// something this order did not make; that is left alone.
func (s *Store) Copy(ctx context.Context, o airlock.CopyOrder) (airlock.Blob, error) {
	for range copyTries {
		started := s.startCopy(ctx, o, &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}})
		if started != nil && !mayBeDone(started) {
			return airlock.Blob{}, faultOf(copyBlob, o.To.Account, started)
		}
		made, err := s.Stat(ctx, o.To, o.Name)
		if err != nil && started != nil && errors.Is(err, airlock.ErrGone) {
			return airlock.Blob{}, s.whyNotCopied(ctx, o, started)
		}
		if err != nil {
			return airlock.Blob{}, asTransient(copyBlob, o.To.Account, err)
		}
		if made.Source == o.SourceETag && (made.Copy == airlock.CopyFailed || made.Copy == airlock.CopyAborted) {
			// If it changed, another instance was faster; the next round sees what it made.
			if _, err := s.remove(ctx, o.To, o.Name, made.ETag); err != nil && !mayBeDone(err) {
				return airlock.Blob{}, faultOf(copyBlob, o.To.Account, err)
			}
			continue
		}
		return made, s.judge(ctx, o, made, started != nil)
	}
	return airlock.Blob{}, &airlock.Fault{Kind: airlock.Transient, Code: "CopyFailed", Operation: copyBlob, Account: o.To.Account,
		Err: errors.New("storage keeps giving the copy up")}
}

// startCopy asks for the copy and returns the SDK's own error.
func (s *Store) startCopy(ctx context.Context, o airlock.CopyOrder, destination *blob.AccessConditions) error {
	target, err := s.blob(o.To, o.Name)
	if err != nil {
		return err
	}
	synchronous := o.Size <= s.syncLimit && o.From != o.To
	source, err := s.signedSource(ctx, o, synchronous)
	if err != nil {
		return err
	}
	pinned := &blob.SourceModifiedAccessConditions{SourceIfMatch: quoted(o.SourceETag)}
	metadata := map[string]*string{mark: &o.SourceETag}
	if !synchronous {
		_, err = target.StartCopyFromURL(ctx, source, &blob.StartCopyFromURLOptions{
			Metadata: metadata, SourceModifiedAccessConditions: pinned, AccessConditions: destination})
		return err
	}
	patient := s.retry
	patient.TryTimeout = copyTry
	_, err = target.CopyFromURL(policy.WithRetryOptions(ctx, patient), source, &blob.CopyFromURLOptions{
		Metadata: metadata, SourceModifiedAccessConditions: pinned, BlobAccessConditions: destination})
	return err
}

// signedSource is the URL of the source with a signature that reads this one
// blob, for as long as the copy may take: storage goes on reading the source of
// an asynchronous copy after it has answered.
func (s *Store) signedSource(ctx context.Context, o airlock.CopyOrder, synchronous bool) (string, error) {
	a, err := s.account(o.From.Account)
	if err != nil {
		return "", err
	}
	life := 15 * time.Minute
	if !synchronous {
		life = copyLife(o.Size)
	}
	query, err := s.sign(ctx, a, sas.BlobSignatureValues{Protocol: sas.ProtocolHTTPS, ContainerName: string(o.From.Name), BlobName: o.Name,
		Permissions: (&sas.BlobPermissions{Read: true}).String(), ExpiryTime: s.now().Add(life)})
	if err != nil {
		return "", err
	}
	return a.sourceURL(o.From, o.Name) + "?" + query, nil
}

// copyLife assumes 20 MiB a second, a third of what Azure promises for one blob,
// and an hour in the queue; no copy gets more than a day.
func copyLife(size int64) time.Duration {
	return min(time.Hour+time.Duration(size/(20<<20))*time.Second, 24*time.Hour)
}

// mayBeDone reports whether a refused copy may nevertheless have been made, by a
// try whose answer got lost, by an earlier call, or by another instance.
func mayBeDone(err error) bool {
	var re *azcore.ResponseError
	if !errors.As(err, &re) {
		return false
	}
	return re.StatusCode == http.StatusNotFound || re.StatusCode == http.StatusConflict || re.StatusCode == http.StatusPreconditionFailed
}

// whyNotCopied explains a refusal that left nothing at the destination. Refusals
// end requests, so the source is asked itself: storage answers 404
// CannotVerifyCopySource and 412 for more than one reason.
func (s *Store) whyNotCopied(ctx context.Context, o airlock.CopyOrder, refused error) error {
	source, err := s.Stat(ctx, o.From, o.Name)
	if err != nil {
		return err
	}
	if source.ETag != o.SourceETag {
		return &airlock.IntegrityError{Where: o.From.String(), What: "the source of a copy changed after it was recorded"}
	}
	return faultOf(copyBlob, o.To.Account, refused)
}

// judge decides whether what lies at the destination is the copy ordered.
func (s *Store) judge(ctx context.Context, o airlock.CopyOrder, made airlock.Blob, existed bool) error {
	if made.Source != o.SourceETag {
		return &airlock.IntegrityError{Where: o.To.String(), What: "the destination holds a blob that is not the copy ordered"}
	}
	if made.Copy == airlock.CopyPending {
		return nil
	}
	if made.Size != o.Size {
		return &airlock.IntegrityError{Where: o.To.String(), What: "the copy has another size than its source"}
	}
	if !existed || made.MD5 == "" {
		return nil
	}
	// Found rather than made: the mark alone could have been planted.
	source, err := s.Stat(ctx, o.From, o.Name)
	switch {
	case errors.Is(err, airlock.ErrGone): // deleted after the verified copy
		return nil
	case err != nil:
		return err
	case source.ETag == o.SourceETag && source.MD5 != "" && source.MD5 != made.MD5:
		return &airlock.IntegrityError{Where: o.To.String(), What: "the destination holds other bytes than the source"}
	}
	return nil
}

// asTransient keeps an airlock.ErrGone about the destination from being taken for
// one about the source.
func asTransient(operation, account string, err error) error {
	if !errors.Is(err, airlock.ErrGone) {
		return err
	}
	return &airlock.Fault{Kind: airlock.Transient, Code: "CopyVanished", Operation: operation, Account: account, Err: err}
}
