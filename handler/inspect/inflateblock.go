package inspect

// The blocks of deflate (RFC 1951, 3.2).

// begin reads the head of a block.
func (f *inflater) begin() error {
	f.refill()
	head, err := f.take(3)
	if err != nil {
		return err
	}
	f.s.Final = head&1 == 1
	switch head >> 1 {
	case 0:
		return f.beginStored()
	case 1:
		f.s.Block, f.s.Lengths, f.s.Literals = blockCoded, fixedLengths, fixedLiterals
		f.lit, f.dist = fixedLit, fixedDist
		return nil
	case 2:
		return f.beginDynamic()
	}
	return errStream
}

func (f *inflater) beginStored() error {
	f.bits >>= f.n % 8
	f.n -= f.n % 8
	f.refill()
	length, err := f.take(16)
	if err != nil {
		return err
	}
	inverse, err := f.take(16)
	if err != nil {
		return err
	}
	if length != inverse^0xffff {
		return errStream
	}
	f.unread()
	f.s.Block, f.s.Stored = blockStored, length
	return nil
}

const fixedLiterals = 288

// fixedLengths are the codes of RFC 1951, 3.2.6: 288 for literals and lengths, 32 for distances.
var fixedLengths = func() []byte {
	out := make([]byte, fixedLiterals+32)
	for i := range out {
		switch {
		case i < 144, i >= 280 && i < 288:
			out[i] = 8
		case i < 256:
			out[i] = 9
		case i < 280:
			out[i] = 7
		default:
			out[i] = 5
		}
	}
	return out
}()

// fixedLit and fixedDist decode them.
var fixedLit, fixedDist = func() (lit, dist huffman) {
	if lit.init(fixedLengths[:fixedLiterals]) != nil || dist.init(fixedLengths[fixedLiterals:]) != nil {
		panic("inspect: the fixed codes are none")
	}
	return lit, dist
}()

// codes begins a block whose symbols have codes of these lengths.
func (f *inflater) codes(lengths []byte, literals int) error {
	if literals > 288 || len(lengths)-literals > 32 {
		return errStream
	}
	for _, n := range lengths {
		if n > longestCode {
			return errStream
		}
	}
	f.s.Block, f.s.Lengths, f.s.Literals = blockCoded, lengths, literals
	if err := f.lit.init(lengths[:literals]); err != nil {
		return err
	}
	return f.dist.init(lengths[literals:])
}

// lengthOrder is the order in which the lengths of the code for lengths come (3.2.7).
var lengthOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// beginDynamic reads the codes of a block (3.2.7).
func (f *inflater) beginDynamic() error {
	f.refill()
	sizes, err := f.take(14)
	if err != nil {
		return err
	}
	literals, distances, n := sizes&31+257, sizes>>5&31+1, sizes>>10+4
	if literals > 286 || distances > 30 && !f.s.Far {
		return errStream
	}
	var first [19]byte
	for _, symbol := range lengthOrder[:n] {
		f.refill()
		length, err := f.take(3)
		if err != nil {
			return err
		}
		first[symbol] = byte(length) //nolint:gosec // below 8
	}
	if err := f.lit.init(first[:]); err != nil {
		return err
	}
	lengths := make([]byte, 0, 320)
	for len(lengths) < literals+distances {
		f.refill()
		symbol, err := f.symbol(&f.lit)
		if err != nil {
			return err
		}
		if lengths, err = f.lengths(lengths, symbol); err != nil {
			return err
		}
	}
	if len(lengths) > literals+distances {
		return errStream
	}
	return f.codes(lengths, literals)
}

// lengths adds what a symbol of the code for lengths means.
func (f *inflater) lengths(to []byte, symbol int) ([]byte, error) {
	value, least, extra := byte(0), 3, uint(3)
	switch {
	case symbol < 16:
		return append(to, byte(symbol)), nil //nolint:gosec // below 16
	case symbol == 16 && len(to) == 0:
		return nil, errStream
	case symbol == 16:
		value, extra = to[len(to)-1], 2
	case symbol == 18:
		least, extra = 11, 7
	}
	more, err := f.take(extra)
	for range least + more {
		to = append(to, value)
	}
	return to, err
}

