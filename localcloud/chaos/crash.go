package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/story"
)

// point is one moment at which the handler dies: before or after its nth call of one kind while a story is played.
type point struct {
	scenario int
	op       string
	n        int
	after    bool
}

func (p point) String() string {
	when := "before"
	if p.after {
		when = "after"
	}
	return fmt.Sprintf("%s/%s/%s-%d", strings.ReplaceAll(scenarios[p.scenario].name, " ", "-"), when, p.op, p.n)
}

// parsePoint reads the form of String.
func parsePoint(text string) (point, error) {
	parts := strings.Split(text, "/")
	if len(parts) == 3 && (parts[1] == "before" || parts[1] == "after") {
		op, number, _ := strings.Cut(parts[2], "-")
		n, err := strconv.Atoi(number)
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return strings.ReplaceAll(s.name, " ", "-") == parts[0] })
		if err == nil && i >= 0 && n > 0 {
			return point{scenario: i, op: op, n: n, after: parts[1] == "after"}, nil
		}
	}
	return point{}, fmt.Errorf("%q is no crash point such as import-approved/before/EntityTransaction-3", text)
}

// rule is the fault that makes the handler die there.
func (p point) rule() url.Values {
	r := url.Values{"by": {fault.Program}, "op": {p.op}, "do": {string(fault.KillBefore)}}
	if p.after {
		r.Set("do", string(fault.KillAfter))
	}
	if p.n > 1 {
		r.Set("skip", strconv.Itoa(p.n-1))
	}
	return r
}

// crashLimit is how long one disturbed story may wait for each of its statuses: a dozen rounds of the reconciler.
const crashLimit = 30 * time.Second

// lane is one cloud that plays crash after crash.
type lane struct {
	Options
	name  string
	cloud *story.Cloud
	book  *book
	plays int
}

