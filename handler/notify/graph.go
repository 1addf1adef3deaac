package notify

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"example.org/airlock/handler/airlock"
)

const (
	// DefaultGraph is Microsoft Graph in the public cloud.
	DefaultGraph = "https://graph.microsoft.com"
	// graphWithin bounds a look-up with all its pages, groups and repetitions.
	graphWithin = 5 * time.Second
	// freshFor is how long an answer is used without asking again, staleFor how
	// long mails go by it while the directory does not answer: who has lost a role
	// is told for at most that long.
	freshFor = 10 * time.Minute
	staleFor = 24 * time.Hour
	// restAfter is how long a directory in trouble is left alone, at least.
	restAfter = 15 * time.Second
)

// Graph is the directory in Microsoft Entra ID. The service's identity needs the
// Graph application permissions Application.Read.All, User.ReadBasic.All and
// GroupMember.Read.All.
//
// A workspace without a service principal in its registry row is answered from
// its contacts.
type Graph struct {
	pipeline runtime.Pipeline
	endpoint string
	now      func() time.Time

	mu      sync.Mutex
	members map[memberKey]*members
	rest    time.Time // until when to ask nothing at all: Graph itself is in trouble
	fault   error     // why
}

type memberKey struct {
	principal string // the workspace's service principal
	role      airlock.Role
}

// members is what is known about one role. Its mutex lets one caller ask at a
// time; the others wait for that answer.
type members struct {
	mu     sync.Mutex
	people []airlock.Person
	at     time.Time // when people was read; zero: never
	rest   time.Time // until when not to ask again
	fault  error     // why
}

// NewGraph returns a directory that asks nothing yet. endpoint is DefaultGraph
// except in other clouds and tests, and without a slash at its end. The SDK's own retries are kept within the
// 5 s a look-up may take: a longer Retry-After is left to the next look-up.
func NewGraph(cred azcore.TokenCredential, options azcore.ClientOptions, endpoint string) *Graph {
	options.Retry = policy.RetryOptions{MaxRetries: 3, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: graphWithin}
	token := runtime.NewBearerTokenPolicy(cred, []string{endpoint + "/.default"}, nil)
	return &Graph{
		pipeline: runtime.NewPipeline("airlock", "1", runtime.PipelineOptions{PerRetry: []policy.Policy{token}}, &options),
		endpoint: endpoint, now: time.Now, members: map[memberKey]*members{},
	}
}

// Members returns the people who hold a role in the workspace's application,
// directly or through groups. Somebody without a mail address has none in the
// result. An answer is kept for ten minutes, and for a day while the directory
// is in trouble; only without any answer is that a *airlock.Fault.
func (g *Graph) Members(ctx context.Context, ws airlock.Workspace, role airlock.Role) ([]airlock.Person, error) {
	return g.lookUp(ctx, ws, role, staleFor)
}

// Holds reports whether a person holds a role in the workspace's application. It
// never goes by an answer of more than ten minutes ago: without a newer one it is
// a *airlock.Fault.
func (g *Graph) Holds(ctx context.Context, ws airlock.Workspace, id airlock.UserID, role airlock.Role) (bool, error) {
	people, err := g.lookUp(ctx, ws, role, freshFor)
	return isAmong(people, id), err
}

// lookUp answers from memory while that is fresh, else from the directory, and
// when that is in trouble from what it said within the time oldest.
func (g *Graph) lookUp(ctx context.Context, ws airlock.Workspace, role airlock.Role, oldest time.Duration) ([]airlock.Person, error) {
	if ws.ServicePrincipalID == "" {
		return Contacts{}.Members(ctx, ws, role)
	}
	m := g.entry(memberKey{ws.ServicePrincipalID, role})
	m.mu.Lock()
	defer m.mu.Unlock()
	now := g.now()
	if !m.at.IsZero() && now.Sub(m.at) < freshFor {
		return m.people, nil
	}
	if now.Before(m.rest) {
		return m.known(now, oldest)
	}
	if fault := g.trouble(now); fault != nil {
		m.fault = fault
		return m.known(now, oldest)
	}
	limited, cancel := context.WithTimeout(ctx, graphWithin)
	defer cancel()
	people, err := g.holders(limited, ws.ServicePrincipalID, role)
	if err != nil {
		g.note(ctx, m, now, g.faultOf(err))
		return m.known(now, oldest)
	}
	m.people, m.at, m.fault, m.rest = people, now, nil, time.Time{}
	return people, nil
}

// note remembers why a look-up failed that began at a time, and how long not to
// ask again. A caller who left, or who came with hardly any time, says nothing
// about Graph.
func (g *Graph) note(ctx context.Context, m *members, began time.Time, fault *airlock.Fault) {
	m.fault = fault
	now := g.now()
	if errors.Is(ctx.Err(), context.Canceled) || ctx.Err() != nil && now.Sub(began) < graphWithin/2 {
		return
	}
	m.rest = now.Add(max(restAfter, fault.After))
	if fault.Kind == airlock.Transient {
		g.leaveAlone(m.rest, fault)
	}
}

// known answers from memory, or with why the directory did not.
func (m *members) known(now time.Time, oldest time.Duration) ([]airlock.Person, error) {
	if !m.at.IsZero() && now.Sub(m.at) < oldest {
		return m.people, nil
	}
	return nil, m.fault
}

// leaveAlone notes that Graph hangs, throttles or fails: that is not the trouble
// of one workspace, and to find it out for each anew would hold up everybody's
// mails by as many time-outs.
func (g *Graph) leaveAlone(until time.Time, fault error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rest, g.fault = until, fault
}

// trouble returns why nothing is to be asked now, nil when all is well.
func (g *Graph) trouble(now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Before(g.rest) {
		return g.fault
	}
	return nil
}

func (g *Graph) entry(key memberKey) *members {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, ok := g.members[key]
	if !ok {
		m = &members{}
		g.members[key] = m
	}
	return m
}
