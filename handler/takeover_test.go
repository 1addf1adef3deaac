package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// breaking imports until it has done so n times: real storage cannot be made to fail
// between two lines on cue. The stories import for real.
type breaking struct {
	n    int
	with error
}

func (b *breaking) Import(context.Context, airlock.Request, bool) (workflow.Taken, error) {
	if b.n--; b.n < 0 {
		return 0, b.with
	}
	return workflow.TakenEnded, nil
}

func TestImportAllTellsEveryLine(t *testing.T) {
	good := `{"id":"af89dccd-cdf8-4e47-8cfe-995faeac0f09","workspaceId":"abc000d3-82da-4bfc-b6e9-9a7853ef753e","type":"export","status":"rejected","updatedWhen":1,"createdBy":{"id":"11111111-1111-4111-8111-111111111111"}}` + "\n"
	tests := map[string]struct {
		export  string
		service breaking
		says    []string
		err     error // nil: none; errStopped: any but errIncomplete
	}{
		"all":            {good + "\n" + good, breaking{n: 2}, []string{"2 imported", "0 lines not imported"}, nil},
		"nothing":        {"", breaking{}, []string{"0 imported"}, nil},
		"a bad line":     {"{\n" + good, breaking{n: 2}, []string{"line 1: it is no request", "1 imported", "1 lines not imported"}, errIncomplete},
		"one is refused": {good + good, breaking{n: 1, with: workflow.ErrOtherImport}, []string{"line 2: request af89dccd-cdf8-4e47-8cfe-995faeac0f09: a request with this id", "1 imported"}, errIncomplete},
		"the store is away": {good + good + good, breaking{n: 1, with: &airlock.Fault{Kind: airlock.Transient, Code: "TimedOut", Operation: "load"}},
			[]string{"line 2", "1 imported", "1 lines not imported"}, errStopped},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var said strings.Builder
			err := importAll(t.Context(), &tt.service, strings.NewReader(tt.export), false, &said)
			for _, want := range tt.says {
				assert.Contains(t, said.String(), want)
			}
			if errors.Is(tt.err, errStopped) {
				require.ErrorContains(t, err, "repeat the command")
				assert.NotContains(t, said.String(), "line 3")
				return
			}
			require.ErrorIs(t, err, tt.err)
		})
	}
}

// errStopped stands for the error of an import that could not go on.
var errStopped = errors.New("stopped")

func TestTakeOverSaysWhatItNeeds(t *testing.T) {
	var said strings.Builder
	require.Error(t, takeOver(t.Context(), nil, nil, &said))
	assert.Contains(t, said.String(), "handler import [-drafts] FILE")
	require.ErrorContains(t, takeOver(t.Context(), []string{"no such file"}, nil, &said), "no such file")
	require.ErrorContains(t, takeOver(t.Context(), []string{"takeover_test.go"}, nil, &said), "AIRLOCK_STATE_KEY")
}