// crash counts the calls of every story, then plays each story once for every point.
func (o Options) crash(ctx context.Context) (Result, error) {
	result := Result{Name: "crash"}
	lanes := max(o.Lanes, 1)
	if o.Only != "" {
		lanes = 1
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	var failed error
	work := make(chan point)
	counted := make(chan []point, 1)
	for i := range lanes {
		running.Go(func() {
			r, err := o.crashLane(ctx, fmt.Sprintf("crash-%d", i+1), i == 0, counted, work)
			mu.Lock()
			defer mu.Unlock()
			result.add(r)
			failed = errors.Join(failed, err)
		})
	}
	points, ok := <-counted
	if ok {
		chosen := o.choose(points)
		result.Points = len(points)
		o.say("crash: %d points, %d of them are tried in %d clouds", len(points), len(chosen), lanes)
		o.hand(ctx, chosen, work)
	}
	close(work)
	running.Wait()
	return result, failed
}

// hand gives the points out until they or the time are used up.
func (o Options) hand(ctx context.Context, chosen []point, work chan<- point) {
	for i, p := range chosen {
		if o.late() || ctx.Err() != nil {
			o.say("crash: out of time after %d of %d points", i, len(chosen))
			return
		}
		work <- p // there is a lane for it, or its end closes the rest
		if (i+1)%25 == 0 {
			o.say("crash: %d of %d points", i+1, len(chosen))
		}
	}
}

// choose takes the points to try, in an order that the seed decides, so that a run that is cut short has seen all kinds.
func (o Options) choose(points []point) []point {
	if o.Only != "" {
		only, err := parsePoint(o.Only)
		if err != nil {
			return nil
		}
		return []point{only}
	}
	dice := rand.New(rand.NewPCG(o.Seed, 1))
	points = slices.Clone(points)
	dice.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	if o.Crash == "all" {
		return points
	}
	taken := map[int]int{}
	return slices.DeleteFunc(points, func(p point) bool { taken[p.scenario]++; return taken[p.scenario] > cmp.Or(o.Sample, sampled) })
}

// crashLane starts a cloud, counts if it is the first, and then plays points until there are none.
func (o Options) crashLane(ctx context.Context, name string, counts bool, counted chan<- []point, work <-chan point) (r Result, err error) {
	if counts {
		defer close(counted)
	}
	c, stop, err := o.open(ctx, name, 1, Hasty())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := Prepare(ctx, c); err != nil {
		return r, err
	}
	l := &lane{Options: o, name: name, cloud: c, book: &book{}}
	// Everything but the scan's verdicts is lost: without those nobody could know whether a file is clean.
	if err := c.BreakEvents(ctx, grid.Faults{Drop: 1, Except: "scanresult"}); err != nil {
		return r, err
	}
	if counts {
		points, err := l.count(ctx)
		if err != nil {
			return r, err
		}
		counted <- points
	}
	for p := range work {
		killed, err := l.play(ctx, p)
		if err != nil {
			return r, err
		}
		r.Requests++
		r.Kills += killed
		r.Faults += killed
	}
	if err := c.Mend(context.WithoutCancel(ctx)); err != nil {
		return r, err
	}
	return r, r.hold(context.WithoutCancel(ctx), c, l.book.all(), 60*time.Second)
}

// count plays every story but the slow ones undisturbed and lists the calls the handler makes.
func (l *lane) count(ctx context.Context) (points []point, err error) {
	for i, s := range scenarios {
		if s.slow {
			continue
		}
		if err := l.cloud.ForgetCalls(ctx); err != nil {
			return nil, err
		}
		if broken := l.stage(ctx, i, ""); broken != nil {
			return nil, fmt.Errorf("%s does not hold even undisturbed: %w", s.name, broken)
		}
		calls, err := l.cloud.Calls(ctx)
		if err != nil {
			return nil, err
		}
		points = append(points, pointsOf(i, calls)...)
	}
	return points, nil
}

// pointsOf lists before and after every call that writes, and before every first of several calls that only read one
// after the other: dying between two of those leaves nothing else behind.
func pointsOf(scenario int, calls []fault.Call) (points []point) {
	seen := map[string]int{}
	reading := false
	for _, call := range calls {
		if call.By != fault.Program {
			continue
		}
		seen[call.Op]++
		p := point{scenario: scenario, op: call.Op, n: seen[call.Op]}
		wrote := writes(call.Op)
		if wrote || !reading {
			points = append(points, p)
		}
		if wrote {
			p.after = true
			points = append(points, p)
		}
		reading = !wrote
	}
	return points
}

// writes reports whether a call changes anything.
func writes(op string) bool {
	for _, reading := range []string{"Get", "Query", "List", "Graph", "ServiceGET"} {
		if strings.HasPrefix(op, reading) {
			return false
		}
	}
	return true
}

// play plays one story with the handler dying at one point.
func (l *lane) play(ctx context.Context, p point) (killed int, err error) {
	if err := l.cloud.ForgetCalls(ctx); err != nil {
		return 0, err
	}
	if err := l.cloud.Break(ctx, p.rule()); err != nil {
		return 0, err
	}
	_ = l.stage(ctx, p.scenario, p.String()) // it is in the book
	rules, err := l.cloud.Rules(context.WithoutCancel(ctx))
	if err != nil {
		return 0, err
	}
	return 1 - len(rules), l.cloud.Mend(context.WithoutCancel(ctx))
}

// stage plays a scenario with patient people and enters the case.
func (l *lane) stage(ctx context.Context, scenario int, point string) error {
	l.plays++
	s := scenarios[scenario]
	files := []story.File{story.Noise(fmt.Sprintf("data %d.csv", l.plays), 1000, l.Seed+uint64(l.plays))}
	one, err := s.run(ctx, l.cloud, files, l.name+": killed at "+point, story.Options{Within: crashLimit, Patient: true})
	if one.Point = point; point == "" {
		one.Where = l.name + ": undisturbed, for counting"
	}
	l.book.add(one)
	return err
}
