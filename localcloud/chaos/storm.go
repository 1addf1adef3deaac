package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/story"
)

// stormWidth is how many stories are played at once.
const stormWidth = 24

// longStorm is how many requests a storm has that lasts longer than a deadline of a minute.
const longStorm = 100

// stormLimit is how long a story may wait for one status in the storm.
const stormLimit = 6 * time.Minute

// storm plays many stories at once with two handlers, while everything goes wrong.
func (o Options) storm(ctx context.Context) (r Result, err error) {
	r.Name = "storm"
	c, stop, err := o.open(ctx, "storm", 2, Hasty())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := Prepare(ctx, c); err != nil {
		return r, err
	}
	w := o.newWeather(c, 2, o.Requests)
	events := grid.Faults{Seed: o.Seed, Except: "scanresult", Drop: 0.15, Duplicate: 0.25, Shuffle: grid.Duration(400 * time.Millisecond)}
	if err := c.BreakEvents(ctx, events); err != nil {
		return r, err
	}
	blow, calm := context.WithCancel(ctx)
	var blowing sync.WaitGroup
	blowing.Go(func() { w.blow(blow) })
	o.playStorm(ctx, c, w)
	calm()
	blowing.Wait()
	r.Requests, r.Faults, r.Kills = len(w.book.all()), w.faults+int(w.oddities.Load()), w.kills
	o.say("storm: %d odd things were done to drafts, %d submits refused", w.oddities.Load(), w.refused.Load())
	after := context.WithoutCancel(ctx)
	stats, err := c.GridStats(after)
	if err != nil {
		return r, err
	}
	for _, s := range stats.Subscriptions {
		r.Faults += s.Dropped + s.Duplicated
	}
	if err := errors.Join(w.err, c.Mend(after), c.BreakEvents(after, grid.Faults{})); err != nil {
		return r, err
	}
	// Everything once more, when it is too late for all of it.
	if err := errors.Join(c.Replay(after, ""), c.Settle(after)); err != nil {
		return r, err
	}
	return r, r.hold(after, c, w.book.all(), 90*time.Second)
}

func (o Options) playStorm(ctx context.Context, c *story.Cloud, w *weather) {
	var playing sync.WaitGroup
	places := make(chan struct{}, stormWidth)
	began := time.Now()
	for i := range o.Requests {
		if i%50 == 0 && i > 0 {
			o.say("storm: %d of %d requests begun, %v", i, o.Requests, time.Since(began).Round(time.Second))
		}
		if o.late() || ctx.Err() != nil {
			o.say("storm: out of time after %d of %d requests", i, o.Requests)
			break
		}
		places <- struct{}{}
		playing.Go(func() {
			defer func() { <-places }()
			o.stormStory(ctx, c, w, i)
		})
	}
	playing.Wait()
}

// saidToBe has the uploader say something of a file, mostly something untrue.
func saidToBe(dice *rand.Rand, f story.File) story.File {
	for _, said := range []struct{ header, value string }{
		{"x-ms-blob-content-encoding", "gzip"}, {"x-ms-blob-content-type", "text/csv"}, {"x-ms-blob-content-disposition", "attachment; filename=other.exe"},
		{"x-ms-blob-cache-control", "max-age=31536000"}, {"x-ms-meta-airlocksource", "0x1"}, {"x-ms-meta-note", "anything"},
	} {
		if dice.IntN(5) == 0 {
			f = f.SaidToBe(said.header, said.value)
		}
	}
	return f
}

// stormStory plays the ith story; all about it follows from the seed.
func (o Options) stormStory(ctx context.Context, c *story.Cloud, w *weather, i int) {
	dice := rand.New(rand.NewPCG(o.Seed, 1000+uint64(i)))
	s := scenarios[dice.IntN(len(scenarios))]
	if s.slow && (i >= stormWidth || o.Requests < longStorm) { // it would still wait when all others are over
		s = scenarios[0]
	}
	var files []story.File
	for n := range 1 + dice.IntN(4) {
		files = append(files, saidToBe(dice, story.Noise(fmt.Sprintf("part %d/of %d.csv", n, i), dice.Int64N(40000), dice.Uint64())))
	}
	var played *story.Play
	d := &drafter{dice: dice}
	err := c.Run(ctx, story.Story{Name: s.name, Play: func(p *story.Play) {
		played = p
		w.meet(p)
		s.play(p, files, d)
	}}, story.Options{Workspace: s.workspace, Within: stormLimit, Patient: true})
	w.oddities.Add(int64(d.done))
	w.refused.Add(int64(d.refused))
	w.book.add(caseOf(played, s, fmt.Sprintf("storm: request %d", i), err))
}
