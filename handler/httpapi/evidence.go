package httpapi

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/workflow"
)

// howToVerify lies in every exported archive.
const howToVerify = `This is the evidence of a release from a Trusted Research Environment.

  export.json        what was exported, and when, signed
  release.json       the release receipt, signed
  revoked.json       if it is there: the release was withdrawn, signed
  history.json       the audit trail of the request
  anchors/           the entries of the write-once log that cover the trail, signed
  receipt-keys.json  the public keys, for comparing only

Get the keys from the environment itself, over HTTPS, not from here:

  curl https://ADDRESS-OF-THE-API/api/receipt-keys > keys.json
  airlock-verify FOLDER-OR-ARCHIVE --keys keys.json --files FOLDER-OF-THE-RELEASED-FILES

How to do the same by hand: docs/audit-format.md.
`

// evidence answers a zip archive. It is small: receipts and trails are, and the
// entries of the log have a limit.
func (a *API) evidence(ctx context.Context, c *call, in *RequestPath) (*ArchiveAnswer, error) {
	documents, err := a.config.Service.ExportEvidence(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), evidenceDocuments)
	if errors.Is(err, airlock.ErrGone) {
		return nil, &edgeError{code: codeNoReceipt}
	}
	if err != nil {
		return nil, err
	}
	body, err := archive(documents)
	if err != nil {
		return nil, err
	}
	return &ArchiveAnswer{ContentType: "application/zip", Disposition: `attachment; filename="evidence-` + in.RequestID + `.zip"`, Body: body}, nil
}

// ArchiveAnswer is a zip archive.
type ArchiveAnswer struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Body        []byte
}

// evidenceDocuments renders the evidence as the files that airlock-verify reads.
func evidenceDocuments(e workflow.ReleaseEvidence) ([]audit.Document, error) {
	history, err := json.Marshal(trailView(e.Trail))
	if err != nil {
		return nil, err
	}
	set, err := keySetView(e.Keys)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	out := []audit.Document{{Name: "README.txt", Body: []byte(howToVerify)}, {Name: "release.json", Body: e.Receipt},
		{Name: "history.json", Body: history}, {Name: "receipt-keys.json", Body: keys}}
	if e.Revocation != nil {
		out = append(out, audit.Document{Name: "revoked.json", Body: e.Revocation})
	}
	for _, anchor := range e.Anchors {
		out = append(out, audit.Document{Name: "anchors/" + anchor.Name, Body: anchor.Body})
	}
	return out, nil
}

func archive(documents []audit.Document) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, d := range documents {
		w, err := z.CreateHeader(&zip.FileHeader{Name: d.Name, Method: zip.Deflate, Modified: time.Unix(0, 0)})
		if err == nil {
			_, err = w.Write(d.Body)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// zipArchive describes an answer that is an archive.
func zipArchive(op *huma.Operation) {
	op.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
}
