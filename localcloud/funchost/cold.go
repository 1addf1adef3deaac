package funchost

import (
	"strings"
	"sync"
)

// idle plays a plan that scales to zero, for webhooks: an instance that was
// just started for a function answers the first call with 401, before it has
// loaded its keys (https://github.com/Azure/azure-functions-host/issues/11834). Instances are
// started per function; all blob triggers share theirs
// (learn.microsoft.com/azure/azure-functions/flex-consumption-plan#per-function-scaling).
type idle struct {
	mu   sync.Mutex
	cold map[string]bool // by scaling group
}

// Idle has the plan take all instances away that serve webhooks, as after hours
// without calls, but those of always-ready groups: "blob", "function:NAME". The
// handler itself lives on: timers and HTTP have instances of their own.
func (h *Host) Idle(ready ...string) {
	h.idle.mu.Lock()
	defer h.idle.mu.Unlock()
	h.idle.cold = map[string]bool{}
	for _, f := range h.functions {
		h.idle.cold[f.scalingGroup()] = true
	}
	for _, group := range ready {
		delete(h.idle.cold, strings.ToLower(group))
	}
}

// coldStart says whether this call of a function is the first since Idle.
func (h *Host) coldStart(f *function) bool {
	h.idle.mu.Lock()
	defer h.idle.mu.Unlock()
	group := f.scalingGroup()
	cold := h.idle.cold[group]
	delete(h.idle.cold, group)
	return cold
}

func (f *function) scalingGroup() string {
	if f.trigger.Type == blobTrigger {
		return "blob"
	}
	return "function:" + strings.ToLower(f.name)
}
