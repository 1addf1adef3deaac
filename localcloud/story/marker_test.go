package story_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/airlock/localcloud/ground"
	. "example.org/airlock/localcloud/story"
)

// markedArchive is an archive in which every format that is looked into holds markers, wherever it has room for some: names of
// members and sheets, cells, headers, keys, values, outputs, properties, comments, attributes, strings.
func markedArchive(p *Play) []byte {
	sheets := packed(p, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", `<workbook><sheets><sheet name="Sheet-marker" state="hidden"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="inlineStr"><is><t>Head-marker</t></is></c><c t="s"><v>0</v></c></row></sheetData></worksheet>`,
		"xl/sharedStrings.xml", "<sst><si><t>Shared-marker</t></si></sst>", "xl/comments1.xml", "<comments><comment><text>Comment-marker</text></comment></comments>",
		"docProps/core.xml", "<coreProperties><creator>Author-marker</creator></coreProperties>")
	words := packed(p, "[Content_Types].xml", "<Types/>", "word/document.xml", `<document><body><p><ins author="Editor-marker"><t>Inserted-marker</t></ins><del><delText>Deleted-marker</delText></del></p></body></document>`,
		"word/comments.xml", `<comments><comment author="Critic-marker"><t>Remark-marker</t></comment></comments>`)
	slides := packed(p, "[Content_Types].xml", "<Types/>", "ppt/presentation.xml", "<presentation/>", "ppt/slides/slide1.xml", `<sld show="0"><t>Slide-marker</t></sld>`,
		"ppt/notesSlides/notesSlide1.xml", "<notes><t>Notes-marker</t></notes>")
	return packed(p, "Member-marker.csv", marked, "Book-marker.xlsx", string(sheets), "Words-marker.docx", string(words), "Slides-marker.pptx", string(slides),
		"Keys-marker.json", `{"Key-marker": [{"Column-marker": "Value-marker", "n": 3}, {"Column-marker": "Other-marker", "n": 30}]}`,
		"Notebook-marker.ipynb", `{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["Code-marker"], "outputs": [{"text": ["Output-marker"]}]}]}`,
		"Pickle-marker.pkl", "\x80\x04\x8c\x0ePickled-marker\x94.",
		"Report-marker.pdf", "%PDF-1.7\n1 0 obj\n<< /Title (Title-marker) /OpenAction << /S /JavaScript /JS (Script-marker) >> >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
		"Page-marker.html", `<html><!-- Hidden-marker --><p title="Title-marker" data-x="Data-marker">Text-marker</p><table><tr><th>count</th></tr><tr><td>Row-marker</td><td>3</td></tr></table></html>`,
		"Figure-marker.svg", `<svg xmlns="http://www.w3.org/2000/svg"><title>Figure-marker</title><script>alert("Alert-marker")</script></svg>`,
		"Picture-marker.png", marking(),
		"Tape-marker.tar", taped(p, "Taped-marker.csv", marked), "Squeezed-marker.csv.gz", squeezed(p, "Squeezed-marker.csv", marked),
		"People-marker.csv", "name,email\nAnn-marker,ann-marker@people-marker.org\nBob-marker,bob-marker@people-marker.org\nCleo-marker,cleo-marker@people-marker.org\n",
		"Secret-marker.py", "password = 'Secret-marker-0123456789abcdef'\n-----BEGIN "+"RSA PRIVATE KEY-----\nKey-marker\n-----END "+"RSA PRIVATE KEY-----\n",
		"Trailing-marker.unknown", "\x00\x01Unknown-marker")
}

// marking is a picture with a text of its author's.
func marking() string {
	chunk := func(kind, data string) string {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		return string(binary.BigEndian.AppendUint32(append(b, kind+data...), crc32.ChecksumIEEE([]byte(kind+data))))
	}
	return "\x89PNG\r\n\x1a\n" + chunk("IHDR", "\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00") + chunk("tEXt", "Author\x00Painter-marker") + chunk("IEND", "") + "Behind-marker"
}

// taped is a tar of one member.
func taped(p *Play, name, content string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	p.Holds(w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o600, Uname: "User-marker"}) == nil, "no header")
	_, err := w.Write([]byte(content))
	p.Holds(err == nil && w.Close() == nil, "a tar cannot be written: %v", err)
	return b.String()
}

// squeezed is a gzip that tells the name and a comment.
func squeezed(p *Play, name, content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment = name, "Comment-marker"
	_, err := w.Write([]byte(content))
	p.Holds(err == nil && w.Close() == nil, "a gzip cannot be written: %v", err)
	return b.String()
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

// Whatever a format has room for, none of it gets into what is kept or sent about a request.
func TestNothingOfTheFilesIsKeptOrSent(t *testing.T) {
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		var known struct{ Rules []struct{ ID string } }
		answer := p.As(Researcher).Ask(http.MethodGet, "/gates/rules", nil, nil)
		p.Holds(answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &known) == nil && len(known.Rules) > 0, "rules: %s", answer)
		rules := map[string]any{} // all of them are for reviewers, so that nothing ends before it was told
		for _, rule := range known.Rules {
			rules[rule.ID] = map[string]any{"action": "review"}
		}
		gates(p, map[string]any{"id": "content", "kind": "content", "rules": rules})
		p.As(Researcher).Creates(Export).Uploads("all.zip", markedArchive(p)).Submits()
		p.Eventually(InReview)
		found := p.As(Manager).Ask(http.MethodGet, below(p, "/findings"), nil, nil)
		for _, rule := range []string{"sdc.small_count", "hidden.notebook_output", "hidden.pickle_data", "hidden.sheet", "hidden.comment", "hidden.tracked_change", "hidden.trailing",
			"hidden.image_meta", "active.pdf", "active.svg", "pii.email", "secret.key", "uncheckable.unknown"} {
			p.Holds(strings.Contains(string(found.Body), `"`+rule+`"`), "%s was not found: %s", rule, found.Body)
		}
		p.Holds(!bytes.Contains(found.Body, []byte("-marker")), "findings show data")
		p.As(Manager).ApprovesWhatWasFound("agreed")
		p.Eventually(Approved)
		receipted(p)
		holdsNoMarkers(p)
	})
}

// holdsNoMarkers looks for the markers of the files in everything that is kept or sent about the request: evidence, the
// state of its inspection, rows of all tables with its trail, events, mails, and logs.
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
	for _, table := range []string{ground.RequestsTable, "AirlockRequestWorkspaces", "AirlockWorkspaces", "AirlockParkedEvents"} {
		rows, err := p.Cloud.Ground.Rows(p.Context(), table, "", "")
		p.Holds(err == nil, "%v", err)
		text, err := json.Marshal(rows)
		p.Holds(err == nil, "%v", err)
		without("a row of "+table, text)
	}
	events, err := p.Cloud.Published(p.Context(), p.ID)
	p.Holds(err == nil, "%v", err)
	text, err := json.Marshal(events)
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
