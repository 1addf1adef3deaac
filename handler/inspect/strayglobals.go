package inspect

import "bytes"

// longestGlobal bounds what a pickle names to be loaded: module, name, and the opcodes about them.
const longestGlobal = 256

// strayGlobals looks for what a pickle loads among bytes that are no opcodes, as those of joblib's
// arrays are, which the rest of the pickle follows. It returns how many bytes it is done with.
func (p *pickleFeed) strayGlobals(in *input, b []byte, at int64, last bool) int {
	i := 0
	for i < len(b) && (last || len(b)-i >= longestGlobal) {
		next := bytes.IndexByte(b[i:], 'c')
		if short := bytes.IndexByte(b[i:], 0x8c); short >= 0 && (next < 0 || short < next) {
			next = short
		}
		if next < 0 {
			return len(b)
		}
		if i += next; !last && len(b)-i < longestGlobal {
			break
		}
		module, name, n := globalAt(b[i:])
		if n > 0 {
			p.global(in, pickleClassOf(module), pickleClassOf(name), at+int64(i))
		}
		i += max(1, n)
	}
	return i
}

// globalAt reads what a pickle names to be loaded, by either of its opcodes for that; n is 0 where
// there is nothing of the kind. Names of fewer letters occur by chance among bytes.
func globalAt(b []byte) (module, name string, n int) {
	part := func() (text string, ok bool) {
		rest := b[n:]
		switch {
		case b[0] == 'c':
			end := bytes.IndexByte(rest[:min(len(rest), 100)], '\n')
			if end < 0 {
				return "", false
			}
			text, n = string(rest[:end]), n+end+1
		case len(rest) > 2 && rest[0] == 0x8c && int(rest[1])+2 < len(rest):
			text, n = string(rest[2:2+rest[1]]), n+2+int(rest[1])
			if b[n] == 0x94 { // into the memo
				n++
			}
		}
		return text, len(text) >= 2 && len(text) < 100 && identifier(text)
	}
	if b[0] == 'c' {
		n = 1
	}
	var ok bool
	if module, ok = part(); ok {
		name, ok = part()
	}
	switch {
	case !ok || len(module)+len(name) < 6:
		return "", "", 0
	case b[0] == 'c':
		return module, name, n
	case n >= len(b) || b[n] != 0x93:
		return "", "", 0
	}
	return module, name, n + 1
}

// identifier reports whether a text can be a dotted name in Python.
func identifier(text string) bool {
	for i := range len(text) {
		if !wordByte(text[i]) && (text[i] != '.' || i == 0) {
			return false
		}
	}
	return !digit(text[0])
}
