package story_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	. "example.org/airlock/localcloud/story"
)

func TestFilesWithOddNames(t *testing.T) {
	t.Parallel()
	names := []string{"a b.csv", "two  blanks.csv", "100%.csv", "%20%2F.csv", "a#b.csv", "a+b.csv", "what?.csv", "a&b=c.csv", "semi;colon,comma.csv",
		"dir/sub/a.csv", "dir/a.csv", "it's \"quoted\" <x>.csv", "at@$!*()[]{}|^`~.csv", "ünïcödé 日本語 🧬.csv", "data_ﬁ.csv", "no extension",
		strings.Repeat("long", 255) + ".csv"}
	play(t, func(p *Play) {
		var files []File
		for i, name := range names {
			files = append(files, Noise(name, int64(1+i*1000), uint64(i)))
		}
		files = append(files, Bytes("empty.bin", nil), Bytes("dir/empty too", nil))
		p.As(Researcher).Creates(Import).UploadsFiles(files...).Submits()
		p.Eventually(InReview)
		p.As(Manager).Reads().Approves("odd, but fine")
		p.Eventually(Approved)
		p.As(Researcher).Reads().ReadsOneByOne()
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
	})
}

func TestTheSameBaseNameInTwoFolders(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).UploadsFiles(Bytes("a/x.csv", []byte("one")), Bytes("b/x.csv", []byte("two"))).Submits()
		p.Eventually(InReview)
		p.As(Manager).Rejects("no")
		p.Eventually(Rejected)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// severalBlocks is the size of a file that is copied in four blocks, and is too large for the instance that made the
// decision to go on by itself: events carry it.
const severalBlocks = 97 << 20

// A file of several blocks, while answers of storage get lost: a copy that was made is found, and read before it is
// believed.
func TestALargeFileWhoseCopiesLoseTheirAnswers(t *testing.T) {
	t.Parallel()
	playIn(t, "genomics", 6*time.Minute, func(p *Play) {
		p.As(Researcher).Creates(Export).UploadsFiles(Noise("genome.bam", severalBlocks, 7))
		for _, account := range []string{"stalexipgenomics", "stalexapplocal"} {
			for _, op := range []string{"PutBlockFromURL", "PutBlockList"} {
				lose := url.Values{"op": {op}, "match": {account + "/" + p.ID}, "do": {"lose"}}
				p.Holds(p.Cloud.Break(p.Context(), lose) == nil, "no rule set")
			}
		}
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("large")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
	})
}

func TestTheSameBytesWereSeenBefore(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		same := Noise("first.csv", 4097, 4711)
		p.As(Researcher).Creates(Import).UploadsFiles(same).Submits()
		p.Eventually(InReview)
		p.As(Manager).Rejects("once")
		p.Eventually(Rejected)
		earlier := p.ID
		same.Name = "renamed.csv"
		p.As(Researcher2).Creates(Import).UploadsFiles(same, Bytes("other.csv", []byte("other"+p.ID))).Submits()
		p.Eventually(InReview)
		var got struct {
			Files []struct {
				Name string
				Seen []struct{ Request, Status string }
			}
		}
		answer := p.As(Manager).Ask(http.MethodGet, "/workspaces/"+p.WorkspaceID()+"/requests/"+p.ID+"/files?seen=true", nil, nil)
		p.Holds(answer.Into(&got) == nil && len(got.Files) == 2, "no files: %s", answer)
		for _, f := range got.Files {
			told := slices.ContainsFunc(f.Seen, func(s struct{ Request, Status string }) bool { return s.Request == earlier && s.Status == Rejected })
			p.Holds(told == (f.Name == same.Name), "%s was seen in %v", f.Name, f.Seen)
		}
	})
}
