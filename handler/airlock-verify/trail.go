package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// trail is an exported audit trail: the answer of GET …/history.
type trail struct {
	file      string
	Request   string `json:"requestId"`
	Workspace string `json:"workspaceId"`
	Head      struct {
		Hash   string `json:"hash"`
		Length int    `json:"length"`
	} `json:"head"`
	// ExportedAt is when the service answered, as it says.
	ExportedAt time.Time      `json:"exportedAt"`
	Records    []storedRecord `json:"records"`
}

// storedRecord is a record as stored: the exact text and the hash beside it.
type storedRecord struct {
	Seq  int    `json:"seq"`
	Hash string `json:"hash"`
	Body string `json:"body"`
}

func (s storedRecord) sum() string {
	sum := sha256.Sum256([]byte(s.Body))
	return hex.EncodeToString(sum[:])
}

// recordFields are the members of a record that checking needs.
type recordFields struct {
	Format    string    `json:"format"`
	Workspace string    `json:"workspace"`
	Request   string    `json:"request"`
	Seq       int       `json:"seq"`
	At        time.Time `json:"at"`
	Prev      string    `json:"prev"`
}

const recordFormat = "airlock-audit/1"

func readTrail(file string) (*trail, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseTrail(file, body)
}

func parseTrail(file string, body []byte) (*trail, error) {
	t := &trail{file: file}
	if err := json.Unmarshal(body, t); err != nil {
		return nil, fmt.Errorf("%s is no exported trail: %w", file, err)
	}
	if t.Request == "" || t.Workspace == "" || t.Records == nil {
		return nil, fmt.Errorf("%s is no exported trail: it has no requestId, workspaceId or records", file)
	}
	return t, nil
}

// name is the trail's name in the log of anchors.
func (t *trail) name() string {
	sum := sha256.Sum256([]byte(t.Workspace + "/" + t.Request))
	return hex.EncodeToString(sum[:])
}

// exported is when the trail was exported: now, if it does not say.
func (t *trail) exported() time.Time {
	if t.ExportedAt.IsZero() {
		return time.Now()
	}
	return t.ExportedAt
}

// at returns the hash of the record with that number, computed anew, and false
// when there is none or more than one.
func (t *trail) at(seq int) (string, bool) {
	hash, found := "", 0
	for _, rec := range t.Records {
		if rec.Seq == seq {
			hash = rec.sum()
			found++
		}
	}
	return hash, found == 1
}

// newest is the highest number a record has.
func (t *trail) newest() int {
	n := 0
	for _, rec := range t.Records {
		n = max(n, rec.Seq)
	}
	return n
}
