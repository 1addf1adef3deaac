//go:build unix

package inspect_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/airlock/handler/inspect"
)

// BenchmarkInspect tells how many MiB, or how many entries, a second of processor time is enough for. Wall time says
// nothing on a machine that others use.
func BenchmarkInspect(b *testing.B) {
	csv := []byte(people(200_000, "patient_id,nhs_number,sex,n_visits,sbp,note", func(i int) string {
		return fmt.Sprintf("%d,%s,%s,%d,%d.5,some words", 700_000+i*37, nhsNumber(i%1000), []string{"F", "M"}[i%2], i%30, 100+i%40)
	}))
	var counts strings.Builder
	counts.WriteString("region,year,patients,mean_age,sd\n")
	for i := range 200_000 {
		fmt.Fprintf(&counts, "North,%d,%d,%d.%d,1.%d\n", 2000+i%20, 20+i%500, 30+i%40, i%10, i%100)
	}
	measurements := []byte(people(100_000, "id,taken_on,reading,change,comment", func(i int) string { // of which nothing comes again
		return fmt.Sprintf("%d,%d-%02d-%02d %02d:%02d,%d.%d,-0.%06d,seen by %x", 5_000_000+i*37, 1900+i%125, 1+i%12, 1+i%28, i%24, i%60, i*7919%90_000, i%10, i*7907%1_000_000, i*48271)
	}))
	var prose strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&prose, "2026-01-%02d 10:%02d:%02d INFO model fitted in %d.%d s: AIC %d, see output/Table %d for the rest\n", 1+i%28, i%60, i*7%60, i%90, i%10, i*31%100_000, i%40)
	}
	var records strings.Builder
	records.WriteString("[")
	for i := range 100_000 {
		fmt.Fprintf(&records, "{\"sex\": \"%s\", \"age\": %d, \"town\": \"Some town\", \"value\": [1.5, %d.25, null]},\n", []string{"F", "M"}[i%2], 20+i%50, i)
	}
	var sheet strings.Builder
	sheet.WriteString(`<worksheet><sheetData>`)
	for i := range 60_000 {
		fmt.Fprintf(&sheet, `<row r="%d"><c r="A%d" t="s"><v>%d</v></c><c r="B%d"><v>%d</v></c><c r="C%d"><v>%d.25</v></c></row>`, i+1, i+1, i%10, i+1, i%700, i+1, i)
	}
	entries := make([]string, 0, 20_000)
	for i := range 10_000 {
		entries = append(entries, fmt.Sprintf("folder/file %d.txt", i), "")
	}
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, 6)
	_, _ = w.Write(csv)
	_ = w.Close()
	archive := zipped(b, entries...)
	for name, c := range map[string]struct {
		file    string
		content []byte
		units   float64
		unit    string
		late    bool // a step ends as soon as it can
	}{
		"rows of people":  {"a.csv", csv, float64(len(csv)) / (1 << 20), "MiB/cpu-s", false},
		"counts":          {"b.csv", []byte(counts.String()), float64(counts.Len()) / (1 << 20), "MiB/cpu-s", false},
		"measurements":    {"m.csv", measurements, float64(len(measurements)) / (1 << 20), "MiB/cpu-s", false},
		"lines of a log":  {"a.log", []byte(prose.String()), float64(prose.Len()) / (1 << 20), "MiB/cpu-s", false},
		"gzip":            {"a.csv.gz", z.Bytes(), float64(len(csv)) / (1 << 20), "MiB/cpu-s", false},
		"JSON":            {"a.json", []byte(records.String()), float64(records.Len()) / (1 << 20), "MiB/cpu-s", false},
		"sheet, inflated": {"a.xlsx", zipped(b, "xl/workbook.xml", "<workbook/>", "xl/worksheets/sheet1.xml", sheet.String()), float64(sheet.Len()) / (1 << 20), "MiB/cpu-s", false},
		"zip and files":   {"a.zip", archive, 10_000, "entries/cpu-s", false},
		// The first step reads the whole directory, and one file.
		"zip directory": {"a.zip", archive, 10_000, "entries/cpu-s", true},
	} {
		b.Run(name, func(b *testing.B) {
			before, n := processorTime(), 0
			for b.Loop() {
				f := inspect.NewFile(c.file, int64(len(c.content)), inspect.DefaultLimits())
				_, _ = f.Step(source(c.content), func() bool { return c.late })
				n++
			}
			b.ReportMetric(float64(n)*c.units/(processorTime()-before).Seconds(), c.unit)
		})
	}
}

// processorTime is what the process has used up to now.
func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
