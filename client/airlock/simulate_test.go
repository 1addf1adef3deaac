package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/client"
)

func TestASimulationIsToldInWords(t *testing.T) {
	t.Parallel()
	var s client.Simulation
	assert.Equal(t, []string{"None of the last requests has been at its gates: there is nothing to try this on."}, simulationLines(s))
	require.NoError(t, json.Unmarshal([]byte(`{"turns":[
		{"requestId":"a","turn":2,"type":"export","was":"review","would":"return","changed":true,"complete":true,"gates":[{"id":"content","rules":["sdc.small_count"]}]},
		{"requestId":"b","turn":1,"type":"export","was":"review","would":"review","changed":false,"complete":true,"gates":[{"id":"content","rules":["pii.email"]}]},
		{"requestId":"c","turn":1,"type":"import","was":"review","would":"refuse","changed":true,"complete":true,"rules":["forbidden_type"],"gates":[{"id":"content","rules":["pii.email"]}]},
		{"requestId":"d","turn":1,"type":"export","was":"review","would":"unknown","changed":false,"complete":false}]}`), &s))
	assert.Equal(t, []string{
		"Tried on 4 turns of the last requests: 2 would end otherwise. Of 1 not all is on record that the gates would have judged.",
		"  a (export, turn 2) was reviewed, would be returned: sdc.small_count",
		"  c (import, turn 1) was reviewed, would be refused at submit: forbidden_type",
		"  d (export, turn 1) was reviewed, would be unknown (not all is on record)",
	}, simulationLines(s))
}
