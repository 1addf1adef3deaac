package inspect

import (
	"bytes"
	"strings"
)

// anchors looks for secrets and personal data in running text. It is state.
type anchors struct {
	Emails   tally  `json:"emails"`
	Distinct sketch `json:"distinct,omitempty"`
	// Key is where a private key may begin: the next text tells.
	Key *Place `json:"key,omitempty"`
}

// secrets reports the secrets of a line. at gives the place of a part of it.
func (a *anchors) secrets(in *input, b []byte, at func(from, to int) Place) {
	if a.Key != nil {
		a.begunKey(in, b)
	}
	secrets(b, func(rule string, from, to int) {
		place := in.at(at(from, to))
		switch {
		case rule != "secret.key" || keyHeader(b[from:]) == 0: // the secret itself
			in.found.note(Finding{Rule: rule}, place)
		default:
			a.endKey(in)
			a.Key = &place
			if is := mentioned(b[to:], true); is != openMention {
				a.key(in, is)
			}
		}
	})
}

// begunKey looks at the text behind a line that begins a private key.
func (a *anchors) begunKey(in *input, b []byte) {
	if is := mentioned(b, false); is != openMention {
		a.key(in, is)
	}
}

// key reports the private key that is begun.
func (a *anchors) key(in *input, is mention) {
	f := Finding{Rule: "secret.key"}
	if is == sureMention {
		f.Confidence = Doubtful
	}
	in.found.note(f, *a.Key)
	a.Key = nil
}

// endKey reports a private key that nothing comes behind.
func (a *anchors) endKey(in *input) {
	if a.Key != nil {
		a.key(in, noMention)
	}
}

// personal reports the personal data of a line.
func (a *anchors) personal(in *input, b []byte, at func(from, to int) Place) {
	if i := bytes.IndexByte(b, '@'); i >= 0 {
		a.emails(b, i, at)
	}
	for i := 0; i < len(b); i++ {
		if !digit(b[i]) || !numberBegins(b, i) {
			continue
		}
		n := i
		for n < len(b) && n-i < 24 && (digit(b[n]) || (b[n] == ' ' || b[n] == '-') && n+1 < len(b) && digit(b[n+1])) {
			n++
		}
		if n-i >= 6 {
			a.numbers(in, b, i, n, at)
		}
		for n < len(b) && digit(b[n]) {
			n++
		}
		i = n
	}
}

// numberBegins reports whether a number that is no part of a word may begin at a
// place: two capital letters before it may belong to it.
func numberBegins(b []byte, i int) bool {
	if i == 0 {
		return true
	}
	if upper(b[i-1]) {
		return i > 1 && upper(b[i-2])
	}
	return !wordByte(b[i-1]) && b[i-1] != '.' && b[i-1] != '-'
}

// numbers looks at one number in running text. By chance every eleventh passes its
// check, so that a word beside it or its spacing has to say the same.
func (a *anchors) numbers(in *input, b []byte, from, to int, at func(from, to int) Place) {
	if begin, end := ninoAt(b, from, to); end > 0 {
		in.found.note(Finding{Rule: "pii.nino", Confidence: contextual(b, begin, "national", "insurance", "nino", "ni no", "ni number"), Shape: "AAddddddA"}, in.at(at(begin, end)))
		return
	}
	text := string(b[from:to])
	digits, ok := digitsOf(text)
	if !ok || to < len(b) && (wordByte(b[to]) || b[to] == '.' && to+1 < len(b) && digit(b[to+1])) {
		return
	}
	found := func(rule string, sure Confidence) {
		in.found.note(Finding{Rule: rule, Confidence: sure, Shape: shapeOf(text)}, in.at(at(from, to)))
	}
	switch {
	case nhsNumber(digits):
		sure := contextual(b, from, "nhs", "patient", "mrn", "chi ", "chi:", "hospital")
		if sure == Sure || len(text) == 12 && (text[3] == ' ' && text[7] == ' ' || text[3] == '-' && text[7] == '-') {
			found("pii.nhs_number", sure)
		}
	case len(digits) == 9 && socialSecurity(text, digits) && contextual(b, from, "ssn", "social security") == Sure:
		found("pii.national_id", Sure)
	case cardNumber(digits) && contextual(b, from, "card", "visa", "mastercard", "amex") == Sure:
		found("pii.card", Sure)
	}
}

// ninoAt is where the National Insurance number stands whose digits are at a place, with or without spaces about
// them; end is 0 where there is none.
func ninoAt(b []byte, from, to int) (begin, end int) {
	if begin, end = from-2, to+1; from > 0 && b[from-1] == ' ' {
		begin--
	}
	if to < len(b) && b[to] == ' ' {
		end++
	}
	if to-from < 6 || to-from > 8 || begin < 0 || end > len(b) || !edge(b, begin-1) || end < len(b) && wordByte(b[end]) || !nino(string(b[begin:end])) {
		return 0, 0
	}
	return begin, end
}

// edge reports whether a word may begin behind a place.
func edge(b []byte, i int) bool { return i < 0 || !wordByte(b[i]) }

// contextual is Sure where one of the words stands in the 40 bytes before a place.
func contextual(b []byte, at int, words ...string) Confidence {
	before := strings.ToLower(string(b[max(0, at-40):at]))
	for _, w := range words {
		if strings.Contains(before, w) {
			return Sure
		}
	}
	return Doubtful
}

func (a *anchors) emails(b []byte, first int, at func(from, to int) Place) {
	for i := first; i < len(b); i++ {
		if b[i] != '@' {
			continue
		}
		from := max(0, i-70)
		text := string(b[from:min(len(b), i+260)])
		if n := emailAt(text, i-from); n > 0 {
			begin := i
			for begin > from && (wordByte(b[begin-1]) || strings.IndexByte(".+-%'", b[begin-1]) >= 0) {
				begin--
			}
			a.Emails.N++
			a.Distinct.add(hashOf(string(b[begin:min(len(b), begin+n)])))
			if len(a.Emails.Places) < MaxPlaces {
				a.Emails.Places = append(a.Emails.Places, at(begin, begin+n))
			}
			i = max(i, begin+n-1)
		}
	}
}

// end reports findings that only the whole text shows: one address may be a contact, three
// are people.
func (a *anchors) end(in *input) {
	a.endKey(in)
	sure := Doubtful
	if a.Distinct.count() > 2.5 {
		sure = Sure
	}
	for i, at := range a.Emails.Places {
		f := Finding{Rule: "pii.email", Confidence: sure}
		if i == 0 {
			f.Count = a.Emails.N - int64(len(a.Emails.Places)) + 1
		}
		in.found.note(f, in.at(at))
	}
}
