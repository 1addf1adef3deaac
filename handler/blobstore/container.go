package blobstore

import (
	"context"
	"iter"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"example.org/airlock/handler/airlock"
)

// CreateContainer makes sure the container exists. A container of that name
// that is still being deleted is a transient fault: Azure takes about half a
// minute to free the name.
func (s *Store) CreateContainer(ctx context.Context, c airlock.Container) error {
	client, err := s.container(c.Account, string(c.Name))
	if err != nil {
		return err
	}
	_, err = client.Create(ctx, nil)
	if err == nil || bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
		return nil
	}
	return faultOf("create container", c.Account, err)
}

// DeleteContainer makes sure that the container as it was at asOf does not
// exist, and says what became of it. One that is being deleted already is as good as gone, nobody can read
// it any more. One that was made or changed after asOf (whole seconds) is another
// container of the same name: it stays, so that a call which
// was held up on its way cannot take away what was made since
// (learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations).
func (s *Store) DeleteContainer(ctx context.Context, c airlock.Container, asOf time.Time) (airlock.Removal, error) {
	client, err := s.container(c.Account, string(c.Name))
	if err != nil {
		return "", err
	}
	asOf = asOf.UTC() // the SDK prints other zones as they are
	_, err = client.Delete(ctx, &container.DeleteOptions{AccessConditions: &container.AccessConditions{
		ModifiedAccessConditions: &container.ModifiedAccessConditions{IfUnmodifiedSince: &asOf}}})
	switch {
	case err == nil, bloberror.HasCode(err, bloberror.ContainerBeingDeleted):
		return airlock.Removed, nil
	case isGone(err):
		return airlock.Absent, nil
	case bloberror.HasCode(err, bloberror.ConditionNotMet):
		return airlock.Kept, nil
	}
	return "", faultOf("delete container", c.Account, err)
}

// Containers yields the containers of an account with their last change, page
// by page. It ends with the first error.
func (s *Store) Containers(ctx context.Context, account string) iter.Seq2[airlock.ContainerInfo, error] {
	return func(yield func(airlock.ContainerInfo, error) bool) {
		a, err := s.account(account)
		if err != nil {
			yield(airlock.ContainerInfo{}, err)
			return
		}
		pager := a.client.NewListContainersPager(&service.ListContainersOptions{MaxResults: &s.pageSize})
		for pager.More() {
			page, err := pager.NextPage(ctx)
			if err != nil {
				yield(airlock.ContainerInfo{}, goneOr("list containers", account, err))
				return
			}
			for _, item := range page.ContainerItems {
				info := airlock.ContainerInfo{Name: deref(item.Name)}
				if item.Properties != nil {
					info.Changed = deref(item.Properties.LastModified)
				}
				if !yield(info, nil) {
					return
				}
			}
		}
	}
}

// deref is *p, or the zero value where storage did not say.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
