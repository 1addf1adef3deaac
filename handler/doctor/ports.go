package doctor

import (
	"context"
	"iter"
	"time"

	"example.org/airlock/handler/airlock"
)

// The doctor's errors are *airlock.Fault, or texts without secrets.

// Blobs tries the airlock's calls to a storage account, on things that do not
// exist: nil means that it would have been done.
type Blobs interface {
	TryList(ctx context.Context, account string) error
	TryWrite(ctx context.Context, account string) error
	TryDelete(ctx context.Context, account string) error
	// TryTags asks for the index tags of a blob.
	TryTags(ctx context.Context, account string) error
	// TryLink signs a link as people get it and follows it.
	TryLink(ctx context.Context, account string) error
	// Clock is the service's time.
	Clock(ctx context.Context, account string) (time.Time, error)
}

// Tables tries the state account's tables.
type Tables interface {
	// Names lists the tables that the airlock needs.
	Names() []string
	TryRead(ctx context.Context, table string) error
	TryWrite(ctx context.Context, table string) error
}

// Evidence tries the append-only store.
type Evidence interface {
	TryEvidence(ctx context.Context, container string) error
}

// Inspections tries the container where it is kept how far inspections have come.
type Inspections interface {
	Try(ctx context.Context) error
}

// Topics publishes events.
type Topics interface {
	Publish(ctx context.Context, topic airlock.Topic, events []airlock.Event) error
}

// Key is tried by using it.
type Key interface {
	Try(ctx context.Context) error
}

// Registry lists the workspaces. With rows that cannot be used it returns the
// others and an error that names them.
type Registry interface {
	Workspaces(ctx context.Context) ([]airlock.Workspace, error)
}

// Directory finds the people of a workspace.
type Directory interface {
	// Members returns those who hold a role.
	Members(ctx context.Context, ws airlock.Workspace, role airlock.Role) ([]airlock.Person, error)
	// Application reports whether there is a service principal with that object id that
	// can sign in. true also stands for a directory that is not asked.
	Application(ctx context.Context, id string) (bool, error)
}

// Issuer is who signs the tokens of people.
type Issuer interface {
	// Try asks for its keys.
	Try(ctx context.Context) error
}

// Canary notes events that are sent to come back.
type Canary interface {
	Sent(ctx context.Context, id string) error
	// Returned reports whether the event with that id was delivered to the service.
	Returned(ctx context.Context, id string) (bool, error)
	Forget(ctx context.Context, id string) error
}

// Backlog is the work that waits.
type Backlog struct {
	OldestUnpublished time.Duration
	Overdue           int
	Parked            int
	ScanSilent        int
}

// DeadLetters lists events that nobody could deliver, as they were before a moment.
type DeadLetters interface {
	Names(ctx context.Context, before time.Time) iter.Seq2[string, error]
}

// Work tells the backlog.
type Work interface {
	Backlog(ctx context.Context) (Backlog, error)
}
