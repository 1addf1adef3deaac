package inspect_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// What is beyond the limit is looked at in samples: people in it are found, with places that lead to them, and again at the
// same places when somebody looks again.
func TestBeyondTheLimitSamplesAreLookedAt(t *testing.T) {
	var b strings.Builder
	b.WriteString("region,patients,contact\n")
	for b.Len() < 4<<20 {
		contact := "none"
		if b.Len() > 1<<20 {
			contact = fmt.Sprintf("ann.lee%d"+"@gmail.com", b.Len())
		}
		fmt.Fprintf(&b, "North,%d,%s\n", 1000+b.Len()%5, contact)
	}
	content := []byte(b.String())
	limits := inspect.DefaultLimits().UpTo(300_000)
	look := func(content []byte, late func() bool) inspect.Report {
		f := inspect.NewFile("a.csv", int64(len(content)), limits)
		for done := false; !done; {
			var err error
			done, err = f.Step(source(content), late)
			require.NoError(t, err)
		}
		require.True(t, f.Report().Plausible())
		return f.Report()
	}
	r := look(content, func() bool { return false })
	found := map[string]inspect.Finding{}
	for _, f := range r.Findings {
		found[f.Rule] = f
	}
	require.Positive(t, found["uncheckable.size"].Facts["samples"])
	require.Contains(t, found, "pii.email")
	for _, at := range found["pii.email"].Places {
		require.Zero(t, at.Line)
		require.Contains(t, string(content[at.Offset:at.Offset+at.Length]), "@")
	}
	again, err := json.Marshal(look(content, func() bool { return true }))
	require.NoError(t, err)
	whole, err := json.Marshal(r)
	require.NoError(t, err)
	require.Equal(t, string(whole), string(again))
	require.NotContains(t, rulesOf(look([]byte(strings.ReplaceAll(b.String(), "@", "x")), func() bool { return false })), "pii.email")
}

// Whatever is a text is looked at in samples: tables of two bytes a letter, at odd limits too, and formats that
// are no tables.
func TestSamplesAreOfAllTexts(t *testing.T) {
	var rows, objects, words strings.Builder
	rows.WriteString("region,patients,contact\n")
	objects.WriteString(`{"rows": [`)
	for i := range 40_000 {
		contact := "none"
		if i > 8_000 {
			contact = fmt.Sprintf("ann.lee%d"+"@gmail.com", i)
		}
		fmt.Fprintf(&rows, "North,%d,%s\n", 1000+i%5, contact)
		fmt.Fprintf(&objects, `{"region": "North", "contact": "%s"},`, contact)
		fmt.Fprintf(&words, "<p>North, %s</p>\n", contact)
	}
	big := utf16le(rows.String())
	for i := 0; i < len(big); i += 2 {
		big[i], big[i+1] = big[i+1], big[i]
	}
	notebook := `{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x", "outputs": [{"text": "` + strings.ReplaceAll(words.String(), "\n", `\n`) + `"}]}]}`
	for name, content := range map[string]string{
		"a.csv": string(utf16le(rows.String())), "b.csv": string(big), "a.txt": string(utf16le(words.String())), "a.json": objects.String() + "null]}",
		"a.html": "<!DOCTYPE html><html><body>" + words.String(), "a.svg": `<svg xmlns="http://www.w3.org/2000/svg">` + words.String() + "</svg>", "a.ipynb": notebook,
	} {
		for _, limit := range []int64{200_000, 200_001} {
			f := inspect.NewFile(name, int64(len(content)), inspect.DefaultLimits().UpTo(limit))
			done, err := f.Step(source([]byte(content)), func() bool { return false })
			require.NoError(t, err)
			require.True(t, done)
			require.True(t, f.Report().Plausible(), name)
			require.True(t, surelyFound(f.Report())["pii.email"], "%s up to %d", name, limit)
			for _, found := range f.Report().Findings {
				require.False(t, found.Rule == "uncheckable.size" && found.Facts["samples"] == 0, name)
				require.False(t, found.Rule == "uncheckable.unknown", name)
			}
		}
	}
}

// countingRows counts what is read of a file without end.
type countingRows struct {
	endlessRows
	reads *int
}

func (c countingRows) ReadAt(b []byte, offset int64) (int, error) {
	*c.reads++
	return c.endlessRows.ReadAt(b, offset)
}

func TestSamplesOfALargeFileAreFew(t *testing.T) {
	reads := 0
	src := countingRows{endlessRows{[]byte("North,1200,some words\n"), 500 << 20}, &reads} // 10 GiB
	f := inspect.NewFile("a.csv", src.Size(), inspect.DefaultLimits().UpTo(4<<20))
	done, err := f.Step(inspect.Cached(src), func() bool { return false })
	require.NoError(t, err)
	require.True(t, done)
	require.LessOrEqual(t, reads, 75, "four for the beginning and the key, and one for each sample")
	require.Contains(t, rulesOf(f.Report()), "uncheckable.size")
}
