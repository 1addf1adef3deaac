package chaos

import (
	"context"
	"fmt"
	"io"
	"time"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/story"
)

// Options say what to break, and how much of it.
type Options struct {
	Seed     uint64
	Requests int       // of the storm
	Crash    string    // "all" points, a "sample" of them, or "none"
	Sample   int       // crash points a story in a sample
	Only     string    // one crash point, as a failure's repeat command names it
	Lanes    int       // clouds that work side by side on crashes; 0 is 3
	Until    time.Time // nothing new is begun after it; zero is never
	Storm    bool
	Tamper   bool
	Insiders int // requests of the storm in which insiders do damage; 0 for none
	Dark     bool
	Bombs    string        // "all" hostile files, a "few" of them, or "none"
	Memory   bool          // watch what they take: not with the race detector, which takes more
	Verifier string        // the program airlock-verify, which is asked as well; "" is not
	Cloud    cloud.Options // Root and Install; each cloud gets a directory of its own
	Dir      string        // where those directories are made
	Progress io.Writer
}

// sampled is how many crash points a sample has for each story, unless the options say.
const sampled = 2

// Hasty are settings with which the reconciler looks after everything as soon as the handler allows.
func Hasty() map[string]string {
	return map[string]string{"AIRLOCK_RECONCILE_GRACE": "1s", "ReconcileSchedule": "* * * * * *"}
}

// speed divides the host's and Event Grid's own waits.
const speed = 50

// open starts a cloud of its own for one kind of chaos.
func (o Options) open(ctx context.Context, name string, instances int, settings map[string]string) (*story.Cloud, func() error, error) {
	options := o.Cloud
	options.Dir, options.Instances, options.Speed, options.Progress = o.Dir+"/"+name, instances, speed, io.Discard
	options.Settings = settings
	c, stop, err := story.Start(ctx, options)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, stop, nil
}

// late reports whether nothing new should be begun.
func (o Options) late() bool { return !o.Until.IsZero() && time.Now().After(o.Until) }

func (o Options) say(format string, args ...any) {
	fmt.Fprintf(o.Progress, "chaos: "+format+"\n", args...)
}
