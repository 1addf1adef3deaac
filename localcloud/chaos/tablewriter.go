package chaos

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// vandal is a table writer who has chosen one request.
type vandal struct {
	play  *story.Play
	dice  *rand.Rand
	diary *diary
	seen  map[string]ground.Row // rows as they were at an earlier moment
}

// harms waits for random moments of the request's life and damages one of its rows at each, a few times. The error is
// of the storage itself.
func (v *vandal) harms(ctx context.Context) error {
	v.seen = map[string]ground.Row{}
	for left := 1 + v.dice.IntN(3); left > 0; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Duration(50+v.dice.IntN(1500)) * time.Millisecond):
		}
		id := v.play.RequestID()
		if id == "" {
			continue // it is not there yet
		}
		done, err := v.harm(ctx, id)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if done {
			left--
		}
	}
	return nil
}

// harm damages one row. It returns false when there was nothing to damage, or the service was faster.
func (v *vandal) harm(ctx context.Context, id string) (bool, error) {
	all, err := v.play.Cloud.Ground.Rows(ctx, ground.RequestsTable, v.play.WorkspaceID(), "")
	if err != nil {
		return false, err
	}
	others := slices.Clone(all)
	own := slices.DeleteFunc(all, func(r ground.Row) bool { return !strings.Contains(r.Key(), id) })
	if len(own) == 0 {
		return false, nil
	}
	// By kinds first: there are many audit records and one request's row.
	kinds := map[string][]ground.Row{}
	for _, row := range own {
		kind := row.Key()[:1]
		kinds[kind] = append(kinds[kind], row)
	}
	var names []string
	for kind := range kinds {
		names = append(names, kind)
	}
	slices.Sort(names)
	row := pick(v.dice, kinds[pick(v.dice, names)])
	h := harm{by: tableWriter, request: id, table: ground.RequestsTable, was: row}
	pick(v.dice, damages)(v, &h, own, others)
	for _, row := range own {
		v.seen[row.Key()] = row
	}
	if ground.Same(h.was, h.now) {
		return false, nil
	}
	done, err := v.play.Cloud.Ground.Exchange(ctx, h.table, h.was, h.now)
	if done {
		v.diary.harmed(h)
	}
	return done, err
}

// damages are the changes to a row: they say in the harm what it is to be afterwards. One that does not apply
// leaves the row alone or takes it away.
var damages = []func(v *vandal, h *harm, own, others []ground.Row){
	func(_ *vandal, h *harm, _, _ []ground.Row) { h.what = "removed" },
	func(_ *vandal, h *harm, _, _ []ground.Row) { h.what, h.now = "edited", edited(h.was) },
	func(_ *vandal, h *harm, _, _ []ground.Row) { h.what, h.now = "edited", edited(h.was) },
	func(_ *vandal, h *harm, _, _ []ground.Row) {
		h.what, h.now = "scribbled over", copyOf(h.was)
		h.now.SetText(textColumn(h.was), "no JSON {")
	},
	func(_ *vandal, h *harm, _, _ []ground.Row) {
		h.what, h.now = "its seal taken off", copyOf(h.was)
		delete(h.now, "Seal")
	},
	func(v *vandal, h *harm, _, others []ground.Row) { // of another request, the same kind
		h.what = "another row's content"
		same := slices.DeleteFunc(slices.Clone(others), func(r ground.Row) bool {
			return r.Key()[:2] != h.was.Key()[:2] || strings.Contains(r.Key(), h.request)
		})
		if len(same) > 0 {
			h.now = copyOf(pick(v.dice, same))
			h.now["RowKey"] = h.was.Key()
		}
	},
	func(v *vandal, h *harm, own, _ []ground.Row) { // the request's own row as it was
		for _, row := range own {
			if before := v.seen[row.Key()]; before != nil && strings.HasPrefix(row.Key(), "r|") && !ground.Same(before, row) {
				h.what, h.was, h.now, h.old = "put back to before", row, copyOf(before), true
				return
			}
		}
		h.what = "removed"
	},
	func(_ *vandal, h *harm, own, _ []ground.Row) { // the record that would come next
		var last ground.Row
		for _, row := range own {
			if strings.HasPrefix(row.Key(), "a|") {
				last = row
			}
		}
		if h.what = "removed"; last != nil {
			h.what, h.was, h.now = "a record invented", nil, forged(last)
		}
	},
	func(v *vandal, h *harm, _, _ []ground.Row) {
		h.what, h.was = "a due row invented", nil
		h.now = ground.Row{"PartitionKey": v.play.WorkspaceID(), "RowKey": "w|0000000000000000001|" + h.request, "Schema": 2}
	},
}

// edited is a row that says something else: a request's that it is approved, another one's whatever.
func edited(row ground.Row) ground.Row {
	out := copyOf(row)
	column := textColumn(row)
	text := row.Text(column)
	for _, status := range []string{story.Draft, story.Submitted, story.InReview} {
		if changed := strings.Replace(text, `"status":"`+status+`"`, `"status":"`+story.ApprovalInProgress+`"`, 1); changed != text {
			out.SetText(column, changed)
			return out
		}
	}
	out.SetText(column, strings.Replace(text+"x", `:"`, `:"x`, 1))
	return out
}

// textColumn is the column that says most of a row.
func textColumn(row ground.Row) string {
	for _, name := range []string{"Document", "Body", "Event", "Verdict", "Hash"} {
		if _, ok := row[name].(string); ok {
			return name
		}
	}
	return "Note"
}

func copyOf(row ground.Row) ground.Row {
	out := ground.Row{}
	for name, value := range row {
		out[name] = value
	}
	return out
}
