package notify

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
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

	members azure.Memo[memberKey, []airlock.Person]
	people  azure.Memo[airlock.UserID, airlock.Person]

	mu    sync.Mutex
	rest  time.Time      // until when to ask nothing at all: Graph itself is in trouble
	fault *airlock.Fault // why
}

type memberKey struct {
	principal string // the workspace's service principal
	role      airlock.Role
}

// GraphConfig is what a Graph needs.
type GraphConfig struct {
	Credential azcore.TokenCredential
	// Endpoint is DefaultGraph except in other clouds and tests. It has no slash at its
	// end.
	Endpoint      string
	ClientOptions azcore.ClientOptions
}

// NewGraph returns a directory that asks nothing yet. It panics without a credential or
// an endpoint. The SDK's own retries are kept within the 5 s a look-up may take: a longer
// Retry-After is left to the next look-up.
func NewGraph(c GraphConfig) *Graph {
	if c.Credential == nil || c.Endpoint == "" {
		panic("notify: missing dependency")
	}
	options := c.ClientOptions
	options.Retry = policy.RetryOptions{MaxRetries: 3, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: graphWithin}
	token := runtime.NewBearerTokenPolicy(c.Credential, []string{c.Endpoint + "/.default"}, nil)
	g := &Graph{
		pipeline: runtime.NewPipeline("airlock", "1", runtime.PipelineOptions{PerRetry: []policy.Policy{token}}, &options),
		endpoint: c.Endpoint, now: time.Now,
	}
	g.members = azure.Memo[memberKey, []airlock.Person]{Fresh: freshFor, Stale: staleFor, Rest: restAfter, Within: graphWithin,
		Now: func() time.Time { return g.now() }}
	g.people = azure.Memo[airlock.UserID, airlock.Person]{Fresh: freshFor, Stale: staleFor, Rest: restAfter, Within: graphWithin,
		Now: func() time.Time { return g.now() }}
	return g
}

// Person returns somebody as the directory knows them. A person who is not there any
// more has no address. An answer is kept as one of Members is.
func (g *Graph) Person(ctx context.Context, _ airlock.Workspace, id airlock.UserID) (airlock.Person, error) {
	person, err := g.people.Get(ctx, id, func(ctx context.Context) (airlock.Person, error) {
		if fault := g.trouble(); fault != nil {
			return airlock.Person{}, fault
		}
		var u account
		err := g.get(ctx, "/v1.0/users/"+url.PathEscape(string(id))+"?"+userFields, &u)
		if gone(err) {
			return airlock.Person{ID: id}, nil
		}
		return airlock.Person{ID: id, Name: u.Name, Email: u.address()}, g.noted(err)
	})
	return person, faultOf(err)
}

// Members returns the people who hold a role in the workspace's application,
// directly or through groups. Somebody without a mail address has none in the
// result. An answer is kept for ten minutes, and for a day while the directory
// is in trouble; only without any answer is that a *airlock.Fault.
func (g *Graph) Members(ctx context.Context, ws airlock.Workspace, role airlock.Role) ([]airlock.Person, error) {
	if ws.ServicePrincipalID == "" {
		return Contacts{}.Members(ctx, ws, role)
	}
	key := memberKey{ws.ServicePrincipalID, role}
	people, err := g.members.Get(ctx, key, g.question(key))
	return people, faultOf(err)
}

// Holds reports whether a person holds a role in the workspace's application. It
// never goes by an answer of more than ten minutes ago: without a newer one it is
// a *airlock.Fault.
func (g *Graph) Holds(ctx context.Context, ws airlock.Workspace, id airlock.UserID, role airlock.Role) (bool, error) {
	if ws.ServicePrincipalID == "" {
		return Contacts{}.Holds(ctx, ws, id, role)
	}
	key := memberKey{ws.ServicePrincipalID, role}
	people, err := g.members.GetFresh(ctx, key, g.question(key))
	return isAmong(people, id), faultOf(err)
}

// Application reports whether there is a service principal with that object id that can
// sign in. Errors: *airlock.Fault.
func (g *Graph) Application(ctx context.Context, id string) (bool, error) {
	var app struct {
		Enabled bool `json:"accountEnabled"`
	}
	err := g.get(ctx, "/v1.0/servicePrincipals/"+url.PathEscape(id)+"?$select=id,accountEnabled", &app)
	if gone(err) {
		return false, nil
	}
	return app.Enabled, faultOf(err)
}

// question asks the directory who holds a role, unless it is known to be in trouble.
func (g *Graph) question(key memberKey) func(context.Context) ([]airlock.Person, error) {
	return func(ctx context.Context) ([]airlock.Person, error) {
		if fault := g.trouble(); fault != nil {
			return nil, fault
		}
		people, err := g.holders(ctx, key.principal, key.role)
		return people, g.noted(err)
	}
}

// noted is an error of Graph as a fault. It remembers Graph's own faults.
func (g *Graph) noted(err error) error {
	err = faultOf(err)
	if fault, ok := errors.AsType[*airlock.Fault](err); ok && fault.Kind == airlock.Transient {
		g.leaveAlone(fault)
	}
	return err
}

// leaveAlone notes that Graph hangs, throttles or fails. The trouble is not one
// workspace's. Finding it out anew for each would hold up everybody's mails by as
// many time-outs.
func (g *Graph) leaveAlone(fault *airlock.Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rest, g.fault = g.now().Add(max(restAfter, fault.After)), fault
}

// trouble returns why nothing is to be asked now and for how long, nil when all
// is well.
func (g *Graph) trouble() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	left := g.rest.Sub(g.now())
	if left <= 0 {
		return nil
	}
	fault := *g.fault
	fault.After = left
	return &fault
}
