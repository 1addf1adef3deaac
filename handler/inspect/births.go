package inspect

import (
	"math"
	"math/bits"
)

// days holds what is known of a column of dates. It is state: numbers about the column.
type days struct {
	Seen int64 `json:"seen"`
	// Years are numbers of dates by year, from earliestBirth on.
	Years [latestBirth - earliestBirth + 1]int64 `json:"years"`
	// OfMonth has a bit for each day of a month that came.
	OfMonth uint32 `json:"ofMonth"`
	// Near are dates a step of calendars behind the date before them, whose number ends with Low.
	Near int64 `json:"near"`
	Low  uint8 `json:"low"`
	// Sums of dates, of rows, and of their products.
	Sums [5]float64 `json:"sums"`
}

// Years between which dates may be of births: the last is that of people who are no small
// children; columns of visits and measurements have later ones.
const (
	earliestBirth = 1890
	latestBirth   = 2014
)

// add takes the date of a row.
func (s *days) add(d date, row int64) {
	n := d.number()
	if s.Seen > 0 && near(uint8(n)-s.Low) { //nolint:gosec // its last bits
		s.Near++
	}
	s.Seen, s.Low, s.OfMonth = s.Seen+1, uint8(n), s.OfMonth|1<<d.day //nolint:gosec // its last bits
	if i := d.year - earliestBirth; i >= 0 && i < len(s.Years) {
		s.Years[i]++
	}
	x, y := float64(n), float64(row)
	for i, v := range [...]float64{x, y, x * x, y * y, x * y} {
		s.Sums[i] += v
	}
}

// near reports whether two dates are up to a month, a quarter, half a year or a year apart, by the last bits
// of the difference of their numbers. One pair in four is by chance.
func near(step uint8) bool {
	const month, quarter, half, year = 31, 93, 186, 372 % 256
	back := -step
	for _, s := range [...]uint8{step, back} {
		if s <= month || s == quarter || s == half || s == year {
			return true
		}
	}
	return false
}

// births reports whether the dates may be those of births, by themselves: nearly all are before 2015, they
// are spread over more than 40 years and all days of the month, and they are in no order. Dates of a
// series are near each other or go with the rows, and come again for each group.
func (s *days) births(filled int64, different float64) bool {
	if s == nil || s.Seen < 10 || s.Seen*20 < filled*19 {
		return false
	}
	from, to, inside := s.span()
	days := bits.OnesCount32(s.OfMonth)
	if inside*20 < s.Seen*19 || to-from <= 40 || days < 5 || days < 10 && s.Seen >= 20 || 2*s.Near >= s.Seen-1 {
		return false
	}
	n, span := float64(s.Seen), 365*float64(to-from)
	byChance := span * (1 - math.Exp(-n/span))
	return different >= byChance/2 && math.Abs(s.correlation()) < 0.9
}

// span is between which years the dates are, without the first and the last of a hundred, and how many are
// in all years that count.
func (s *days) span() (from, to int, inside int64) {
	for _, n := range s.Years {
		inside += n
	}
	few, first, before := inside/100, -1, int64(0)
	for i, n := range s.Years {
		if before += n; first < 0 && before > few {
			first = i
		}
		if n > 0 && before-n < inside-few {
			to = i
		}
	}
	return earliestBirth + first, earliestBirth + to, inside
}

// correlation is that of dates and rows.
func (s *days) correlation() float64 {
	n, x, y := float64(s.Seen), s.Sums[0], s.Sums[1]
	spread := math.Sqrt(n*s.Sums[2]-x*x) * math.Sqrt(n*s.Sums[3]-y*y)
	if !(spread > 0) {
		return 1
	}
	return (n*s.Sums[4] - x*y) / spread
}
