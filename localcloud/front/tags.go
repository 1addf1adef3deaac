package front

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"
)

// tagSet is the body of Set Blob Tags and of the answer to Get Blob Tags.
type tagSet struct {
	XMLName xml.Name `xml:"Tags"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

type tag struct{ Key, Value string }

// SetTags gives a blob index tags, in place of those it has; fs.ErrNotExist if it is not there. As in Azure this changes
// neither the blob's ETag nor its time, and it cannot be made to depend on them
// (learn.microsoft.com/rest/api/storageservices/set-blob-tags).
func (b *Backend) SetTags(ctx context.Context, account, container, name string, tags map[string]string) error {
	var set tagSet
	for key, value := range tags {
		set.Tags = append(set.Tags, tag{key, value})
	}
	body, err := xml.Marshal(set)
	if err != nil {
		return err
	}
	path := "/" + container + "/" + escapePath(name)
	header := http.Header{"Content-Type": {"application/xml"}}
	resp, err := b.call(ctx, http.MethodPut, "blob", account, path, "comp=tags&"+b.containerSAS(account, container), header, bytes.NewReader(body))
	return done(resp, err, "tag "+account+path, "")
}
