package inspect

import (
	"encoding/json"
	"reflect"
)

// CutAt makes scanners read n bytes at a time, until the function returned is called.
func CutAt(n int) (restore func()) {
	before := chunk
	chunk = n
	return func() { chunk = before }
}

// ShorterSecrets are the beginnings of secrets that may be shorter than the texts that are looked at.
func ShorterSecrets() (out []string) {
	for _, t := range tokens {
		if t.grammar == nil && t.least > 0 && len(t.prefix)+t.least < leastSecret {
			out = append(out, t.prefix)
		}
	}
	for _, w := range secretWords {
		if len(w+"=Abcd567!") < leastSecret {
			out = append(out, w)
		}
	}
	return out
}

// HeldBytes sets how far into a part of a document its tables are held.
func HeldBytes(n int64) (restore func()) {
	before := heldBytes
	heldBytes = n
	return func() { heldBytes = before }
}

// SheetFlags are the flags of a sheet under way by their names, all set, and those that are set once another
// process has taken its state up.
func SheetFlags() (before, after map[string]bool, err error) {
	flags := func(s sheetFeed) map[string]bool {
		out, v := map[string]bool{}, reflect.ValueOf(s)
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.Bool {
				out[v.Type().Field(i).Name] = v.Field(i).Bool()
			}
		}
		return out
	}
	one, two := sheetFeed{more: &profile{}, shared: true, unseen: true, day: true, sum: true, valued: true}, sheetFeed{}
	text, err := json.Marshal(&one)
	if err == nil {
		err = json.Unmarshal(text, &two)
	}
	return flags(one), flags(two), err
}
