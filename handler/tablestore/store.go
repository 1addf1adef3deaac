package tablestore

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// The tables, as the infrastructure makes them.
const (
	requestsTable          = "AirlockRequests"
	requestWorkspacesTable = "AirlockRequestWorkspaces"
	workspacesTable        = "AirlockWorkspaces"
	parkedTable            = "AirlockParkedEvents"
)

// Config holds a Store's dependencies.
type Config struct {
	// Endpoint is the account's, https://{account}.table.….
	Endpoint string
	// Credential is the managed identity. There are no account keys.
	Credential azcore.TokenCredential
	// ClientOptions go to the SDK. Without retry settings, retry is used.
	ClientOptions azcore.ClientOptions
	// CacheFor is how long a registry row may be answered from memory; 0 means
	// five seconds. That a workspace does not exist is kept for a second at most.
	CacheFor time.Duration
	// Reserved holds the accounts and ids that no workspace of the registry may have.
	Reserved airlock.Reserved
	// Seals seals the rows and checks them. Required.
	Seals Seals
	// Known reports whether a workspace was in force at some time, by what lies outside
	// the tables. Optional: without it every workspace that nothing is in force of is new.
	Known func(context.Context, airlock.WorkspaceID) (bool, error)
	// Damaged is told of every row that is not to be believed, each time it is read.
	// Optional.
	Damaged func(context.Context, airlock.DamagedRow)
}

// retry is sized for callers who wait and for deliveries that must end within
// 30 seconds: at most four tries and about four seconds of waiting. The
// caller's context bounds the whole.
var retry = policy.RetryOptions{
	MaxRetries:    3,
	TryTimeout:    5 * time.Second,
	RetryDelay:    200 * time.Millisecond,
	MaxRetryDelay: 2 * time.Second,
}

const (
	defaultCacheFor = 5 * time.Second
	absentCacheFor  = time.Second
)

// table is a table with its name, which the seals of its rows are bound to.
type table struct {
	*aztables.Client
	name string
}

// Store is the state in one storage account. It is safe for use by many
// goroutines and by many instances of the program at once.
type Store struct {
	account           string // for faults
	requests          table
	requestWorkspaces table
	registry          table
	parked            table
	reserved          airlock.Reserved
	seals             Seals
	formats           formats
	known             func(context.Context, airlock.WorkspaceID) (bool, error)
	onDamage          func(context.Context, airlock.DamagedRow)
	damages           damages

	workspaces    azure.Memo[airlock.WorkspaceID, registryEntry]
	allWorkspaces azure.Memo[struct{}, []registryEntry]
}

// New opens the tables behind the endpoint. It makes no call. It panics on a missing
// dependency and refuses settings that cannot work.
func New(c Config) (*Store, error) {
	if c.Credential == nil || c.Seals == nil {
		panic("tablestore: missing dependency")
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
		return nil, fmt.Errorf("tablestore: %q is no https address of a table endpoint", c.Endpoint)
	}
	service, err := aztables.NewServiceClient(strings.TrimSuffix(c.Endpoint, "/"), c.Credential, clientOptions(c))
	if err != nil {
		return nil, fmt.Errorf("tablestore: %w", err)
	}
	return open(service, accountOf(u), c), nil
}

func clientOptions(o Config) *aztables.ClientOptions {
	c := o.ClientOptions
	if c.Retry.MaxRetries == 0 && c.Retry.TryTimeout == 0 && c.Retry.RetryDelay == 0 && c.Retry.MaxRetryDelay == 0 {
		codes, should := c.Retry.StatusCodes, c.Retry.ShouldRetry
		c.Retry = retry
		c.Retry.StatusCodes, c.Retry.ShouldRetry = codes, should
	}
	c.PerCallPolicies = append(slices.Clone(c.PerCallPolicies), takeAnswer{})
	return &aztables.ClientOptions{ClientOptions: c}
}

func open(service *aztables.ServiceClient, account string, o Config) *Store {
	keep := o.CacheFor
	if keep == 0 {
		keep = defaultCacheFor
	}
	return &Store{
		account:           account,
		requests:          table{service.NewClient(requestsTable), requestsTable},
		requestWorkspaces: table{service.NewClient(requestWorkspacesTable), requestWorkspacesTable},
		registry:          table{service.NewClient(workspacesTable), workspacesTable},
		parked:            table{service.NewClient(parkedTable), parkedTable},
		reserved:          o.Reserved,
		seals:             o.Seals,
		formats:           present,
		onDamage:          o.Damaged,
		known:             o.Known,
		workspaces:        azure.Memo[airlock.WorkspaceID, registryEntry]{Fresh: keep, Absent: min(keep, absentCacheFor)},
		allWorkspaces:     azure.Memo[struct{}, []registryEntry]{Fresh: keep, Absent: min(keep, absentCacheFor)},
	}
}

// accountOf is the account an endpoint belongs to: the first label of its host,
// or the first segment of its path where the host is an address.
func accountOf(u *url.URL) string {
	if net.ParseIP(u.Hostname()) != nil {
		account, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		return account
	}
	account, _, _ := strings.Cut(u.Hostname(), ".")
	return account
}
