package inspect_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Numbers that the issuers publish as examples, or that stand in the descriptions
// of the check digits; each column repeats one number and its neighbours.
func TestNationalNumbersAreFoundByTheirCheckDigits(t *testing.T) {
	for country, valid := range map[string]string{
		"Ireland": "1234567FA", "France": "255081416802538", "Germany": "86095742719", "Spain": "12345678Z", "Italy": "RSSMRA85T10A562S", "Netherlands": "111222333", "Sweden": "8112189876",
		"Norway": "17054026641", "Finland": "131052-308T", "Poland": "44051401458", "Belgium": "85073003328", "Portugal": "123456789", "Australia": "123456782", "New Zealand": "ZZZ0016", "Canada": "130692544",
	} {
		csv := "g,national_id\na," + valid + "\n"
		require.Equal(t, []string{"pii.national_id"}, sure(report(t, "a.csv", []byte(csv))), country)
	}
}

func TestRandomNumbersAreNoNationalNumbers(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 5))
	for digits := 7; digits <= 15; digits++ {
		var b strings.Builder
		b.WriteString("region,value\n")
		for i := range 100 {
			fmt.Fprintf(&b, "R%d,%0*d\n", i, digits, dice.Int64N(pow10(digits)))
		}
		for _, rule := range sure(report(t, "a.csv", []byte(b.String()))) {
			require.NotContains(t, rule, "pii.", "%d digits", digits)
		}
	}
}

func pow10(n int) int64 {
	out := int64(1)
	for range n {
		out *= 10
	}
	return out
}
