package inspect

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// deflated are streams of all kinds of blocks, with what they give.
func deflated(t testing.TB) map[string][2][]byte {
	dice := rand.New(rand.NewPCG(1, 5))
	noise := make([]byte, 150_000)
	for i := range noise {
		noise[i] = byte(dice.Uint32())
	}
	skewed := make([]byte, 200_000) // long codes
	for i := range skewed {
		skewed[i] = byte(min(250, dice.ExpFloat64()*9))
	}
	out := map[string][2][]byte{}
	for name, plain := range map[string][]byte{"empty": {}, "noise": noise, "skewed": skewed, "short": []byte("abc"), "words": []byte(strings.Repeat("some words and 12,345 more\n", 20_000)), "zeros": make([]byte, 300_000),
		"far": append(append(bytes.Clone(noise[:32<<10]), noise[:32<<10]...), noise[:100]...)} {
		for level, as := range map[int]string{flate.NoCompression: "stored", flate.BestSpeed: "fast", flate.BestCompression: "best", flate.HuffmanOnly: "codes"} {
			var b bytes.Buffer
			w, err := flate.NewWriter(&b, level)
			require.NoError(t, err)
			_, err = w.Write(plain[:len(plain)/2])
			require.NoError(t, err)
			require.NoError(t, w.Flush()) // an empty stored block
			_, err = w.Write(plain[len(plain)/2:])
			require.NoError(t, err)
			require.NoError(t, w.Close())
			out[name+" "+as] = [2][]byte{b.Bytes(), plain}
		}
	}
	return out
}

func TestInflaterGivesWhatWasDeflated(t *testing.T) {
	for name, c := range deflated(t) {
		f, err := newInflater(bytesTape(append(bytes.Clone(c[0]), "behind"...)), inflateState{})
		require.NoError(t, err)
		given, err := io.ReadAll(f)
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(c[1], given), name)
		require.Equal(t, int64(len(c[0])), f.consumed(), name)
	}
}

func TestInflaterGoesOnFromItsStateAtAnyByte(t *testing.T) {
	dice := rand.New(rand.NewPCG(2, 5))
	for name, c := range deflated(t) {
		var given []byte
		r := bytesTape(c[0])
		s := inflateState{}
		for done := false; !done; {
			f, err := newInflater(r, s)
			require.NoError(t, err, name)
			for range dice.IntN(20) {
				b := make([]byte, 1+dice.IntN(1<<dice.IntN(16)))
				n, err := f.Read(b)
				given = append(given, b[:n]...)
				if done = errors.Is(err, io.EOF); done {
					break
				}
				require.NoError(t, err, name)
			}
			kept, err := json.Marshal(f.state())
			require.NoError(t, err)
			s = inflateState{}
			require.NoError(t, json.Unmarshal(kept, &s))
		}
		require.True(t, bytes.Equal(c[1], given), name)
	}
}

// Damaged streams end as the standard library ends them. Nobody there knows deflate64, which ends the same way wherever it is left.
func FuzzInflater(f *testing.F) {
	for _, c := range deflated(f) {
		if len(c[0]) < 4<<10 {
			f.Add(c[0])
		}
	}
	f.Add(farStream(f))
	f.Fuzz(func(t *testing.T, stream []byte) {
		want, fault := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(stream)), 4<<20))
		own, err := newInflater(bytesTape(stream), inflateState{})
		require.NoError(t, err)
		given, err := io.ReadAll(io.LimitReader(own, 4<<20))
		require.Equal(t, fault == nil, err == nil, "%v %v", fault, err)
		if fault == nil {
			require.True(t, bytes.Equal(want, given))
		}
		far, err := newInflater(bytesTape(stream), inflateState{Far: true})
		require.NoError(t, err)
		once, fault := io.ReadAll(io.LimitReader(far, 1<<20))
		var twice []byte
		r := bytesTape(stream)
		s := inflateState{Far: true}
		for err = nil; err == nil && len(twice) < 1<<20; {
			far, again := newInflater(r, s)
			require.NoError(t, again)
			b, n := make([]byte, min(7000, 1<<20-len(twice))), 0
			n, err = far.Read(b)
			twice, s = append(twice, b[:n]...), far.state()
		}
		require.True(t, bytes.Equal(once, twice))
		require.Equal(t, fault != nil, err != nil && !errors.Is(err, io.EOF), "%v %v", fault, err)
	})
}

func BenchmarkInflater(b *testing.B) {
	plain := []byte(strings.Repeat("some words and 12,345 more\n", 20_000))
	dice := rand.New(rand.NewPCG(2, 5))
	for i := range plain {
		if i%7 == 3 {
			plain[i] = byte('0' + dice.IntN(10))
		}
	}
	var z bytes.Buffer
	w, _ := flate.NewWriter(&z, 6)
	_, _ = w.Write(plain)
	_ = w.Close()
	for name, open := range map[string]func() io.Reader{
		"own":      func() io.Reader { f, _ := newInflater(bytesTape(z.Bytes()), inflateState{}); return f },
		"standard": func() io.Reader { return flate.NewReader(bytes.NewReader(z.Bytes())) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				_, _ = io.Copy(io.Discard, open())
			}
		})
	}
}
