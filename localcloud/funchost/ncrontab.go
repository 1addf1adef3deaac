package funchost

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// schedule is an NCRONTAB expression: second, minute, hour, day, month, day of
// week, all of which must match. Times are UTC.
type schedule struct {
	second, minute, hour, day, month, weekday uint64 // bit n set: n matches
}

var errNever = errors.New("the schedule never matches")

type cronField struct {
	low, high int
	names     string // three letters each, from low on
}

var cronFields = []cronField{
	{0, 59, ""}, {0, 59, ""}, {0, 23, ""}, {1, 31, ""},
	{1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"}, {0, 6, "sunmontuewedthufrisat"},
}

// parseSchedule reads six fields, or five, which begin with the minute. Each is a
// comma list of *, n, a-b, with an optional /step; months and days have names.
func parseSchedule(text string) (schedule, error) {
	fields := strings.Fields(text)
	if len(fields) == 5 {
		fields = append([]string{"0"}, fields...)
	}
	if len(fields) != 6 {
		return schedule{}, fmt.Errorf("schedule %q does not have six fields", text)
	}
	var bits [6]uint64
	for i, field := range fields {
		for part := range strings.SplitSeq(field, ",") {
			set, err := cronFields[i].parse(part)
			if err != nil {
				return schedule{}, fmt.Errorf("schedule %q: %w", text, err)
			}
			bits[i] |= set
		}
	}
	s := schedule{bits[0], bits[1], bits[2], bits[3], bits[4], bits[5]}
	if s.next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return schedule{}, fmt.Errorf("schedule %q: %w", text, errNever)
	}
	return s, nil
}

func (f cronField) parse(part string) (uint64, error) {
	span, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		n, err := strconv.Atoi(stepText)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("%q has an odd step", part)
		}
		step = n
	}
	low, high := f.low, f.high
	if span != "*" {
		from, to, isSpan := strings.Cut(span, "-")
		var err error
		if low, err = f.number(from); err != nil {
			return 0, err
		}
		switch {
		case isSpan:
			if high, err = f.number(to); err != nil {
				return 0, err
			}
		case !stepped:
			high = low
		}
	}
	if low > high {
		return 0, fmt.Errorf("%q runs backwards", part)
	}
	var set uint64
	for n := low; n <= high; n += step {
		set |= 1 << n
	}
	return set, nil
}

func (f cronField) number(text string) (int, error) {
	if len(text) >= 3 && f.names != "" {
		if i := strings.Index(f.names, strings.ToLower(text[:3])); i >= 0 && i%3 == 0 {
			return f.low + i/3, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.low || n > f.high {
		return 0, fmt.Errorf("%q is not in %d to %d", text, f.low, f.high)
	}
	return n, nil
}

// next is the first matching second after t, or the zero time if there is none
// within eight years (a leap day can be that far).
func (s schedule) next(t time.Time) time.Time {
	t = t.UTC().Truncate(time.Second).Add(time.Second)
	for end := t.AddDate(8, 0, 1); t.Before(end); {
		switch {
		case s.month>>int(t.Month())&1 == 0:
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		case s.day>>t.Day()&1 == 0 || s.weekday>>int(t.Weekday())&1 == 0:
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
		case s.hour>>t.Hour()&1 == 0:
			t = t.Truncate(time.Hour).Add(time.Hour)
		case s.minute>>t.Minute()&1 == 0:
			t = t.Truncate(time.Minute).Add(time.Minute)
		case s.second>>t.Second()&1 == 0:
			t = t.Add(time.Second)
		default:
			return t
		}
	}
	return time.Time{}
}
