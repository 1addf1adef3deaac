package inspect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNotebooksAreLookedInto(t *testing.T) {
	notebook := func(cell string) string {
		return `{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["words"]}, {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["1+1"]` + cell + `}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`
	}
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"clean":       {notebook(`, "outputs": []`), []string{}},
		"output":      {notebook(`, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["2"]}]`), []string{"hidden.notebook_output"}},
		"attachment":  {notebook(`, "attachments": {"a.png": {"image/png": "xx"}}, "outputs": []`), []string{"hidden.embedded"}},
		"widgets":     {`{"cells": [], "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}}}, "nbformat": 4}`, []string{"hidden.notebook_output"}},
		"escaped key": {notebook(`, "outp\u0075ts": [{"output_type": "stream"}]`), []string{"hidden.notebook_output"}},
		"metadata":    {strings.Replace(notebook(`, "outputs": []`), `"metadata": {}, "nbformat"`, `"metadata": {"tool": {"outputs": [{"a": 1}], "attachments": {"a": 1}}}, "nbformat"`, 1), []string{}},
		"version 3":   {`{"worksheets": [{"cells": [{"cell_type": "code", "outputs": [{"output_type": "pyout"}]}]}], "nbformat": 3}`, []string{"hidden.notebook_output"}},
		"cut":         {notebook("")[:60], []string{"uncheckable.corrupt"}},
		"too deep":    {`{"nbformat": 4, "cells": ` + strings.Repeat("[", 100_000), []string{"uncheckable.corrupt"}},
		"key in code": {notebook(`, "outputs": [], "x": "-----BEGIN PRIVATE KEY-----"`), []string{"secret.key"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.ipynb", []byte(c.content))), name)
	}
	require.Equal(t, "json", report(t, "a.schema.json", []byte(`{"properties": {"cells": {}, "cell_type": {"enum": ["raw"]}, "nbformat": {"type": "integer"}}}`)).Type, "a schema of notebooks")
	require.Equal(t, "notebook", report(t, "a.json", []byte(notebook(`, "outputs": []`))).Type)
	r := report(t, "a.ipynb", []byte(notebook(`, "outputs": [{"output_type": "stream"}, {"output_type": "stream"}]`)))
	require.Equal(t, int64(2), r.Findings[0].Count)
	require.Equal(t, 2, r.Findings[0].Places[0].Part, "the cell")
}

func TestJSONIsLookedInto(t *testing.T) {
	records := func(n int) string {
		rows := make([]string, n)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"sex": "%s", "age": %d, "town": "%s"}`, []string{"F", "M"}[i%2], 20+i%50, []string{"A", "B", "C"}[i%3])
		}
		return "[" + strings.Join(rows, ",\n") + "]"
	}
	points := make([]string, 30)
	for i := range points {
		points[i] = fmt.Sprintf(`{"type": "Feature", "geometry": {"type": "Point", "coordinates": [-0.12%03d, 51.50%03d]}}`, i*7, i*3)
	}
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"settings":      {`{"a": 1, "b": [1, 2, 3], "c": {"d": null, "e": NaN}}`, []string{}},
		"counts":        {`[{"group": "a", "n": 40}, {"group": "b", "n": 3}]`, []string{"sdc.small_count 3-4"}},
		"lines":         {"{\"group\": \"a\", \"n\": 40}\n{\"group\": \"b\", \"n\": 3}\n", []string{"sdc.small_count 3-4"}},
		"many lines":    {strings.ReplaceAll(strings.Trim(records(5500), "[]"), "},", "}"), []string{"sdc.row_level"}},
		"split":         {`{"columns": ["n", "mean"], "index": ["a", "b"], "data": [[40, 1.5], [3, 2.5]]}`, []string{"sdc.small_count 3-4"}},
		"columns":       {`{"n": {"a": 40, "b": 3}, "mean": {"a": 1.5, "b": 2.5}}`, []string{"sdc.small_count 3-4"}},
		"people":        {records(60), []string{"pii.unique_rows", "sdc.row_level"}},
		"many people":   {records(5500), []string{"sdc.row_level"}},
		"places":        {`{"type": "FeatureCollection", "features": [` + strings.Join(points, ",") + `]}`, []string{"pii.geo"}},
		"a long text":   {`{"a": "` + strings.Repeat(`x\"`, 200_000) + `"}`, []string{}},
		"deep":          {strings.Repeat(`{"a":`, 5000), []string{"uncheckable.corrupt"}},
		"cut":           {`{"a": [1, 2`, []string{"uncheckable.corrupt"}},
		"an NHS number": {`{"a": "NHS number 999 000 0018"}`, []string{"pii.nhs_number"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.json", []byte(c.content))), name)
	}
}

func TestSessionsOfACROAreRead(t *testing.T) {
	records := `{"version": "1.0.2", "results": {"a": {"status": "fail", "type": "table", "outcome": {}}, "b": {"status": "review", "type": "custom", "outcome": {}}, "c": {"status": "pass", "type": "table", "outcome": {}}}}`
	require.Equal(t, []string{"acro.custom", "acro.discloses", "acro.fail", "acro.session", "acro.unexplained"}, sure(report(t, "results.json", []byte(records))))
	require.Empty(t, sure(report(t, "results.json", []byte(`{"version": 1, "results": [1, 2]}`))))
	require.Equal(t, []string{"acro.appetite 5-7"}, sure(report(t, "config.json", []byte(`{"safe_threshold": 5, "safe_dof_threshold": 20}`))))
	require.Empty(t, sure(report(t, "config.json", []byte(`{"safe_threshold": 20, "safe_pratio_p": 0.1}`))))
}

func TestPagesAreLookedInto(t *testing.T) {
	page := func(body string) string { return "<!DOCTYPE html><html><body>" + body + "</body></html>" }
	numbers := strings.Repeat("1.25, 3, ", 700)
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"plain":                     {page("<p>words &amp; words</p><!-- a remark -->"), []string{}},
		"script":                    {page("<script>let a = 1</script>"), []string{"active.html"}},
		"plotly":                    {page("<script>Plotly.newPlot('a', [{x: [" + numbers + "]}])</script>"), []string{"active.html", "hidden.html_data"}},
		"a widget's data":           {page(`<script type="application/json" data-for="htmlwidget-1">[` + numbers + `]</script>`), []string{"hidden.html_data"}},
		"an attached table":         {page(`<a href="data:text/csv;base64,YSxiCjEsMgphLGIKMSwyCg==">x</a>`), []string{"hidden.embedded"}},
		"a picture":                 {page(`<img src="data:image/png;base64,` + strings.Repeat("iVBO", 100_000) + `">`), []string{}},
		"data in a tag":             {page(`<div data-x="` + strings.Repeat("abcd", 100_000) + `">`), []string{"hidden.html_data"}},
		"a small picture":           {page(`<img src="data:image/png;base64,` + strings.Repeat("iVBO", 1000) + `">`), []string{}},
		"hidden numbers":            {page(`<div style="display: none"><div>` + strings.Repeat("12 ", 30) + `</div></div>`), []string{"hidden.text"}},
		"small print":               {page(`<div style="font-size:0.8em; color: #222"><div>` + strings.Repeat("12 ", 30) + `</div></div>`), []string{}},
		"hidden words":              {page(`<div hidden>menu</div><p>` + strings.Repeat("12 ", 30) + `</p>`), []string{}},
		"numbers in comments":       {page("<!--" + strings.Repeat("12 ", 30) + "-->"), []string{"hidden.comment"}},
		"table":                     {page("<table><thead><tr><th>group</th><th>n</th></tr></thead><tr><td>a</td><td>40</td></tr><tr><td>b</td><td>3</td></tr></table>"), []string{"sdc.small_count 3-4"}},
		"many rows":                 {page("<table>" + strings.Repeat("<tr><td>some words</td><td>40</td></tr>", 6000) + "</table>"), []string{"sdc.row_level"}},
		"a comment that never ends": {page("<!--" + strings.Repeat("x", 500_000)), []string{}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.html", []byte(c.content))), name)
	}
}

func TestDrawingsAreLookedInto(t *testing.T) {
	drawing := func(body string) string { return `<svg xmlns="http://www.w3.org/2000/svg">` + body + `</svg>` }
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"plain":     {drawing(`<path d="M0 0L1 1"/><use xlink:href="#DejaVuSans-31"/>`), []string{}},
		"script":    {drawing(`<script>alert(1)</script>`), []string{"active.svg"}},
		"event":     {drawing(`<rect onload="x()"/>`), []string{"active.svg"}},
		"outside":   {drawing(`<image xlink:href="http://elsewhere/a.png"/>`), []string{"active.svg"}},
		"a link":    {drawing(`<a href="https://doi.org/1"><text>x</text></a>`), []string{}},
		"entity":    {`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]>` + drawing(""), []string{"active.svg"}},
		"scatter":   {drawing(strings.Repeat(`<circle cx="1" cy="2" r="3"/>`, 501)), []string{"hidden.svg_points"}},
		"few dots":  {drawing(strings.Repeat(`<circle cx="1" cy="2" r="3"/>`, 50)), []string{}},
		"inner csv": {drawing(`<image href="data:text/csv,aaaaaaaaaaaaaaaaaaaaaaaa"/>`), []string{"hidden.embedded"}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.svg", []byte(c.content))), name)
	}
}
