package inspect

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
