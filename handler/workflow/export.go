package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// maxExported bounds how many entries of the log of anchors an export has. The one
// that covers most of the trail is always among them.
const maxExported = 50

// ReleaseEvidence holds the documents with which an outsider checks a release.
type ReleaseEvidence struct {
	Trail      Trail
	Receipt    []byte
	Revocation []byte           // nil: not revoked, or not yet signed
	Anchors    []audit.Document // named as in the log
	Keys       []airlock.PublicKey
}

// ExportEvidence collects the evidence for a check of a release without the airlock:
// the receipt, its revocation if there is one, the audit trail, the entries of the log
// of anchors that cover it, and the public keys. render makes documents of it.
// ExportEvidence adds export.json, the signed statement that these were all of them.
//
// It is airlock.ErrGone until the receipt is stored. Errors also as Get.
func (s *Service) ExportEvidence(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID,
	render func(ReleaseEvidence) ([]audit.Document, error)) ([]audit.Document, error) {
	e, err := s.gatherEvidence(ctx, p, ws, id)
	if err != nil {
		return nil, err
	}
	documents, err := render(e)
	if err != nil {
		return nil, err
	}
	statement, err := audit.NewExport(e.Trail.Request, e.Trail.At, documents).Seal(ctx, s.config.Signer.Sign)
	if err != nil {
		return nil, err
	}
	return append([]audit.Document{{Name: "export.json", Body: statement}}, documents...), nil
}

func (s *Service) gatherEvidence(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (ReleaseEvidence, error) {
	r, err := s.Get(ctx, p, ws, id)
	if err != nil {
		return ReleaseEvidence{}, err
	}
	if access := airlock.Decide(p, airlock.ActionEvidence, r, ws.Policy); !access.Allowed {
		return ReleaseEvidence{}, refusal(access, airlock.ActionEvidence, r)
	}
	if r.Receipt == "" {
		return ReleaseEvidence{}, airlock.ErrGone
	}
	e := ReleaseEvidence{}
	if e.Trail, err = s.History(ctx, p, ws, id); err != nil {
		return ReleaseEvidence{}, err
	}
	if e.Receipt, err = s.config.Evidence.Read(ctx, receiptsContainer, r.Receipt); err != nil {
		return ReleaseEvidence{}, err
	}
	if name := e.Trail.Request.Revocation; name != "" {
		if e.Revocation, err = s.config.Evidence.Read(ctx, receiptsContainer, name); err != nil {
			return ReleaseEvidence{}, err
		}
	}
	if e.Anchors, err = s.covering(ctx, e.Trail); err != nil {
		return ReleaseEvidence{}, err
	}
	e.Keys, err = s.config.Signer.PublicKeys(ctx)
	return e, err
}

// covering returns the entries of the log that anchor the trail, the one that
// covers most of it first, as far as the index leads to them.
func (s *Service) covering(ctx context.Context, t Trail) ([]audit.Document, error) {
	claims, err := s.claims(ctx, audit.TrailOf(t.Request))
	if err != nil {
		return nil, err
	}
	log := entries{s: s, read: map[int]storedEntry{}}
	taken := map[int]bool{}
	var out []audit.Document
	for _, c := range claims {
		if len(log.read) == maxClaims || len(out) == maxExported {
			break
		}
		if !t.holds(c.Length, c.Hash) || taken[c.entry] {
			continue
		}
		at, borneOut, err := log.holding(ctx, c)
		if err != nil {
			return nil, err
		}
		if borneOut {
			taken[c.entry] = true
			out = append(out, audit.Document{Name: audit.AnchorName(c.entry), Body: at.body})
		}
	}
	return out, nil
}
