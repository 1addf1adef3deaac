package inspect

// decode decompresses a block into links.
func (b *bunzipper) decode() error {
	head, err := b.take(25)
	if err != nil {
		return err
	}
	if head>>24 == 1 {
		return errStream // randomised, as no version since 0.9.5 writes them
	}
	symbols, err := b.symbols()
	if err != nil {
		return err
	}
	codes, selectors, err := b.tables(len(symbols) + 2)
	if err != nil {
		return err
	}
	if cap(b.links) < b.s.Level*100_000 {
		b.links = make([]uint32, b.s.Level*100_000)
	}
	b.links = b.links[:b.s.Level*100_000]
	n, counts, err := b.bytes(symbols, codes, selectors)
	if err != nil {
		return err
	}
	if uint64(n) <= head { //nolint:gosec // not negative
		return errStream
	}
	// The bytes are the last column of all rotations of the text in order; each leads to
	// the place of the byte that follows it.
	sum := uint32(0)
	for c, count := range counts {
		counts[c], sum = sum, sum+count
	}
	for i := range n {
		c := b.links[i] & 0xff
		b.links[counts[c]] |= uint32(i) << 8
		counts[c]++
	}
	b.next = b.links[head]
	b.left, b.last, b.same, b.repeat, b.sum = n, -1, 0, 0, 0
	return nil
}

// symbols are the bytes that a block uses.
func (b *bunzipper) symbols() ([]byte, error) {
	ranges, err := b.take(16)
	if err != nil {
		return nil, err
	}
	var out []byte
	for i := range 16 {
		if ranges>>(15-i)&1 == 0 {
			continue
		}
		used, err := b.take(16)
		if err != nil {
			return nil, err
		}
		for j := range 16 {
			if used>>(15-j)&1 == 1 {
				out = append(out, byte(16*i+j))
			}
		}
	}
	if len(out) == 0 {
		return nil, errStream
	}
	return out, nil
}

// tables reads the codes of a block, and which of them each group of symbols uses.
func (b *bunzipper) tables(symbols int) (codes []bzCode, selectors []byte, err error) {
	sizes, err := b.take(18)
	if err != nil {
		return nil, nil, err
	}
	groups, n := int(sizes>>15), int(sizes&0x7fff)
	if groups < 2 || groups > 6 || n == 0 {
		return nil, nil, errStream
	}
	order := []byte{0, 1, 2, 3, 4, 5}[:groups]
	for range n {
		j := 0
		for {
			bit, err := b.take(1)
			if err != nil {
				return nil, nil, err
			}
			if bit == 0 {
				break
			}
			if j++; j >= groups {
				return nil, nil, errStream
			}
		}
		selectors = append(selectors, toFront(order, j))
	}
	codes = make([]bzCode, groups)
	lengths := make([]byte, symbols)
	for i := range codes {
		length, err := b.take(5)
		if err != nil {
			return nil, nil, err
		}
		for j := range lengths {
			for {
				if length < 1 || length > bzLength {
					return nil, nil, errStream
				}
				bit, err := b.take(1)
				if err != nil {
					return nil, nil, err
				}
				if bit == 0 {
					break
				}
				if bit, err = b.take(1); err != nil {
					return nil, nil, err
				}
				length += 1 - 2*bit
			}
			lengths[j] = byte(length)
		}
		if err := codes[i].init(lengths); err != nil {
			return nil, nil, err
		}
	}
	return codes, selectors, nil
}

// toFront moves a byte to the front of a list and returns it.
func toFront(list []byte, i int) byte {
	c := list[i]
	copy(list[1:i+1], list[:i])
	list[0] = c
	return c
}

// bzCode is a code, the first bit of each symbol's highest.
type bzCode struct {
	quick  [1 << quickBits]uint16 // symbol << 5 and length
	counts [bzLength + 1]int
	order  []uint16
}

func (c *bzCode) init(lengths []byte) error {
	c.counts = [bzLength + 1]int{}
	for _, n := range lengths {
		c.counts[n]++
	}
	code, left := 0, 1
	c.order = c.order[:0]
	for n := 1; n <= bzLength; n++ {
		if left = left<<1 - c.counts[n]; left < 0 {
			return errStream
		}
		for symbol, length := range lengths {
			if int(length) != n {
				continue
			}
			c.order = append(c.order, uint16(symbol))
			if n <= quickBits {
				for i := range 1 << (quickBits - n) {
					c.quick[code<<(quickBits-n)|i] = uint16(symbol<<5 | n) //nolint:gosec // 14 bits
				}
			}
			code++
		}
		code <<= 1
	}
	return nil
}

// symbol is the next symbol of a code.
func (b *bunzipper) symbol(c *bzCode) (int, error) {
	for b.n < bzLength && len(b.in) > 0 {
		b.bits, b.in, b.n = b.bits<<8|uint64(b.in[0]), b.in[1:], b.n+8
	}
	if b.n >= quickBits {
		if entry := c.quick[b.bits>>(b.n-quickBits)&(1<<quickBits-1)]; entry > 0 {
			b.n -= uint(entry & 31)
			b.bits &= 1<<b.n - 1
			return int(entry >> 5), nil
		}
	}
	code, first, index := 0, 0, 0
	for n := 1; n <= bzLength; n++ {
		bit, err := b.take(1)
		if err != nil {
			return 0, err
		}
		code = code<<1 | int(bit) //nolint:gosec // a bit
		if count := c.counts[n]; code-first < count {
			return int(c.order[index+code-first]), nil
		}
		index, first = index+c.counts[n], (first+c.counts[n])<<1
	}
	return 0, errStream
}

// bytes reads the symbols of a block: runs of the byte at the front, and places of bytes
// that come to the front. It returns how many bytes there are, and how many of each.
func (b *bunzipper) bytes(order []byte, codes []bzCode, selectors []byte) (n int, counts [256]uint32, err error) {
	end := len(order) + 1
	run, power := 0, 0
	for group := 0; ; group++ {
		if group == len(selectors) || int(selectors[group]) >= len(codes) {
			return 0, counts, errStream
		}
		code := &codes[selectors[group]]
		for range bzGroup {
			symbol, err := b.symbol(code)
			if err != nil {
				return 0, counts, err
			}
			if symbol < 2 { // a digit of a number without zero, the lowest first
				run += (1 + symbol) << power
				if power++; run > len(b.links) {
					return 0, counts, errStream
				}
				continue
			}
			if n+run > len(b.links) {
				return 0, counts, errStream
			}
			for range run {
				b.links[n] = uint32(order[0])
				n++
			}
			counts[order[0]] += uint32(run)
			run, power = 0, 0
			if symbol == end {
				return n, counts, nil
			}
			if n == len(b.links) {
				return 0, counts, errStream
			}
			c := toFront(order, symbol-1)
			b.links[n] = uint32(c)
			n++
			counts[c]++
		}
	}
}
