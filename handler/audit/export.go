package audit

import (
	"context"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
)

// ExportFormat is the version of the format of statements about exports.
const ExportFormat = "airlock-export/1"

const exportType = "application/vnd.airlock.export+json"

// Export says what was handed out as the evidence of a release, and when. It is
// signed: nothing can be left out of the evidence without showing, a revocation
// least of all, and nobody can say that it was exported at another time.
type Export struct {
	Format     string              `json:"format"`
	Workspace  airlock.WorkspaceID `json:"workspace"`
	Request    airlock.RequestID   `json:"request"`
	ExportedAt time.Time           `json:"exportedAt"`
	Files      []ExportedFile      `json:"files"`
}

// ExportedFile is one file of the evidence.
type ExportedFile struct {
	Name   string `json:"name"` // with slashes
	SHA256 string `json:"sha256"`
}

// Document is a file of the evidence with its bytes.
type Document struct {
	Name string
	Body []byte
}

// NewExport makes the statement about documents that are handed out together.
func NewExport(r airlock.Request, at time.Time, documents []Document) Export {
	e := Export{Format: ExportFormat, Workspace: r.Workspace, Request: r.ID, ExportedAt: at.UTC(), Files: []ExportedFile{}}
	for _, d := range documents {
		e.Files = append(e.Files, ExportedFile{Name: d.Name, SHA256: hashOf(d.Body)})
	}
	return e
}

// Seal returns the signed statement.
func (e Export) Seal(ctx context.Context, sign Sign) ([]byte, error) {
	payload, err := printed(e)
	if err != nil {
		return nil, err
	}
	body, err := signed(ctx, exportType, payload, sign)
	if err != nil {
		return nil, fmt.Errorf("audit: export of %s: %w", e.Request, err)
	}
	return body, nil
}
