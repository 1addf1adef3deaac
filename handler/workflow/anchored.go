package workflow

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// claim is the meaning of a name of the index: an entry of the log anchors a head.
type claim struct {
	audit.AnchoredHead
	entry int
}

// maxClaims bounds how many claims of the index one call looks into: anybody who can
// create blobs can make any number of them.
const maxClaims = 300

// claims lists the index's claims about a trail, the longest heads first.
func (s *Service) claims(ctx context.Context, trail audit.TrailID) ([]claim, error) {
	prefix := headPrefix(trail.Name())
	var all []claim
	for name, err := range s.config.Evidence.Names(ctx, anchorsContainer, prefix) {
		if err != nil {
			return nil, err
		}
		if c, ok := readClaim(trail.Name(), strings.TrimPrefix(name, prefix)); ok {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b claim) int { return b.Length - a.Length })
	return all, nil
}

// readClaim undoes headName.
func readClaim(trail, name string) (claim, bool) {
	parts := strings.Split(name, "-")
	if len(parts) != 3 {
		return claim{}, false
	}
	length, errLength := strconv.Atoi(parts[0])
	entry, errEntry := strconv.Atoi(parts[2])
	c := claim{AnchoredHead: audit.AnchoredHead{Trail: trail, Length: length, Hash: parts[1]}, entry: entry}
	return c, errLength == nil && errEntry == nil && headName(c.AnchoredHead, entry) == headPrefix(trail)+name
}

// storedEntry is an entry of the log with its stored bytes.
type storedEntry struct {
	audit.Anchor
	body []byte
}

// entries reads genuine entries of the log, each once.
type entries struct {
	s    *Service
	read map[int]storedEntry
}

// holding returns the entry that a claim leads to, and false when there is no
// genuine one or it does not anchor that head.
func (e *entries) holding(ctx context.Context, c claim) (storedEntry, bool, error) {
	at, known := e.read[c.entry]
	if !known {
		body, err := e.s.config.Evidence.Read(ctx, anchorsContainer, audit.AnchorName(c.entry))
		if err == nil {
			at.body = body
			at.Anchor, _, err = audit.OpenAnchor(ctx, body, e.s.config.Signer.PublicKey)
		}
		if err != nil && !errors.Is(err, airlock.ErrGone) && !errors.Is(err, airlock.ErrNotEvidence) && !errors.Is(err, audit.ErrBadEnvelope) {
			return storedEntry{}, false, err
		}
		e.read[c.entry] = at
	}
	return at, at.Seq == c.entry && at.Holds(c.AnchoredHead), nil
}

// holdAgainstAnchors adds the faults to a verified trail that only the anchors can show: a
// trail that was cut or rewritten together with the head on its row. A claim that
// contradicts the trail counts only if the log bears it out; otherwise somebody
// else made it, which is an alert and says nothing about the trail.
func (s *Service) holdAgainstAnchors(ctx context.Context, t *Trail) error {
	all, err := s.claims(ctx, audit.TrailOf(t.Request))
	if err != nil {
		return err
	}
	log := entries{s: s, read: map[int]storedEntry{}}
	planted, looked := 0, 0
	for _, c := range all {
		if t.holds(c.Length, c.Hash) {
			continue
		}
		if looked++; looked > maxClaims {
			t.problem(0, "more anchored heads are claimed to contradict the trail than can be looked into: an operator has to")
			break
		}
		_, borneOut, err := log.holding(ctx, c)
		if err != nil {
			return err
		}
		if !borneOut {
			planted++
			continue
		}
		t.problem(c.Length, "the head anchored at this length is not in the trail: records were cut or rewritten")
	}
	if planted > 0 {
		s.config.Log.ErrorContext(ctx, "the index of anchors has names that the log does not bear out", "alert", logging.EvidencePlanted,
			"request", t.Request.ID, "names", planted)
	}
	return nil
}

// holds reports whether the trail has a record with that number and hash.
func (t Trail) holds(seq int, hash string) bool {
	return slices.ContainsFunc(t.Rows, func(row audit.Row) bool { return row.Seq == seq && row.Hash == hash })
}

func (t *Trail) problem(seq int, what string) {
	t.Verification.OK = false
	t.Verification.Problems = append(t.Verification.Problems, audit.Problem{Seq: seq, What: what})
}
