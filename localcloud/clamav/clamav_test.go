package clamav

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/client/gate"
)

func TestWhatClamscanSays(t *testing.T) {
	names := map[string]string{"/t/1": "a: b.csv", "/t/2": "c.zip"}
	tests := map[string]struct {
		said string
		want gate.Judgement
	}{
		"nothing":   {"", gate.Judgement{Outcome: gate.Passed}},
		"a virus":   {"/t/1: Eicar-Test-Signature.UNOFFICIAL FOUND\n", gate.Judgement{Outcome: gate.Blocked, Findings: []gate.Finding{{Rule: "clamav.eicar-test-signature", Severity: "high", File: "a: b.csv"}}}},
		"encrypted": {"/t/2: Heuristics.Encrypted.Zip FOUND\n", gate.Judgement{Outcome: gate.Findings, Findings: []gate.Finding{{Rule: "clamav.heuristics.encrypted.zip", Severity: "medium", File: "c.zip"}}}},
		"both, the virus first": {"/t/1: Win.Test/X (1) FOUND\n/t/2: Heuristics.Encrypted.Zip FOUND\n", gate.Judgement{Outcome: gate.Blocked, Findings: []gate.Finding{
			{Rule: "clamav.win.test-x-1-", Severity: "high", File: "a: b.csv"}, {Rule: "clamav.heuristics.encrypted.zip", Severity: "medium", File: "c.zip"}}}},
	}
	for what, tt := range tests {
		got, err := judgement([]byte(tt.said), names)
		require.NoError(t, err, what)
		require.Equal(t, tt.want, got, what)
	}
	_, err := judgement([]byte("/t/3: X FOUND\n"), names)
	require.Error(t, err, "a file that nobody asked about")
}

func TestWithoutClamAV(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := New(t.Context(), t.TempDir())
	require.ErrorIs(t, err, ErrMissing)
	require.ErrorContains(t, err, "apt-get install clamav")
}
