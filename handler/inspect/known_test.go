package inspect

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFactsAreKnownOfTheTextAlone(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 7))
	k := new(known)
	texts := []string{"", "0", "00", "000", "0\x00", "\x00", "12 (3.4%)", "<5", "NA", "943 476 5919", "a@nhs.uk", "Élan Valley", "longer than any that is kept"}
	for range 20_000 { // more than are kept, of few bytes, so that they come again
		text := make([]byte, dice.IntN(18))
		for i := range text {
			text[i] = "0019.-a\x00"[dice.IntN(8)]
		}
		texts = append(texts, string(text))
	}
	for range 2 {
		for _, text := range texts {
			require.Equal(t, factsOf(text), k.of(text), "%q", text)
		}
	}
}

func TestNumbersOfTables(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "007": 7, "12.50": 12.5, "-3.25": -3.25, "+4": 4, "-.5": -.5, "5.": 5, "1,234": 1234, "-1,234,567.5": -1234567.5, "2e3": 2000, "-2E-3": -0.002, "1,23": 1.23, "+1.5e+2": 150,
		"0.1234567890123456": 0.1234567890123456, "123456789012345678": 123456789012345678, "999999999999999999": 999999999999999999, "1234567890123456789": 1234567890123456789, "12.34567890123456": 12.34567890123456, "1,234.5": 1234.5, "-1,5": -1.5,
	} {
		v, ok := numberOf(text)
		require.True(t, ok, text)
		require.InDelta(t, want, v, 0, text)
	}
	for _, text := range []string{"", "-", ".", "--1", "1-2", "2020-01-02", "1.2.3", "12,34,567", "1e", "e5", "1e5.3", "1e+-5", "0x1F", "1_000", "Inf", "NaN", "1e400", "5 ", "½"} {
		_, ok := numberOf(text)
		require.False(t, ok, text)
	}
}

func TestBeginningsOfTokensAreAByte(t *testing.T) {
	require.LessOrEqual(t, len(tokenStarts), 256)
}

func TestEachPhraseOfModelsHasAPairOfLetters(t *testing.T) {
	for _, p := range modelPhrases {
		require.True(t, mayBeSummary([]byte(p.before+p.after+" 7")), p)
		require.True(t, mayBeSummary([]byte("7 "+strings.ToUpper(p.before+p.after))), p)
	}
}
