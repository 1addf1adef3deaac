package blobstore

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"example.org/airlock/handler/airlock"
)

// The doctor's questions. They go to a container that never exists, so that an
// answer "not found" means that the identity may do it and nothing was changed:
// storage judges the permission first.

const (
	// noContainer is no request's id, so no request has it.
	noContainer = "airlock-doctor"
	noBlob      = "nothing"
	// firstBlock is the id of a block, base64 as storage demands.
	firstBlock = "MDAwMA=="
)

// TryList reports whether the account's containers can be listed.
func (s *Store) TryList(ctx context.Context, account string) error {
	a, err := s.account(account)
	if err != nil {
		return err
	}
	_, err = a.client.NewListContainersPager(&service.ListContainersOptions{MaxResults: to.Ptr(int32(1))}).NextPage(ctx)
	return faultOf("list containers", account, err)
}

// TryWrite reports whether blobs can be written.
func (s *Store) TryWrite(ctx context.Context, account string) error {
	return notThere(s.tryBlock(ctx, account, noContainer))
}

// TryDelete reports whether containers can be deleted.
func (s *Store) TryDelete(ctx context.Context, account string) error {
	client, err := s.container(account, noContainer)
	if err != nil {
		return err
	}
	_, err = client.Delete(ctx, nil)
	return notThere(faultOf("delete container", account, err))
}

// TryTags reports whether index tags can be read.
func (s *Store) TryTags(ctx context.Context, account string) error {
	client, err := s.blob(airlock.Container{Account: account, Name: noContainer}, noBlob)
	if err != nil {
		return err
	}
	_, err = client.GetTags(ctx, nil)
	return notThere(faultOf("read index tags", account, err))
}

// TryLink signs a link as people get it and follows it from here.
func (s *Store) TryLink(ctx context.Context, account string) error {
	const operation = "follow a link"
	link, err := s.Link(ctx, airlock.Container{Account: account, Name: noContainer}, airlock.LinkRead, s.now(), s.now().Add(5*time.Minute))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link+"&restype=container&comp=list&maxresults=1", nil)
	if err != nil {
		return faultOf(operation, account, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return faultOf(operation, account, err)
	}
	defer resp.Body.Close()
	code := resp.Header.Get("x-ms-error-code")
	if code == string(bloberror.ContainerNotFound) {
		return nil
	}
	if code == "" {
		code = "HTTP " + resp.Status
	}
	return &airlock.Fault{Kind: airlock.Operator, Code: code, Operation: operation, Account: account, Err: errors.New("storage refuses the link")}
}

// TryEvidence reports whether a container can be listed, and whether items can be
// added to the account. Items there stay for years, so the trial goes to a container
// that does not exist.
func (e *Evidence) TryEvidence(ctx context.Context, container string) error {
	for _, err := range e.Names(ctx, container, noContainer) {
		if err != nil {
			return err
		}
		break
	}
	return notThere(e.Append(ctx, noContainer, noBlob, []byte{'.'}))
}

// Clock is the account's time, to the second.
func (s *Store) Clock(ctx context.Context, account string) (time.Time, error) {
	a, err := s.account(account)
	if err != nil {
		return time.Time{}, err
	}
	info, err := a.client.GetAccountInfo(ctx, nil)
	return deref(info.Date), faultOf("read the time", account, err)
}

// tryBlock sends one block of a blob that is never committed.
func (s *Store) tryBlock(ctx context.Context, account, name string) error {
	client, err := s.container(account, name)
	if err != nil {
		return err
	}
	_, err = client.NewBlockBlobClient(noBlob).StageBlock(ctx, firstBlock, streaming.NopCloser(bytes.NewReader([]byte{'.'})), nil)
	return faultOf("write a block", account, err)
}

// notThere takes "there is no such container" for the permission that it shows.
func notThere(err error) error {
	fault, ok := errors.AsType[*airlock.Fault](err)
	if ok && (fault.Code == string(bloberror.ContainerNotFound) || fault.Code == string(bloberror.ResourceNotFound) || fault.Code == string(bloberror.BlobNotFound)) {
		return nil
	}
	return err
}
