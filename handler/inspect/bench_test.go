package inspect_test

import (
	"fmt"
	"testing"
)

func BenchmarkCSV(b *testing.B) {
	content := []byte(people(200_000, "patient_id,nhs_number,sex,n_visits,sbp,note", func(i int) string {
		return fmt.Sprintf("%d,%s,%s,%d,%d.5,some words", 700_000+i*37, nhsNumber(i%1000), []string{"F", "M"}[i%2], i%30, 100+i%40)
	}))
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		report(b, "a.csv", content)
	}
}
