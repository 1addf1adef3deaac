package inspect

import (
	"math"
	"math/bits"
)

// sketch estimates how many different things it was shown (HyperLogLog, 512
// registers, ±4.6 %). The registers tell nothing about the things.
type sketch []byte

const sketchBits = 9

// add shows it a thing by its hash.
func (s *sketch) add(hash uint64) {
	if *s == nil {
		*s = make(sketch, 1<<sketchBits)
	}
	i := hash >> (64 - sketchBits)
	if i >= uint64(len(*s)) {
		return // of a state that somebody made
	}
	rank := byte(bits.LeadingZeros64(hash<<sketchBits|1<<(sketchBits-1)) + 1) //nolint:gosec // at most 56
	(*s)[i] = max((*s)[i], rank)
}

// merge shows it all that another one was shown.
func (s *sketch) merge(other sketch) {
	if *s == nil {
		*s = make(sketch, 1<<sketchBits)
	}
	for i := range min(len(*s), len(other)) {
		(*s)[i] = max((*s)[i], other[i])
	}
}

// count is the estimate.
func (s sketch) count() float64 {
	if len(s) == 0 {
		return 0
	}
	sum, zeros := 0.0, 0
	for _, r := range s {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			zeros++
		}
	}
	m := float64(len(s))
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate < 2.5*m && zeros > 0 {
		return m * math.Log(m/float64(zeros))
	}
	return estimate
}

// hashOf is a hash that is the same in every process (FNV-1a, eight bytes at a
// time as long as there are so many, and mixed once more as its upper bits are weak).
func hashOf(text string) uint64 {
	h := uint64(14695981039346656037)
	i := 0
	for ; i+8 <= len(text); i += 8 {
		h = bits.RotateLeft64((h^eight(text[i:]))*1099511628211, 29)
	}
	for ; i < len(text); i++ {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return mixed(h, 0)
}

// mixed is a hash of two, whose bits all hang on all of theirs (the end of MurmurHash3).
func mixed(a, b uint64) uint64 {
	h := bits.RotateLeft64(a, 31) ^ b
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
