package inspect

import "strings"

// date is a day as a cell tells it. Where only numbers stand before a year, the
// first is taken for the day if it can be one.
type date struct {
	year, month, day int // year is 0 where only its last two digits are there
}

// dateOf reads year, month and day in the orders in which programs and people write them, with numbers or
// names of months, with a time behind or without one, and eight digits in a row.
func dateOf(text string) (date, bool) {
	var fields [3]dateField
	n, at := 0, 0
	for n < len(fields) && at < len(text) {
		used := fields[n].read(text[at:])
		if used == 0 {
			return date{}, false
		}
		at += used
		n++
		if n == len(fields) {
			break
		}
		for skipped := 0; at < len(text) && skipped < 2 && strings.IndexByte("-/. ,", text[at]) >= 0; skipped++ {
			at++
		}
	}
	switch {
	case at < len(text) && text[at] != 'T' && text[at] != ' ': // a time may be behind
		return date{}, false
	case n == 1 && at == len(text) && fields[0].digits == 8:
		v := fields[0].value
		return date{v / 10000, v / 100 % 100, v % 100}.valid(1850, 2100)
	case n != len(fields):
		return date{}, false
	}
	return arranged(fields)
}

// dateField is a number or the name of a month.
type dateField struct {
	value  int
	digits int // 0 for a name
}

// read takes a field off a text and returns its length, 0 where there is none.
func (f *dateField) read(text string) int {
	n := 0
	for n < len(text) && n < 9 && digit(text[n]) {
		f.value = f.value*10 + int(text[n]-'0')
		n++
	}
	if f.digits = n; n > 0 {
		return n
	}
	for n < len(text) && (text[n]|0x20 >= 'a' && text[n]|0x20 <= 'z' || text[n] >= 0x80) {
		n++
	}
	if n < 3 || n > 11 {
		return 0
	}
	name := strings.ToLower(text[:n])
	for _, m := range monthsByFirst[name[0]] {
		if strings.HasPrefix(name, m.start) {
			f.value = m.number
			return n
		}
	}
	return 0
}

// months are beginnings of their names: English, German, French, Spanish and Dutch.
var months = [12][]string{{"jan", "ene"}, {"feb", "fév", "fev"}, {"mar", "mär", "mrt", "maa"}, {"apr", "avr", "abr"}, {"may", "mai", "mei"}, {"jun", "juin"}, {"jul", "juil"}, {"aug", "aoû", "aou", "ago"}, {"sep"}, {"oct", "okt"}, {"nov"}, {"dec", "dez", "déc", "dic"}}

type monthStart struct {
	start  string
	number int // from 1
}

// monthsByFirst are months by the first byte of their names, as any word may be looked for.
var monthsByFirst = func() (out [256][]monthStart) {
	for i, names := range months {
		for _, start := range names {
			out[start[0]] = append(out[start[0]], monthStart{start, i + 1})
		}
	}
	return out
}()

// arranged finds out which field is which.
func arranged(f [3]dateField) (date, bool) {
	year := func(f dateField) (int, bool) {
		if f.digits == 2 {
			return 0, true
		}
		return f.value, f.digits == 4
	}
	short := func(f dateField) bool { return f.digits == 1 || f.digits == 2 }
	name := func(f dateField) bool { return f.digits == 0 }
	switch {
	case f[0].digits == 4 && short(f[2]) && (short(f[1]) || name(f[1])):
		return date{f[0].value, f[1].value, f[2].value}.valid(1000, 2999)
	case !short(f[0]) && !name(f[0]):
		return date{}, false
	}
	y, ok := year(f[2])
	switch {
	case !ok:
		return date{}, false
	case name(f[0]) && short(f[1]):
		return date{y, f[0].value, f[1].value}.valid(0, 2999)
	case short(f[0]) && name(f[1]):
		return date{y, f[1].value, f[0].value}.valid(0, 2999)
	case !short(f[0]) || !short(f[1]):
		return date{}, false
	}
	if d, ok := (date{y, f[1].value, f[0].value}).valid(0, 2999); ok {
		return d, true
	}
	return date{y, f[0].value, f[1].value}.valid(0, 2999)
}

// valid reports whether the day can be one, of years between two.
func (d date) valid(from, to int) (date, bool) {
	return d, d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= 31 && d.year >= from && d.year <= to
}

// number counts days, months of 31 days each: it tells how far dates are apart, about.
func (d date) number() int { return (d.year*12+d.month-1)*31 + d.day }
