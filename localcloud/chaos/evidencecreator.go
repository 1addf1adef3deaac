package chaos

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"example.org/airlock/localcloud/ground"
)

// plantEvidence creates one blob in the evidence account: under the next number of the log of anchors, among the names of its
// index, among the reports of gates, or where a request's receipt or revocation will lie. The error is of the storage itself.
func (s *siege) plantEvidence(ctx context.Context, dice *rand.Rand) error {
	anchors, _, err := s.cloud.Ground.Blobs(ctx, ground.EvidenceAccount, "anchors")
	if err != nil {
		return err
	}
	var entries, index []string
	for _, b := range anchors {
		switch {
		case strings.HasPrefix(b.Name, "heads/"):
			index = append(index, b.Name)
		case !strings.Contains(b.Name, "/"):
			entries = append(entries, b.Name)
		}
	}
	if len(entries) == 0 || len(index) == 0 {
		return nil // nothing was anchored yet
	}
	last := slices.Max(entries)
	genuine, err := s.cloud.Ground.Read(ctx, ground.EvidenceAccount, "anchors", pick(dice, entries))
	if err != nil {
		return err
	}
	p := plant{by: evidenceCreator, container: "anchors"}
	body := pick(dice, [][]byte{{}, []byte("{}"), genuine, unsigned(genuine)})
	switch dice.IntN(5) {
	case 0:
		var n int
		_, _ = fmt.Sscanf(last, "%d.json", &n)
		p.name = fmt.Sprintf("%012d.json", n+1)
	case 1: // a trail that would be longer than it is
		name := pick(dice, index)
		p.name = fmt.Sprintf("%s/%08d-%064x-%s", name[:strings.LastIndex(name, "/")], 90+dice.IntN(10), dice.Uint64(), strings.TrimSuffix(last, ".json"))
		body = nil
	case 2: // a gate's word that nothing was found, where such words lie
		played := s.weather.stranger(dice)
		if played == nil {
			return nil
		}
		p.container, body = findingsContainer, fmt.Appendf(nil, `{"format":"airlock-findings/1","request":%q,"turn":1,"gate":%q,"outcome":"passed","files":[]}`, played.RequestID(), contentGate)
		p.name = fmt.Sprintf("%s/1/%s/%x.json", played.RequestID(), contentGate, sha256.Sum256(body))
	default:
		played := s.weather.stranger(dice)
		if played == nil {
			return nil
		}
		p.container, p.name = "receipts", played.RequestID()+"/"+pick(dice, []string{"release.json", "release.json", "revoked.json"})
	}
	done, err := s.cloud.Ground.Plant(ctx, ground.EvidenceAccount, p.container, p.name, body)
	if done {
		s.diary.planted(p)
	}
	return err
}

// unsigned is an envelope without its signature.
func unsigned(envelope []byte) []byte {
	at := strings.Index(string(envelope), `,"signatures"`)
	if at < 0 {
		return envelope
	}
	return append(slices.Clone(envelope[:at]), `,"signatures":[]}`...)
}
