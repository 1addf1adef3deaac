package story_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/airlock/localcloud/ground"
	. "example.org/airlock/localcloud/story"
)

// markedArchive is an archive with markers in names of members and sheets, cells, headers, keys, outputs, a pickle and a
// document's properties.
func markedArchive(p *Play) []byte {
	sheets := packed(p, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", `<workbook><sheets><sheet name="Sheet-marker" state="hidden"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="inlineStr"><is><t>Head-marker</t></is></c></row></sheetData></worksheet>`,
		"docProps/core.xml", "<coreProperties><creator>Author-marker</creator></coreProperties>")
	return packed(p, "Member-marker.csv", marked, "Book-marker.xlsx", string(sheets),
		"Keys-marker.json", `{"Key-marker": [{"Column-marker": "Value-marker", "n": 3}, {"Column-marker": "Other-marker", "n": 30}]}`,
		"Notebook-marker.ipynb", `{"nbformat": 4, "cells": [{"cell_type": "code", "outputs": [{"text": ["Output-marker"]}]}]}`,
		"Pickle-marker.pkl", "\x80\x04\x8c\x0ePickled-marker\x94.")
}

// packed is a zip of members, given as name, content, name, content …
func packed(p *Play, members ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		p.Holds(err == nil, "%v", err)
		_, err = w.Write([]byte(members[i+1]))
		p.Holds(err == nil, "%v", err)
	}
	p.Holds(z.Close() == nil, "a zip cannot be closed")
	return b.Bytes()
}

// Whatever a format has room for, none of it gets into anything kept or sent about a request.
func TestNothingOfTheFilesIsKeptOrSent(t *testing.T) {
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		content := judging("review")
		for _, rule := range []string{"hidden.notebook_output", "hidden.pickle_data", "hidden.sheet"} {
			content["rules"].(map[string]any)[rule] = map[string]any{"action": "review"}
		}
		gates(p, content)
		p.As(Researcher).Creates(Export).Uploads("all.zip", markedArchive(p)).Submits()
		r := p.Eventually(InReview)
		for _, rule := range []string{"sdc.small_count", "hidden.notebook_output", "hidden.pickle_data", "hidden.sheet"} {
			p.Holds(strings.Contains(r.Message(), rule), "%s was not found: %q", rule, r.Message())
		}
		p.As(Manager).ApprovesWhatWasFound("agreed")
		p.Eventually(Approved)
		receipted(p)
		holdsNoMarkers(p)
	})
}

// holdsNoMarkers looks for the markers of the files in everything that is kept or sent about the request: evidence, the
// state of its inspection, rows with its trail, events, mails, and logs.
func holdsNoMarkers(p *Play) {
	without := func(where string, text []byte) {
		p.Holds(!bytes.Contains(text, []byte("-marker")), "%s holds data of the files", where)
	}
	kept := 0
	for _, account := range []string{ground.EvidenceAccount, ground.StateAccount} {
		containers, err := p.Cloud.Ground.Containers(p.Context(), account)
		p.Holds(err == nil, "%v", err)
		for _, container := range containers {
			blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account, container)
			p.Holds(err == nil, "%v", err)
			for _, b := range blobs {
				if !strings.Contains(b.Name, p.ID) {
					continue
				}
				body, err := p.Cloud.Ground.Read(p.Context(), account, container, b.Name)
				p.Holds(err == nil, "%v", err)
				without(container+"/"+b.Name, body)
				kept++
			}
		}
	}
	p.Holds(kept >= 3, "only %d items are kept of the request: no findings, acknowledgements and receipt", kept)
	rows, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "")
	p.Holds(err == nil, "%v", err)
	text, err := json.Marshal(rows)
	p.Holds(err == nil, "%v", err)
	without("a row", text)
	events, err := p.Cloud.Published(p.Context(), p.ID)
	p.Holds(err == nil, "%v", err)
	text, err = json.Marshal(events)
	p.Holds(err == nil, "%v", err)
	p.Holds(len(events) > 0, "there were no events")
	without("an event", text)
	p.MailsReach(Researcher)
	mails, err := p.Cloud.Mails()
	p.Holds(err == nil, "%v", err)
	text, err = json.Marshal(mails)
	p.Holds(err == nil, "%v", err)
	without("a mail", text)
	logs, err := filepath.Glob(filepath.Join(p.Cloud.Dir, "logs", "*"))
	p.Holds(err == nil, "%v", err)
	p.Holds(len(logs) > 0, "there are no logs")
	for _, log := range logs {
		text, err := os.ReadFile(log)
		p.Holds(err == nil, "%v", err)
		without(log, text)
	}
}
