package blobstore

import (
	"context"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"example.org/airlock/handler/airlock"
)

// rights are what a link lets its holder do in the container.
func rights(p airlock.Permission) string {
	r := sas.ContainerPermissions{Read: true, List: true}
	if p == airlock.LinkWrite {
		r.Create, r.Write, r.Delete = true, true, true
	}
	return r.String()
}

// Link signs a link to the container that works from a moment on until expiry (cut
// to whole seconds). The same arguments give the same link while the account's
// delegation key is cached, and storage is called only when no cached key lives
// that long. The link is a secret: it must not be logged.
func (s *Store) Link(ctx context.Context, c airlock.Container, p airlock.Permission, from, expiry time.Time) (string, error) {
	a, err := s.account(c.Account)
	if err != nil {
		return "", err
	}
	v := sas.BlobSignatureValues{ContainerName: string(c.Name), Permissions: rights(p), StartTime: from.Add(-clockSkew), ExpiryTime: expiry}
	if strings.HasPrefix(s.linkBase, "https:") {
		v.Protocol = sas.ProtocolHTTPS
	}
	query, err := s.sign(ctx, a, v)
	if err != nil {
		return "", err
	}
	return strings.ReplaceAll(s.linkBase, "{account}", c.Account) + "/" + string(c.Name) + "?" + query, nil
}