// symbol is the next symbol of a code.
func (f *inflater) symbol(h *huffman) (int, error) {
	entry := h.quick[f.bits&(1<<quickBits-1)]
	symbol, n := int(entry>>4), int(entry&15)
	if n == 0 {
		if symbol, n = h.slow(f.bits); n == 0 {
			if f.n < longestCode {
				return 0, f.short()
			}
			return 0, errStream
		}
	}
	_, err := f.take(uint(n))
	return symbol, err
}

// stored copies from a stored block.
func (f *inflater) stored(limit int) error {
	for f.out < limit && f.s.Stored > 0 {
		if f.pos == len(f.in) && !f.more() {
			return f.short()
		}
		n := copy(f.buf[f.out:min(limit, f.out+f.s.Stored)], f.in[f.pos:])
		f.pos, f.out, f.s.Stored = f.pos+n, f.out+n, f.s.Stored-n
	}
	if f.s.Stored == 0 {
		f.s.Block = blockNone
	}
	return nil
}

// What the symbols from 257 on and the distances mean: the least value, and how many more
// bits are added to it (3.2.5).
var (
	lengthBase   = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra  = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase = [32]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577, 32769, 49153} // the last two of deflate64
)

// coded decompresses a block with codes until out is at a limit, or the block ends.
func (f *inflater) coded(limit int) error {
	begun := f.out
	for {
		if f.s.Length > 0 {
			f.match(limit)
		}
		if f.out >= limit {
			return nil
		}
		if f.n < 48 {
			f.refill()
		}
		entry := f.lit.quick[f.bits&(1<<quickBits-1)]
		if n := uint(entry & 15); n > 0 && entry>>4 < 256 && n <= f.n { // nearly always
			f.bits >>= n
			f.n -= n
			f.buf[f.out] = byte(entry >> 4)
			f.out++
			continue
		}
		symbol, err := f.symbol(&f.lit)
		switch {
		case err != nil:
			return err
		case symbol < 256:
			f.buf[f.out] = byte(symbol) //nolint:gosec // below 256
			f.out++
			continue
		case symbol == 256:
			f.s.Block, f.s.Lengths = blockNone, nil
			return nil
		case symbol > 285:
			return errStream
		}
		if err := f.reference(symbol-257, f.hist+f.out-begun); err != nil {
			return err
		}
	}
}

// reference reads what a match refers to, which has to be within what was given so far.
func (f *inflater) reference(symbol, given int) error {
	base, extra := int(lengthBase[symbol]), uint(lengthExtra[symbol])
	if f.s.Far && symbol == len(lengthBase)-1 {
		base, extra = 3, 16
	}
	more, err := f.take(extra)
	if err != nil {
		return err
	}
	distance, err := f.symbol(&f.dist)
	if err != nil {
		return err
	}
	if distance >= 30 && !f.s.Far {
		return errStream
	}
	if f.s.Far { // a match may have 60 bits
		f.refill()
	}
	far, err := f.take(uint(max(0, distance/2-1)))
	if err != nil {
		return err
	}
	far += int(distanceBase[distance])
	if far > min(given, f.s.window()) {
		return errStream
	}
	f.s.Length, f.s.Distance = base+more, far
	return nil
}

// match copies what a match refers to, up to a limit.
func (f *inflater) match(limit int) {
	n := min(f.s.Length, limit-f.out)
	f.s.Length -= n
	for n > 0 { // a match may refer to what it gives itself
		m := copy(f.buf[f.out:f.out+n], f.buf[f.out-f.s.Distance:f.out])
		f.out += m
		n -= m
	}
}
