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
		"Brazil": "390.533.447-05", "Turkey": "10000000146", "Estonia": "37605030299", "Greece": "01013099997", "Switzerland": "756.9217.0769.85", "Romania": "1630615123457", "Czech Republic": "7103192745",
		"Bulgaria": "7523169263", "Iceland": "2201634749", "India": "234123412346", "South Africa": "8001015009087", "USA": "536-22-8726", "Denmark": "211062-5629", "Chile": "12531909-2",
	} {
		csv := "g,national_id\na," + valid + "\n"
		require.Equal(t, []string{"pii.national_id"}, sure(report(t, "a.csv", []byte(csv))), country)
	}
}

func TestIdentityNumbersInRunningText(t *testing.T) {
	for text, rule := range map[string]string{
		"National insurance number AB 12 34 56 C, and more": "pii.nino", "her NI number is AB123456C.": "pii.nino", "Patient SSN: 536-22-8726 attended": "pii.national_id",
	} {
		require.Contains(t, sure(report(t, "a.txt", []byte(text+"\n"))), rule, text)
	}
	for _, text := range []string{"order 536-22-8726 was sent", "SSN 900-22-8726 is none", "AB 12 34 56 CD", "insurance XAB 12 34 56 C"} {
		require.Empty(t, sure(report(t, "a.txt", []byte(text+"\n"))), text)
	}
	require.Equal(t, []string{"pii.nhs_number"}, sure(report(t, "a.json", []byte(`[{"nhs": "943 476 5919"}, {"nhs": "943 476 5870"}]`))), "a column by itself")
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
