package inspect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Counts stand in tables without a header, in one column, and in formats that have no table of their own.
func TestTablesThatAreNotLaidOutAsSuch(t *testing.T) {
	const declared = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	three := []string{"sdc.small_count 3-4"}
	for _, c := range []struct {
		name, file, content string
		want                []string
	}{
		{"no header", "a.csv", "North,120\nSouth,3\nEast,85\nWest,97\n", three},
		{"no header, the first small", "a.csv", "North,3\nSouth,120\nEast,85\n", three},
		{"no header, two columns", "a.csv", "North,120,30\nSouth,3,40\nEast,60,70\n", append(three, "sdc.unrounded")},
		{"no header, tabs", "a.tsv", "North\t120\t30\nSouth\t3\t40\nEast\t60\t70\n", append(three, "sdc.unrounded")},
		{"numbers as a header", "a.csv", "smoker,0,1\nno,40,55\nyes,3,20\n", three},
		{"numbers in the order of texts", "a.csv", "spines,10,2,20,3\nabsent,20,40,25,30\npresent,3,20,20,35\n", append(three, "sdc.unrounded")},
		{"years as a header", "a.csv", "region,2019,2020\nNorth,40,3\nSouth,50,60\n", three},
		{"sizes as pandas writes them", "a.csv", "sex,0\nF,120\nM,3\n", three},
		{"one column", "a.csv", "n\n40\n3\n120\n", three},
		{"one column in quotes", "a.csv", "\"patients\"\n\"40\"\n\"3\"\n", three},
		{"one column of means", "a.csv", "mean\n40\n3\n120\n", []string{}},
		{"one column without a name", "a.csv", "40\n3\n120\n", []string{}},
		{"prose", "a.csv", "Some words, and more\nA line of words\nAnother line of them\n", []string{}},
		{"XML of elements", "a.xml", declared + "<data>\n<row><region>North</region><count>3</count></row>\n<row><region>South</region><count>120</count></row>\n</data>", three},
		{"XML of attributes", "a.xml", declared + `<d:data xmlns:d="d"><d:row region="North" count="3"/><d:row region="South" count="120"/></d:data>`, three},
		{"XML of both", "a.xml", `<data><patients region="North">3</patients><patients region="South">120</patients></data>`, three},
		{"a workbook as XML", "a.xml", declared + `<Workbook><Worksheet><Table><Row><Cell><Data>region</Data></Cell><Cell><Data>n</Data></Cell></Row><Row><Cell><Data>North</Data></Cell><Cell><Data>3</Data></Cell></Row></Table></Worksheet></Workbook>`, three},
		{"XML of settings", "a.xml", declared + `<model><layer><size>3</size><name>a</name></layer><rate>5</rate></model>`, []string{}},
		{"XML that is cut", "a.xml", declared + `<data><row><region>North</region><count>3</count></row><row><region>South</region><count>120`, three},
		{"XML of many levels", "a.xml", declared + strings.Repeat("<a>", 500), []string{}},
		{"RTF", "a.rtf", `{\rtf1\ansi{\fonttbl{\f0 Arial;}}\pard Words.\par` + "\n" + `\trowd\cellx1000\cellx2000 region\cell count\cell\row` + "\n" + `\trowd\cellx1000\cellx2000 \b North\b0\cell 3\cell\row\trowd S\'fcd\cell \u49?20\cell\row\pard\par}`, three},
		{"RTF of hidden groups", "a.rtf", `{\rtf1{\*\generator \trowd a\cell n\cell\row b\cell 3\cell\row}}`, []string{}},
		{"a list in YAML", "a.yaml", "- region: North\n  count: 3\n- region: South\n  count: 120 # so many\n", three},
		{"a list of flow mappings", "a.yml", "groups:\n- {region: North, count: 3}\n- {region: South, count: 120}\n", three},
		{"labels in YAML", "a.yml", "title: words\ncounts:\n  North: 3\n  South: 120\n", three},
		{"groups in YAML", "a.yml", "North:\n  count: 3\n  mean: 1.5\nSouth:\n  count: 120\n  mean: 2.5\n", three},
		{"settings in YAML", "a.yml", "model:\n  epochs: 5\n  layers: 3\n  units: 64\nsize:\n  a: 3\n  b: 4\n", []string{}},
		{"labels in JSON", "a.json", `{"counts": {"North": 3, "South": 120}}`, three},
		{"settings in JSON", "a.json", `{"model": {"epochs": 5, "layers": 3}, "counts": {"width": 3, "height": 5}, "size": {"a": 3, "b": 4}}`, []string{}},
	} {
		require.Equal(t, c.want, sure(report(t, c.file, []byte(c.content))), c.name)
	}
}

// Numbers that look like counts and are none, without a name that would say so.
func TestNumbersThatAreNoCounts(t *testing.T) {
	for name, content := range map[string]string{
		"ages":               "Ann,34\nBob,3\nCid,97\nDee,7\n",
		"ranks":              "UK,1\nFR,2\nDE,3\nIT,4\nES,5\n",
		"ids":                "A,100234\nB,100235\nC,100236\n",
		"coordinates":        "place,x,y\nA,3,4\nB,120,7\nC,5,6\n",
		"probabilities":      "gene,p\nA,0\nB,1\nC,0\n",
		"scores":             "Q1,4\nQ2,7\nQ3,9\n",
		"years":              "A,1999\nB,2003\nC,2010\n",
		"shares":             "A,0.5\nB,3\nC,120\n",
		"rates":              "region,admissions per 1000\nNorth,3\nSouth,120\nEast,7\n",
		"one column of ages": "age\n3\n40\n97\n",
		"one column of ids":  "patient_id\n3\n5\n9\n",
	} {
		require.NotContains(t, strings.Join(sure(report(t, "a.csv", []byte(content))), " "), "small_count", name)
	}
}
