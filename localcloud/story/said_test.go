package story_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	. "example.org/airlock/localcloud/story"
)

// zipped is a gzip of body whose header has an extra field of n bytes.
func zipped(body []byte, n int) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Extra = make([]byte, n)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// Whatever an uploader says of the bytes, the bytes themselves are hashed, reviewed and released.
func TestFilesThatAreSaidToBeCompressed(t *testing.T) {
	t.Parallel()
	playIn(t, "genomics", 6*time.Minute, func(p *Play) {
		noise, err := io.ReadAll(Noise("", 66<<20, 3).Open())
		p.Holds(err == nil, "%v", err)
		said := func(name string, body []byte, encoding string) File {
			return Bytes(name, body).SaidToBe("x-ms-blob-content-encoding", encoding)
		}
		files := []File{
			said("small.csv.gz", zipped([]byte("id,value\n1,2\n"), 0), "gzip"),
			said("plain.csv", []byte("id,value\n1,2\n"), "gzip"),
			said("cut.gz", zipped(noise[:1<<20], 0)[:1<<19], "gzip"),
			said("extra.gz", zipped(data, 60_000), "gzip"),
			said("large.gz", zipped(noise, 0), "gzip"),
			said("deflate.csv", data, "deflate"),
			said("nothing.gz", nil, "gzip"),
		}
		p.As(Researcher).Creates(Import).UploadsFiles(files...).Submits()
		p.Eventually(InReview)
		p.As(Manager).Reads().Approves("as stored")
		p.Eventually(Approved)
		p.As(Researcher).Reads()
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
		for _, f := range p.Now().Files {
			for _, up := range files {
				p.Holds(f.Name != up.Name || f.SHA256 == up.SHA256(), "%s is on record with SHA-256 %s", f.Name, f.SHA256)
			}
		}
		receipted(p)
		told, ok := compares(t, p)
		p.Holds(ok, "airlock-verify says:\n%s", told)
	})
}

// Headers and metadata can carry as much as a file. None of it comes along, at no stage, and none of it is a fact.
func TestWhatIsSaidOfAFileStaysBehind(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("patient 4711, ", n/14+1)[:n] }
	wrong := md5.Sum([]byte("another file"))
	say := func(f File) File {
		for header, n := range map[string]int{"x-ms-blob-content-disposition": 2000, "x-ms-blob-content-language": 300, "x-ms-blob-cache-control": 1000,
			"x-ms-blob-content-type": 300, "x-ms-blob-content-encoding": 300, "x-ms-meta-note": 2000, "x-ms-meta-airlocksource": 20} {
			f = f.SaidToBe(header, long(n))
		}
		return f
	}
	for _, end := range []string{Approved, Rejected, BlockedByScan} {
		playIn(t, "genomics", 6*time.Minute, func(p *Play) {
			p.As(Researcher).Creates(Export).UploadsFiles(say(Bytes("small.csv", data)))
			if end == Approved {
				// Above one block a file is committed with a list, and there its MD5 may be said to be anything.
				p.As(Researcher).UploadsFiles(say(Noise("large.bin", 65<<20, 4)).SaidToBe("x-ms-blob-content-md5", base64.StdEncoding.EncodeToString(wrong[:])))
			}
			if end == BlockedByScan {
				verdict(p, "malicious")
			}
			p.As(Researcher).Submits()
			if end != BlockedByScan {
				p.Eventually(InReview)
				p.BytesLieWhereTheyBelong()
				if end == Approved {
					p.As(Manager).Approves("fine")
				} else {
					p.As(Manager).Rejects("no")
				}
			}
			p.Eventually(end)
			p.BytesLieWhereTheyBelong().TrailVerifies()
			answer := p.As(Manager).Ask(http.MethodGet, "/workspaces/"+p.WorkspaceID()+"/requests/"+p.ID+"/history", nil, nil)
			for _, word := range []string{"patient", "md5", base64.StdEncoding.EncodeToString(wrong[:])} {
				p.Holds(!strings.Contains(string(answer.Body), word), "the trail says %q", word)
			}
		})
	}
}
