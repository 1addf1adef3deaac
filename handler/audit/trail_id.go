package audit

import (
	"crypto/sha256"
	"encoding/hex"

	"example.org/airlock/handler/airlock"
)

// TrailID names an audit trail: that of a request, that of a workspace (without
// Request), or that of the TRE itself (without both).
type TrailID struct {
	Workspace airlock.WorkspaceID
	Request   airlock.RequestID
}

// TrailOf names the trail of a request.
func TrailOf(r airlock.Request) TrailID { return TrailID{r.Workspace, r.ID} }

// Name is the trail's name in the log of anchors: the lower-case hex SHA-256 of
// "{workspace}/{request}". A reader of an entry of the log learns nothing about
// trails whose ids they do not have.
func (t TrailID) Name() string {
	sum := sha256.Sum256([]byte(string(t.Workspace) + "/" + string(t.Request)))
	return hex.EncodeToString(sum[:])
}
