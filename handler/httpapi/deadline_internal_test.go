package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/workflow"
)

// hanging is a store that does not answer before the call's time is up.
type hanging struct {
	idle
	left time.Duration
}

func (h *hanging) Health(ctx context.Context) workflow.Health {
	if end, limited := ctx.Deadline(); limited {
		h.left = time.Until(end)
		<-ctx.Done()
	}
	return workflow.Health{}
}

// Clients stop waiting at 30 s; a longer call must have been answered.
func TestCallsHaveAnEnd(t *testing.T) {
	a := idleAPI()
	for _, rt := range a.routes() {
		want := 25 * time.Second
		if rt.function == "RunReconcile" || rt.function == "SealRows" {
			want = 200 * time.Second
		}
		assert.Equal(t, want, a.answerWithin(rt), rt.function)
	}
	h := &hanging{}
	a.config.Operations, a.within = h, 50*time.Millisecond
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/health", nil))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Positive(t, h.left)
}
