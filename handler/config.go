package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
)

// config is everything the process takes from outside, read once at start.
// docs/DEPLOY.md says where each setting comes from.
type config struct {
	Port          string
	TableEndpoint string
	Accounts      airlock.Accounts // the core stage accounts
	StorageSuffix string
	LinkBase      string
	Topics        map[airlock.Topic]string
	Evidence      string // storage account of anchors and receipts
	StateKey      string // where the key is that seals rows, never the key
	SigningKey    string

	TokenIssuer  string
	TenantID     string
	APIAudience  string
	APIRootScope string
	APIClientID  string
	// IdentityClientID picks a user-assigned managed identity; "" takes the
	// system-assigned one.
	IdentityClientID string

	Directory      string // "graph" or "contacts"
	RequestURL     string
	ReconcileGrace time.Duration
	// PlainErrors gives errors as text to clients that do not name JSON.
	PlainErrors bool
	// Background has the instance that made a decision go on from it; without it events do.
	Background bool
}

// Bounds of settings that could switch a control off.
const (
	minGrace = time.Second
	maxGrace = 10 * time.Minute
)

var storageSuffix = regexp.MustCompile(`^[a-z0-9.-]{3,64}$`)

// readConfig reports every bad setting at once, so that an operator mends a
// deployment in one round. An AIRLOCK_ setting it does not know is an error: a
// misspelt setting must not fall back to its default.
func readConfig(environ []string) (config, error) {
	e := settings{values: map[string]string{}}
	for _, kv := range environ {
		if k, v, _ := strings.Cut(kv, "="); strings.HasPrefix(k, "AIRLOCK_") || k == "FUNCTIONS_CUSTOMHANDLER_PORT" {
			e.values[k] = v
		}
	}
	c := config{
		Port:          e.text("FUNCTIONS_CUSTOMHANDLER_PORT"),
		TableEndpoint: e.https("AIRLOCK_TABLE_ENDPOINT"),
		Accounts: airlock.Accounts{
			airlock.ImportExternal:   e.account("AIRLOCK_ACCOUNT_STALIMEX"),
			airlock.ImportInProgress: e.account("AIRLOCK_ACCOUNT_STALIMIP"),
			airlock.ImportRejected:   e.account("AIRLOCK_ACCOUNT_STALIMREJ"),
			airlock.ImportBlocked:    e.account("AIRLOCK_ACCOUNT_STALIMBLOCKED"),
			airlock.ExportApproved:   e.account("AIRLOCK_ACCOUNT_STALEXAPP"),
		},
		StorageSuffix: e.matching("AIRLOCK_STORAGE_SUFFIX", "core.windows.net", storageSuffix),
		Topics: map[airlock.Topic]string{
			airlock.TopicStatusChanged: e.https("AIRLOCK_TOPIC_STATUS_CHANGED"),
			airlock.TopicNotification:  e.https("AIRLOCK_TOPIC_NOTIFICATION"),
			airlock.TopicStepResult:    e.https("AIRLOCK_TOPIC_STEP_RESULT"),
			airlock.TopicDataDeletion:  e.https("AIRLOCK_TOPIC_DATA_DELETION"),
			airlock.TopicGates:         e.https("AIRLOCK_TOPIC_GATES"),
		},
		Evidence:         e.account("AIRLOCK_EVIDENCE_ACCOUNT"),
		StateKey:         e.keyURL("AIRLOCK_STATE_KEY"),
		SigningKey:       e.keyURL("AIRLOCK_SIGNING_KEY"),
		TokenIssuer:      e.issuer("AIRLOCK_TOKEN_ISSUER"),
		TenantID:         e.text("AIRLOCK_TENANT_ID"),
		APIAudience:      e.text("AIRLOCK_API_AUDIENCE"),
		APIRootScope:     e.text("AIRLOCK_API_ROOT_SCOPE"),
		APIClientID:      e.text("AIRLOCK_API_CLIENT_ID"),
		IdentityClientID: e.optional("AIRLOCK_MANAGED_IDENTITY_CLIENT_ID", ""),
		Directory:        e.oneOf("AIRLOCK_DIRECTORY", "graph", "contacts"),
		RequestURL:       e.requestURL("AIRLOCK_REQUEST_URL"),
		PlainErrors:      e.oneOf("AIRLOCK_PLAIN_ERRORS", "false", "true") == "true",
		Background:       e.oneOf("AIRLOCK_BACKGROUND", "true", "false") == "true",
		ReconcileGrace:   e.duration("AIRLOCK_RECONCILE_GRACE", 30*time.Second, minGrace, maxGrace),
	}
	c.LinkBase = e.linkBase("AIRLOCK_LINK_BASE", "https://{account}.blob."+c.StorageSuffix)
	e.distinct(c)
	return c, e.done()
}

// withoutHost are the settings of a command, which no host starts and which listens
// nowhere.
func withoutHost(environ []string) []string {
	return append(slices.Clone(environ), "FUNCTIONS_CUSTOMHANDLER_PORT=0")
}

