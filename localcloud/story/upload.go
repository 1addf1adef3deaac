package story

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// link is a container URL with its signature, as the API hands it out.
type link string

// blob is the URL of a blob in the container; extra is added to the query.
func (l link) blob(name, extra string) string {
	base, signature, _ := strings.Cut(string(l), "?")
	return base + "/" + escape(name) + "?" + extra + signature
}

// escape writes a blob name into a URL: slashes stay, everything else but letters, digits and -._~ is escaped.
func escape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// transferLimit is for one call that carries data.
const transferLimit = 2 * time.Minute

// storage makes one call with a link. body may be nil; the caller closes the answer.
func (c *Cloud) storage(ctx context.Context, method, address string, header http.Header, size int64, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("x-ms-version", "2021-12-02")
	req.ContentLength = size
	if size == 0 {
		req.Body = http.NoBody
	}
	resp, err := c.client.Do(req)
	if err != nil {
		// The address has a signature in it, which belongs into no log.
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err
		}
		return nil, fmt.Errorf("%s with a link: %w", method, err)
	}
	return resp, nil
}

// status makes a call with a link of which only the status matters.
func (c *Cloud) status(ctx context.Context, method, address string, header http.Header, size int64, body io.Reader) (int, string, error) {
	ctx, cancel := context.WithTimeout(ctx, transferLimit)
	defer cancel()
	resp, err := c.storage(ctx, method, address, header, size, body)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Header.Get("x-ms-error-code"), nil
}

// blockSize is the part of a large file that one call carries; smaller files take one call.
const blockSize = 64 << 20

// put uploads a file with a link: one Put Blob, or blocks and their list.
func (c *Cloud) put(ctx context.Context, to link, f File) (status int, code string, err error) {
	said := f.Said.Clone()
	if said == nil {
		said = http.Header{}
	}
	if f.Size <= blockSize {
		said.Set("x-ms-blob-type", "BlockBlob")
		return c.status(ctx, http.MethodPut, to.blob(f.Name, ""), said, f.Size, f.Open())
	}
	var list strings.Builder
	source := f.Open()
	for at := int64(0); at < f.Size; at += blockSize {
		id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%012d", at))
		size := min(blockSize, f.Size-at)
		status, code, err = c.status(ctx, http.MethodPut, to.blob(f.Name, "comp=block&blockid="+url.QueryEscape(id)+"&"), nil, size, io.LimitReader(source, size))
		if err != nil || status != http.StatusCreated {
			return status, code, err
		}
		list.WriteString("<Latest>" + id + "</Latest>")
	}
	body := `<?xml version="1.0" encoding="utf-8"?><BlockList>` + list.String() + `</BlockList>`
	return c.status(ctx, http.MethodPut, to.blob(f.Name, "comp=blocklist&"), said, int64(len(body)), strings.NewReader(body))
}

// listed returns the names in the link's container, or the status that was answered instead of 200.
func (c *Cloud) listed(ctx context.Context, l link) (names []string, status int, err error) {
	marker := ""
	for {
		var page struct {
			Names []string `xml:"Blobs>Blob>Name"`
			Next  string   `xml:"NextMarker"`
		}
		resp, err := c.storage(ctx, http.MethodGet, string(l)+"&restype=container&comp=list&marker="+url.QueryEscape(marker), nil, 0, nil)
		if err != nil {
			return nil, 0, err
		}
		if resp.StatusCode == http.StatusOK {
			err = xml.NewDecoder(resp.Body).Decode(&page)
		}
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return nil, resp.StatusCode, err
		}
		names = append(names, page.Names...)
		if marker = page.Next; marker == "" {
			return names, http.StatusOK, nil
		}
	}
}

// fetched downloads a blob and returns its hash and size.
func (c *Cloud) fetched(ctx context.Context, l link, name string) (sum string, size int64, status int, err error) {
	return c.fetchedFrom(ctx, l.blob(name, ""))
}

// fetchedFrom is fetched for the address of a blob.
func (c *Cloud) fetchedFrom(ctx context.Context, address string) (sum string, size int64, status int, err error) {
	resp, err := c.storage(ctx, http.MethodGet, address, nil, 0, nil)
	if err != nil {
		return "", 0, 0, err
	}
	defer resp.Body.Close()
	counted := &counter{Reader: resp.Body}
	sum = hashOf(counted)
	return sum, counted.n, resp.StatusCode, counted.err
}

// counter counts the bytes read and keeps the error that hashing would hide.
type counter struct {
	io.Reader
	n   int64
	err error
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
