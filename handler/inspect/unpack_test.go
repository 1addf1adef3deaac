package inspect

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash/adler32"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAdlerGoesOnFromASum(t *testing.T) {
	text := bytes.Repeat([]byte("\xffsome text\xfe"), 30_000)
	for _, cut := range []int{0, 1, 5000, 65521, 200_000, len(text)} {
		require.Equal(t, adler32.Checksum(text), adler(adler(1, text[:cut]), text[cut:]), cut)
	}
}

// farText is a text with repetitions further back and longer than deflate can refer to.
func farText() []byte {
	dice := rand.New(rand.NewPCG(5, 64))
	noise := make([]byte, 100)
	for i := range noise {
		noise[i] = byte(dice.Uint32())
	}
	return slices.Concat(noise, make([]byte, 40_000), noise, []byte("region,patients\n"), bytes.Repeat([]byte("x"), 70_000), noise)
}

// farStream is farText as the Python package inflate64 1.0.4 packs it.
func farStream(t testing.TB) []byte {
	b, err := base64.StdEncoding.DecodeString(farPacked)
	require.NoError(t, err)
	return b
}

const farPacked = "7cGxioJgAADga5JsaBCRFmuIILwpDDIQWv7hf4AIGoJT42jJ667hF5KgIaG22ipodBKJCiEHkcAIfIFaooLAIWpoLLgX6fvSkQtStgLibEqL7mOO5/UZOMIzarjSepihmxGM1yDf7cG7g52v5IrUTvNOgoiXZZDDJrMk6xcaTzjVd206O1iIx6IfmEurtIGvQ4qXFJUH7vDjzcMpHbkgZSsgzqa06D7meF6fgSM8o4YrrYcZuhnBeA3y3R68O9j5Sq5I7TTvJIh4WQY5bDJLsn6h8YRTfdems4OFeCz6gbm0Shv4OqR4SVF54A5/q981uf7589WsVevNPxy97/+hd1yEdOSClK2AOJvSovuY43l9Bo7wjBqutB5m6GYE4zXId3vw7mDnK7kitdO8kyDiZRnksMksyfqFxhNO9V2bzg4W4rHoB+bSKm3g65DiJUXlgTv8Bw=="

func packedStreams(t testing.TB) map[string][3][]byte {
	out := map[string][3][]byte{}
	for name, c := range deflated(t) {
		var g, z bytes.Buffer
		for _, part := range [][]byte{c[1][:len(c[1])/3], c[1][len(c[1])/3:]} {
			w := gzip.NewWriter(&g)
			w.Name, w.Comment, w.Extra = "a.csv", "made by hand", []byte("more")
			_, err := w.Write(part)
			require.NoError(t, err)
			require.NoError(t, w.Close())
		}
		w := zlib.NewWriter(&z)
		_, err := w.Write(c[1])
		require.NoError(t, err)
		require.NoError(t, w.Close())
		out["gzip "+name] = [3][]byte{[]byte("gzip"), g.Bytes(), c[1]}
		out["zlib "+name] = [3][]byte{[]byte("zlib"), z.Bytes(), c[1]}
	}
	rows, err := os.ReadFile("testdata/samples/rows.csv.bz2")
	require.NoError(t, err)
	plain, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(bytes.TrimSuffix(rows, []byte("rows behind")))))
	require.NoError(t, err)
	out["deflate64 far"] = [3][]byte{[]byte("deflate64"), farStream(t), farText()}
	out["bzip2 rows"] = [3][]byte{[]byte("bzip2"), rows, plain}
	return out
}

func TestStreamsGoOnFromTheirStateAtAnyByte(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 5))
	for name, c := range packedStreams(t) {
		r := bytesTape(c[1])
		var kept json.RawMessage
		given := 0
		for done := false; !done; {
			d, err := openDecoder(&input{}, string(c[0]), r, kept)
			require.NoError(t, err, name)
			back := d.mark()
			lost := make([]byte, dice.IntN(40_000))
			_, err = io.ReadFull(d, lost)
			if err == nil {
				d.rewind(back)
			} else {
				d, err = openDecoder(&input{}, string(c[0]), r, nil)
				require.NoError(t, err)
				d.rewind(back)
			}
			for range 1 + dice.IntN(20) {
				b := make([]byte, 1+dice.IntN(1+len(c[2])/4))
				n, err := d.Read(b)
				require.True(t, bytes.Equal(c[2][given:given+n], b[:n]), name)
				given += n
				if done = errors.Is(err, io.EOF); done {
					break
				}
				require.NoError(t, err, name)
			}
			kept, err = d.keep()
			require.NoError(t, err)
		}
		require.Len(t, c[2], given, name)
	}
}

// Damaged streams end with an error, as the standard library ends them; but bytes behind the last stream are no damage here.
func FuzzBunzipper(f *testing.F) {
	rows, err := os.ReadFile("testdata/samples/rows.csv.bz2")
	require.NoError(f, err)
	f.Add(rows)
	f.Add([]byte("BZh11AY&SY\x00"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		want, fault := io.ReadAll(io.LimitReader(bzip2.NewReader(bytes.NewReader(stream)), 2<<20))
		given, err := io.ReadAll(io.LimitReader(newBunzipper(bytesTape(stream), bunzipState{}), 2<<20))
		if fault == nil {
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, given))
		}
		require.True(t, bytes.HasPrefix(given, want) || len(given) < len(want))
	})
}
