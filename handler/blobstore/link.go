package blobstore

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"example.org/airlock/handler/airlock"
)

// rights are the permissions of a link in the container.
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
	return s.link(ctx, c, sas.BlobSignatureValues{Permissions: rights(p), StartTime: from.Add(-clockSkew), ExpiryTime: expiry})
}

// FileLink signs a link to read one file of the container and nothing else, as Link. It
// refuses a name that another reader of the link could take for another file's.
func (s *Store) FileLink(ctx context.Context, c airlock.Container, name string, from, expiry time.Time) (string, error) {
	if !addressable(name) {
		return "", &airlock.Fault{Kind: airlock.Permanent, Code: "NameNotAddressable", Operation: "sign", Account: c.Account, Err: errors.New("the name has dot segments")}
	}
	read := sas.BlobPermissions{Read: true}
	return s.link(ctx, c, sas.BlobSignatureValues{BlobName: name, Permissions: read.String(), StartTime: from.Add(-clockSkew), ExpiryTime: expiry})
}

// link signs for the container, or for the blob that v names.
func (s *Store) link(ctx context.Context, c airlock.Container, v sas.BlobSignatureValues) (string, error) {
	a, err := s.account(c.Account)
	if err != nil {
		return "", err
	}
	v.ContainerName = string(c.Name)
	if strings.HasPrefix(s.linkBase, "https:") {
		v.Protocol = sas.ProtocolHTTPS
	}
	query, err := s.sign(ctx, a, v)
	if err != nil {
		return "", err
	}
	path := "/" + string(c.Name)
	if v.BlobName != "" {
		path += "/" + escaped(v.BlobName)
	}
	return strings.ReplaceAll(s.linkBase, "{account}", c.Account) + path + "?" + query, nil
}
