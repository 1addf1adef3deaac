package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/story"
)

// siege is a storm in which insiders do damage, each with the rights of one role and nothing else. The table writer has
// every second request to do with as they please; nobody else's damage may keep the others from their ends.
type siege struct {
	Options
	cloud   *story.Cloud
	weather *weather
	diary   *diary
	victims *book // requests that the table writer was after
	spared  *book
	mu      sync.Mutex
	err     error // of the attacks themselves
}

// mercy is how long people go on with a request after the last damage to it.
const mercy = 6 * time.Second

// besieged are the scenarios of a siege: those of a storm, and some in which people leave something undone that insiders
// would like to have done. They are played in one workspace: the registry writer closes the other.
var besieged = append(slices.DeleteFunc(slices.Clone(scenarios), func(s scenario) bool { return s.workspace != "" }),
	scenario{name: "never scanned", end: story.Cancelled, scanned: true, play: unscanned},
	scenario{name: "never reviewed", end: story.Rejected, play: unreviewed},
	scenario{name: "reviewed by its own requestor", end: story.Rejected, play: selfReview},
)

// insiders plays stories while insiders do damage, and has everything accounted for.
func (o Options) insiders(ctx context.Context) (r Result, err error) {
	r.Name = "insiders"
	c, stop, err := o.open(ctx, "insiders", 2, Hasty())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := Prepare(ctx, c); err != nil {
		return r, err
	}
	// An anchored trail is missed when it is gone.
	if a, err := c.Call(ctx, story.Admin, "", http.MethodPost, "/operations/reconcile", nil, map[string]any{}); err != nil || a.Status != http.StatusOK {
		return r, errors.Join(err, fmt.Errorf("the reconciler is not run: %s", a))
	}
	s := &siege{Options: o, cloud: c, diary: &diary{}, victims: &book{}, spared: &book{}}
	s.weather = o.newWeather(c, 3, o.Insiders)
	if err := c.BreakEvents(ctx, grid.Faults{Seed: o.Seed, Except: "scanresult", Drop: 0.1, Duplicate: 0.2, Shuffle: grid.Duration(400 * time.Millisecond)}); err != nil {
		return r, err
	}
	blow, calm := context.WithCancel(ctx)
	var blowing sync.WaitGroup
	blowing.Go(func() { s.weather.blow(blow) })
	blowing.Go(func() { s.roam(blow) })
	s.playAll(ctx)
	calm()
	blowing.Wait()
	after := context.WithoutCancel(ctx)
	if err := errors.Join(s.err, s.weather.err, c.Mend(after), c.BreakEvents(after, grid.Faults{})); err != nil {
		return r, err
	}
	harms, plants, forged := s.diary.deeds()
	r.Requests, r.Kills = len(s.victims.all())+len(s.spared.all()), s.weather.kills
	r.Faults = s.weather.faults + len(harms) + len(plants) + forged
	found, err := s.reckon(after)
	r.Findings = append(r.Findings, found...)
	if err != nil {
		return r, err
	}
	return r, r.hold(after, c, s.spared.all(), 90*time.Second, s.victims.all()...)
}

// roam lets the insiders who are after no request in particular do something at random moments.
func (s *siege) roam(ctx context.Context) {
	dice := rand.New(rand.NewPCG(s.Seed, 4))
	deeds := []func(context.Context, *rand.Rand) error{s.harmRegistry, s.plantEvidence, s.plantEvidence, s.plantLetter}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(20+dice.IntN(400)) * time.Millisecond):
		}
		if err := pick(dice, deeds)(ctx, dice); err != nil && ctx.Err() == nil {
			s.failed(err)
			return
		}
	}
}

// failed keeps why an attack could not be made.
func (s *siege) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
}

func (s *siege) playAll(ctx context.Context) {
	var playing sync.WaitGroup
	places := make(chan struct{}, stormWidth)
	for i := range s.Insiders {
		if s.late() || ctx.Err() != nil {
			s.say("insiders: out of time after %d of %d requests", i, s.Insiders)
			break
		}
		places <- struct{}{}
		playing.Go(func() {
			defer func() { <-places }()
			s.play(ctx, i)
		})
	}
	playing.Wait()
}

// play plays the ith story; the table writer is after every second one.
func (s *siege) play(ctx context.Context, i int) {
	dice := rand.New(rand.NewPCG(s.Seed, 100000+uint64(i)))
	chosen := besieged[dice.IntN(len(besieged))]
	var files []story.File
	for n := range 1 + dice.IntN(3) {
		files = append(files, story.Noise(fmt.Sprintf("part %d/of %d.csv", n, i), dice.Int64N(20000), dice.Uint64()))
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	victim := i%2 == 1
	var played *story.Play
	var preying sync.WaitGroup
	d := &drafter{dice: dice}
	err := s.cloud.Run(ctx, story.Story{Name: chosen.name, Play: func(p *story.Play) {
		played = p
		s.weather.meet(p)
		if victim {
			preying.Go(func() { s.prey(ctx, end, p, uint64(i)) })
		}
		chosen.play(p, files, d)
	}}, story.Options{Within: stormLimit, Patient: true})
	end()
	preying.Wait()
	one := caseOf(played, chosen, fmt.Sprintf("insiders: request %d", i), err)
	if victim {
		s.victims.add(one)
		return
	}
	s.spared.add(one)
}

// prey damages the request of a story, and ends the story a while after: its people have no luck any more.
func (s *siege) prey(ctx context.Context, end func(), p *story.Play, i uint64) {
	dice := rand.New(rand.NewPCG(s.Seed, 200000+i))
	v := &vandal{play: p, dice: dice, diary: s.diary}
	err := v.harms(ctx)
	if dice.IntN(3) == 0 && p.RequestID() != "" {
		err = errors.Join(err, s.harass(ctx, dice, p))
	}
	if err != nil && ctx.Err() == nil {
		s.failed(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(mercy):
		end()
	}
}
