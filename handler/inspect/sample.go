package inspect

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

const (
	samples     = 64      // of what is beyond the limit
	sampleBytes = 1 << 18 // in each
)

// sampled is a feeder that can look at samples of what is beyond the limit of a file, and
// says at how many.
type sampled interface {
	rest(in *input, from int64) (int, error)
}

// samplePlaces are where the samples of what is beyond an offset begin: at the end, and where
// the file's own bytes say, so that whoever looks again looks there. Each is in one block of
// Cached.
func samplePlaces(src Source, from int64) ([]int64, error) {
	key, err := fileKey(src)
	if err != nil {
		return nil, err
	}
	last := max(from, src.Size()-sampleBytes)
	places := []int64{last}
	for i := range min(samples, (last-from+sampleBytes-1)/sampleBytes) {
		mac := hmac.New(sha256.New, key)
		mac.Write(binary.BigEndian.AppendUint64([]byte("sample"), uint64(i)))
		at := from + int64(binary.BigEndian.Uint64(mac.Sum(nil))>>1)%(last-from)
		if begin := at / blockBytes * blockBytes; at > begin+blockBytes-sampleBytes {
			at = max(from, begin+blockBytes-sampleBytes)
		}
		places = append(places, at)
	}
	slices.Sort(places)
	apart := places[:1]
	for _, at := range places[1:] {
		if at >= apart[len(apart)-1]+sampleBytes || at == last && at > apart[len(apart)-1] {
			apart = append(apart, at)
		}
	}
	return apart, nil
}

// rest of a table is looked at under the headers of its beginning.
func (t *textFeed) rest(in *input, from int64) (int, error) {
	other := &textFeed{Kind: t.Kind, Begun: true, Delimiter: t.Delimiter, Headed: true}
	heads := make([]headerClass, len(t.Table.Columns))
	for i, c := range t.Table.Columns {
		heads[i] = c.Head
	}
	other.Table.begin(heads)
	return other.samples(in, from, t.Wide)
}

// What stands in a sample of these is not known: it is running text.
func (*jsonFeed) rest(in *input, from int64) (int, error)     { return runningText(in, from) }
func (*notebookFeed) rest(in *input, from int64) (int, error) { return runningText(in, from) }
func (*htmlFeed) rest(in *input, from int64) (int, error)     { return runningText(in, from) }
func (*svgFeed) rest(in *input, from int64) (int, error)      { return runningText(in, from) }

func runningText(in *input, from int64) (int, error) {
	return (&textFeed{Kind: "text", Begun: true}).samples(in, from, nil)
}

// samples looks for personal data and secrets in samples of what is beyond the limit. A sample
// begins at the beginning of a line. The numbers of its lines are not known. units is not nil
// for UTF-16.
func (t *textFeed) samples(in *input, from int64, units *wide) (int, error) {
	places, err := samplePlaces(in.src, from)
	if err != nil {
		return 0, err
	}
	found := &collector{}
	quiet := *in
	quiet.found = found
	if units != nil {
		quiet.depth++ // offsets are not those of the file
	}
	b := make([]byte, sampleBytes)
	for i, at := range places {
		if units != nil {
			at &^= 1 // where a letter of two bytes begins
		}
		b = b[:min(sampleBytes, in.src.Size()-at)]
		if err := readAt(in.src, b, at); err != nil {
			return 0, err
		}
		text := b
		if units != nil {
			text, _ = units.decode(b, true)
		}
		if at+int64(len(b)) < in.src.Size() { // the last line may be cut
			if end := bytes.LastIndexByte(text, '\n') + 1; end > 0 {
				text = text[:end]
			}
		}
		first := bytes.IndexByte(text, '\n') + 1
		t.text(&quiet, text[first:], at+int64(first), i == len(places)-1)
	}
	for _, f := range found.Findings {
		if !strings.HasPrefix(f.Rule, "pii.") && !strings.HasPrefix(f.Rule, "secret.") || f.Rule == "pii.unique_rows" {
			continue // shares and counts of a sample say nothing of the table
		}
		extra := f.Count - int64(len(f.Places))
		for i, at := range f.Places {
			at.Line = 0
			f.Count = 1
			if i == 0 {
				f.Count += extra
			}
			in.found.note(f, at)
		}
	}
	return len(places), nil
}
