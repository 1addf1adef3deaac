package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"example.org/airlock/localcloud/hostile"
	"example.org/airlock/localcloud/story"
)

// Bounds of what the handler, and a child that looks into a file, may take of the memory together and the child alone.
const (
	handlerMiB = 220
	childMiB   = 160
)

// tooLarge is for a laptop's disk: larger files are looked into without a cloud around them (handler/inspect/sandbox).
const tooLarge = 256 << 20

// bombLimit is how long a request with a hostile file may take to its review.
const bombLimit = 3 * time.Minute

// bombs uploads files that are made to break their reader, as a researcher would. Each has to come to review with what was
// found in it, the memory of the handler and its children stays bounded, and a request beside each notices nothing.
func (o Options) bombs(ctx context.Context) (r Result, err error) {
	r.Name = "bombs"
	c, stop, err := o.open(ctx, "bombs", 1, nil)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := lenient(ctx, c); err != nil {
		return r, err
	}
	var cases []Case
	before := 0
	for i, f := range o.chosenBombs() {
		if o.late() || ctx.Err() != nil {
			o.say("bombs: out of time after %d of the files", i)
			break
		}
		handlers, err := c.Handlers()
		if err != nil || len(handlers) == 0 {
			return r, errors.Join(err, errors.New("no handler runs"))
		}
		most := hostile.Watch(handlers[0])
		one, beside, first := o.bomb(ctx, c, f, i)
		if cases = append(cases, one, beside); first {
			before++
		}
		memory := most()
		o.say("bombs: %s: handler and child %d MiB, child %d MiB", f.Name, memory.Sum, memory.Child)
		if o.Memory && (memory.Sum > handlerMiB || memory.Child > childMiB) {
			r.Findings = append(r.Findings, Finding{one, fmt.Sprintf("%s: the handler took %d MiB with its child, the child %d MiB", Wrong, memory.Sum, memory.Child)})
		}
		r.Faults++
	}
	o.say("bombs: %d of %d requests beside were in review before", before, r.Faults)
	r.Requests = len(cases)
	return r, r.hold(context.WithoutCancel(ctx), c, cases, 90*time.Second)
}

// chosenBombs are the files that the options ask for.
func (o Options) chosenBombs() []hostile.File {
	all := slices.DeleteFunc(append(hostile.Structures(), hostile.Tokens()...), func(f hostile.File) bool { return f.Size() > tooLarge })
	if o.Bombs == "all" {
		return all
	}
	few := []string{"overlap.zip", "zeros.csv.bz2", "laughs.xlsx", "chunk.png"} // one of each kind of reader
	return slices.DeleteFunc(all, func(f hostile.File) bool { return !slices.Contains(few, f.Name) })
}

// lenient has the content gate leave all that it finds to reviewers.
func lenient(ctx context.Context, c *story.Cloud) error {
	var known struct{ Rules []struct{ ID string } }
	answer, err := c.Call(ctx, story.Researcher, playedIn, http.MethodGet, "/gates/rules", nil, nil)
	if err == nil {
		err = answer.Into(&known)
	}
	if err != nil {
		return fmt.Errorf("the rules of the content gate: %w", err)
	}
	rules := map[string]any{}
	for _, rule := range known.Rules {
		rules[rule.ID] = action("review")
	}
	_, err = c.ChangePolicy(ctx, playedIn, func(policy map[string]any) {
		policy["gates"] = map[string]any{"export": []any{map[string]any{"id": contentGate, "kind": "content", "rules": rules}}}
	})
	return errors.Join(err, c.Kill(ctx))
}

// bomb plays a request with a hostile file, and another one beside it; first says that the other one was in review before.
func (o Options) bomb(ctx context.Context, c *story.Cloud, f hostile.File, i int) (one, beside Case, first bool) {
	where := "bombs: " + f.Name
	var playing sync.WaitGroup
	var reviewed [2]time.Time
	play := func(n int, persona string, file story.File, finds string, into *Case) {
		s := scenario{name: "looked into and cancelled", end: story.Cancelled, finds: finds, play: func(p *story.Play, files []story.File, _ *drafter) {
			p.As(persona).Creates(story.Export).UploadsFiles(files...).Submits()
			p.Eventually(story.InReview)
			reviewed[n] = time.Now()
			p.As(persona).Cancels()
			p.Eventually(story.Cancelled)
		}}
		*into, _ = s.run(ctx, c, []story.File{file}, where, story.Options{Within: bombLimit, Patient: true}) // an error is in the case
	}
	open := func() io.Reader { return io.NewSectionReader(f, 0, f.Size()) }
	playing.Go(func() { play(0, story.Researcher, story.File{Name: f.Name, Size: f.Size(), Open: open}, f.Finds, &one) })
	playing.Go(func() {
		play(1, story.Researcher2, story.Noise(fmt.Sprintf("beside %d.csv", i), math.MaxUint16, uint64(i)), "", &beside)
	})
	playing.Wait()
	return one, beside, reviewed[1].Before(reviewed[0])
}