// reserved holds the accounts and ids that no workspace may have.
func (c config) reserved() airlock.Reserved {
	r := airlock.Reserved{Audience: c.APIAudience, Accounts: map[string]string{c.stateAccount(): "the service's own", c.Evidence: "the service's own"}}
	for name, stages := range c.Accounts.Uses() {
		r.Accounts[name] = "the core's " + string(stages[0])
	}
	return r
}

// stateAccount is the storage account behind TableEndpoint.
func (c config) stateAccount() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(c.TableEndpoint, "https://"), ".")
	return name
}

// settings collects values and every complaint about them.
type settings struct {
	values map[string]string
	errs   []error
}

func (e *settings) complain(name, format string, args ...any) {
	e.errs = append(e.errs, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
}

// take removes a value, so that the names left at the end are unknown.
func (e *settings) take(name string) (string, bool) {
	v, ok := e.values[name]
	delete(e.values, name)
	return v, ok && v != ""
}

func (e *settings) text(name string) string {
	v, ok := e.take(name)
	if !ok {
		e.complain(name, "missing")
	}
	return v
}

func (e *settings) optional(name, fallback string) string {
	if v, ok := e.take(name); ok {
		return v
	}
	return fallback
}

func (e *settings) matching(name, fallback string, pattern *regexp.Regexp) string {
	v := e.optional(name, fallback)
	if !pattern.MatchString(v) {
		e.complain(name, "must match %s", pattern)
	}
	return v
}

func (e *settings) account(name string) string {
	v := e.text(name)
	if v != "" && !airlock.IsAccountName(v) {
		e.complain(name, "must be a storage account's name: 3 to 24 lower-case letters and digits")
	}
	return v
}

func (e *settings) url(name string, schemes ...string) string {
	v := e.text(name)
	if v == "" {
		return v
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || !slices.Contains(schemes, u.Scheme) {
		e.complain(name, "must be a plain %s URL", strings.Join(schemes, " or "))
	}
	return v
}

func (e *settings) https(name string) string { return e.url(name, "https") }

// issuer is an https URL too: its keys decide who is who. On the machine itself,
// as in a local cloud, nobody is in between.
func (e *settings) issuer(name string) string {
	v := e.url(name, "http", "https")
	if strings.HasPrefix(v, "http:") && !onThisMachine(v) {
		e.complain(name, "must be https")
	}
	return v
}

// onThisMachine reports whether a URL's host is the loopback interface.
func onThisMachine(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// keyURL accepts the place of a key: a file, or a key or secret in a vault.
func (e *settings) keyURL(name string) string {
	v := e.text(name)
	u, err := url.Parse(v)
	if v != "" && (err != nil || u.User != nil || u.RawQuery != "" || u.Scheme == "file" && !strings.HasPrefix(u.Path, "/") || u.Scheme != "file" && (u.Scheme != "https" || u.Host == "")) {
		e.complain(name, "must be file:///path or https://VAULT.vault.azure.net/…")
	}
	return v
}

func (e *settings) linkBase(name, fallback string) string {
	v := e.optional(name, fallback)
	if err := blobstore.CheckLinkBase(v); err != nil {
		e.complain(name, "%w", err)
	}
	return v
}

func (e *settings) requestURL(name string) string {
	v := e.text(name)
	if v != "" && (!strings.HasPrefix(v, "http") || !strings.Contains(v, "{workspace_id}") || !strings.Contains(v, "{request_id}")) {
		e.complain(name, "must be a URL with {workspace_id} and {request_id} in it")
	}
	return v
}

func (e *settings) oneOf(name string, choices ...string) string {
	v := e.optional(name, choices[0])
	if !slices.Contains(choices, v) {
		e.complain(name, "must be one of %s", strings.Join(choices, ", "))
	}
	return v
}

func (e *settings) duration(name string, fallback, low, high time.Duration) time.Duration {
	v := e.optional(name, fallback.String())
	d, err := time.ParseDuration(v)
	if err != nil || d < low || d > high {
		e.complain(name, "must be a duration from %s to %s, e.g. 30s", low, high)
	}
	return d
}

// distinct refuses two purposes in one account: an account that researchers can reach
// holds no state, and one that the internet reaches holds nothing else. The stages that
// share one by the layout are one purpose.
func (e *settings) distinct(c config) {
	purposes := map[string]string{"state": c.stateAccount(), "evidence": c.Evidence}
	uses := c.Accounts.Uses()
	for _, stage := range airlock.CoreStages {
		if name := c.Accounts[stage]; !airlock.MayShare(uses[name]) || uses[name][0] == stage {
			purposes[string(stage)] = name
		}
	}
	seen := map[string]string{}
	for _, purpose := range slices.Sorted(maps.Keys(purposes)) {
		name := purposes[purpose]
		if other, twice := seen[name]; twice && name != "" {
			e.errs = append(e.errs, fmt.Errorf("%s and %s must not be the same account", other, purpose))
		}
		seen[name] = purpose
	}
}

func (e *settings) done() error {
	for name := range e.values {
		e.complain(name, "unknown setting")
	}
	slices.SortFunc(e.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(e.errs...)
}
