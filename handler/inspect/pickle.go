package inspect

import (
	"bytes"
	"encoding/binary"
	"strings"
)

func init() {
	scanners["pickle"] = func() scanner { return &sequential[*pickleFeed]{To: &pickleFeed{}} }
}

// pickleClass is the use of a text in a pickle as a name of something to be
// loaded. It stands for the text in the state.
type pickleClass byte

const (
	pickleTrusted  pickleClass = 1 << iota // a module of a library for data
	pickleBuiltin                          // Python's built-in functions
	pickleSafeName                         // a function that only makes a value
	pickleUpper                            // a class by its name
	pickleMade                             // a built-in type that only makes a value
)

var pickleModules = strings.Fields("numpy pandas scipy sklearn statsmodels lifelines pyarrow polars xgboost lightgbm catboost torch joblib collections datetime decimal fractions uuid copyreg copy_reg _codecs array pathlib zoneinfo dateutil patsy formulaic")

var pickleNames = setOf("ndarray dtype _reconstruct scalar _frombuffer matrix recarray float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool_ str_ datetime64 timedelta64 " +
	"__randomstate_ctor __generator_ctor __bit_generator_ctor _new_Index _new_DatetimeIndex new_block new_blocks _unpickle_block _unpickle_array __nat_unpickle _unpickle _unpickle_timestamp _reconstructor __newobj__ __newobj_ex__ encode " +
	"deque defaultdict namedtuple datetime date time timedelta timezone tzutc tzlocal tzfile array _array_reconstructor _rebuild_tensor_v2 _rebuild_parameter _rebuild_tensor csr_matrix csc_matrix coo_matrix")

var pickleTypes = setOf("set frozenset bytearray bytes complex slice range object list dict tuple int float str bool type NoneType")

func setOf(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

func pickleClassOf(text string) pickleClass {
	var class pickleClass
	top, _, _ := strings.Cut(text, ".")
	for _, m := range pickleModules {
		if top == m && !strings.Contains(text, "computation") && !strings.Contains(text, "f2py") && !strings.Contains(text, "testing") {
			class |= pickleTrusted
		}
	}
	if text == "builtins" || text == "__builtin__" {
		class |= pickleBuiltin
	}
	if pickleNames[text] {
		class |= pickleSafeName
	}
	if pickleTypes[text] {
		class |= pickleMade
	}
	if text != "" && upper(strings.TrimLeft(text+"a", "_")[0]) && !strings.Contains(text, ".") { // a dotted name leads into another module
		class |= pickleUpper
	}
	return class
}

// pickleFeed walks the opcodes of a pickle without running them (Python's
// pickletools documents them).
type pickleFeed struct {
	Skip    uint64      `json:"skip,omitempty"` // bytes of a value that goes on
	Text    pickleClass `json:"text,omitempty"` // of the text pushed last
	Before  pickleClass `json:"before,omitempty"`
	Memo    []memoClass `json:"memo,omitempty"`
	Next    uint64      `json:"next,omitempty"`    // of the memo
	Wrapped bool        `json:"wrapped,omitempty"` // joblib's arrays, whose bytes are no opcodes
	Begun   bool        `json:"begun,omitempty"`
	// Ended is set behind the end of a pickle: programs write several, one behind the other.
	Ended bool `json:"ended,omitempty"`
	// Lost is set behind bytes that are no opcodes: see strayGlobals.
	Lost bool `json:"lost,omitempty"`
}

// memoClass is the class of a text that may be pushed again.
type memoClass struct {
	Index uint64      `json:"index"`
	Class pickleClass `json:"class"`
}

const maxMemo = 10_000

func (p *pickleFeed) feed(in *input, b []byte, at int64, last bool) int {
	if !p.Begun {
		p.Begun = true
		in.note("hidden.pickle_data")
	}
	i := 0
	for i < len(b) && !p.Lost {
		if p.Ended {
			if !last && len(b)-i < longestGlobal {
				return i
			}
			*p = pickleFeed{Begun: true, Wrapped: p.Wrapped, Lost: !isPickle(b[i:]) && !textPickle.Match(b[i:])}
			if p.Lost && !p.Wrapped { // those of torch have the numbers behind them
				in.noteAt("hidden.trailing", at+int64(i), 1)
			}
			continue
		}
		if p.Skip > 0 {
			n := min(p.Skip, uint64(len(b)-i))
			p.Skip -= n
			i += int(n) //nolint:gosec // at most what b has
			continue
		}
		n, ok := p.opcode(in, b[i:], at+int64(i), last)
		if !ok {
			if !p.Wrapped {
				in.note("uncheckable.corrupt")
			}
			p.Lost = true
			break
		}
		if n == 0 {
			break
		}
		i += n
	}
	if p.Lost {
		i += p.strayGlobals(in, b[i:], at+int64(i), last)
	} else if last && !p.Ended {
		in.note("uncheckable.corrupt") // it has no end
	}
	if last {
		return len(b)
	}
	return i
}

// pickleArgs is the length of an opcode's argument: a number of bytes, or one of
// the following.
var pickleArgs = map[byte]int{
	'(': 0, '.': 0, '0': 0, '1': 0, '2': 0, 'F': argLine, 'I': argLine, 'J': 4, 'K': 1, 'L': argLine, 'M': 2, 'N': 0, 'P': argLine, 'Q': 0, 'R': 0, 'S': argLine, 'T': 4 | argCounted, 'U': 1 | argCounted,
	'V': argLine, 'X': 4 | argCounted, 'a': 0, 'b': 0, 'c': argTwoLines, 'd': 0, '}': 0, 'e': 0, 'g': argLine, 'h': 1, 'i': argTwoLines, 'j': 4, 'l': 0, ']': 0, 'o': 0, 'p': argLine, 'q': 1, 'r': 4,
	's': 0, 't': 0, ')': 0, 'u': 0, 'G': 8, 'B': 4 | argCounted, 'C': 1 | argCounted, 0x80: 1, 0x81: 0, 0x82: 1, 0x83: 2, 0x84: 4, 0x85: 0, 0x86: 0, 0x87: 0, 0x88: 0, 0x89: 0, 0x8a: 1 | argCounted, 0x8b: 4 | argCounted,
	0x8c: 1 | argCounted, 0x8d: 8 | argCounted, 0x8e: 8 | argCounted, 0x8f: 0, 0x90: 0, 0x91: 0, 0x92: 0, 0x93: 0, 0x94: 0, 0x95: 8, 0x96: 8 | argCounted, 0x97: 0, 0x98: 0,
}

const (
	argCounted  = 1 << 8 // a length of so many bytes, and as many bytes as it says
	argLine     = 1 << 9
	argTwoLines = 1 << 10
)

// opcode takes one opcode. n is 0 where more bytes are needed; ok is false where
// there is none.
func (p *pickleFeed) opcode(in *input, b []byte, at int64, last bool) (n int, ok bool) {
	arg, known := pickleArgs[b[0]]
	if !known {
		return 1, false
	}
	switch {
	case arg == argLine || arg == argTwoLines:
		return p.lines(in, b, at, arg, last)
	case arg&argCounted != 0:
		return p.counted(b, arg&0xff, last)
	case len(b) < 1+arg:
		return 0, !last
	}
	value := uint64(0)
	for i := arg; i > 0 && arg <= 4; i-- {
		value = value<<8 | uint64(b[i])
	}
	switch b[0] {
	case '.':
		p.Ended = true
	case 0x82, 0x83, 0x84: // extensions: who knows of what
		p.global(in, 0, 0, at)
	case 0x93:
		p.global(in, p.Before, p.Text, at)
	case 'h', 'j':
		p.push(p.recall(value))
	case 'q', 'r':
		p.memo(value)
	case 0x94:
		p.memo(p.Next)
	}
	return 1 + arg, true
}

// lines takes an opcode whose argument ends with a line.
func (p *pickleFeed) lines(in *input, b []byte, at int64, arg int, last bool) (int, bool) {
	window := b[:min(len(b), pieceBytes)]
	first := bytes.IndexByte(window, '\n')
	end := first
	if first >= 0 && arg == argTwoLines {
		if end = bytes.IndexByte(window[first+1:], '\n'); end >= 0 {
			end += first + 1
		}
	}
	if end < 0 {
		if len(window) == pieceBytes || last {
			return 1, false
		}
		return 0, true
	}
	switch b[0] {
	case 'c', 'i':
		p.global(in, pickleClassOf(string(b[1:first])), pickleClassOf(string(b[first+1:end])), at)
	case 'S', 'V':
		p.push(pickleClassOf(strings.Trim(string(b[1:end]), "'\"")))
	case 'p':
		p.memo(decimal(b[1:end]))
	case 'g':
		p.push(p.recall(decimal(b[1:end])))
	}
	return end + 1, true
}

func decimal(b []byte) uint64 {
	n := uint64(0)
	for _, c := range b {
		if digit(c) && n < 1<<50 {
			n = n*10 + uint64(c-'0')
		}
	}
	return n
}

// counted takes an opcode whose argument says how long it is.
func (p *pickleFeed) counted(b []byte, width int, last bool) (int, bool) {
	if len(b) < 1+width {
		return 0, !last
	}
	size := uint64(0)
	eight := [8]byte{}
	copy(eight[:], b[1:1+width])
	size = binary.LittleEndian.Uint64(eight[:])
	text := b[0] == 'X' || b[0] == 0x8c || b[0] == 0x8d || b[0] == 'T' || b[0] == 'U'
	if text && size <= 200 { // longer ones are no names
		if uint64(len(b)) < 1+uint64(width)+size { //nolint:gosec // not negative
			return 0, !last
		}
		p.push(pickleClassOf(string(b[1+width : 1+width+int(size)])))
	} else if text {
		p.push(0)
	}
	p.Skip = size
	return 1 + width, true
}

func (p *pickleFeed) push(class pickleClass) { p.Before, p.Text = p.Text, class }

// memo remembers the text pushed last, if it can be a part of a name.
func (p *pickleFeed) memo(index uint64) {
	p.Next = max(p.Next, index) + 1
	if p.Text != 0 && len(p.Memo) < maxMemo {
		p.Memo = append(p.Memo, memoClass{index, p.Text})
	}
}

func (p *pickleFeed) recall(index uint64) pickleClass {
	for i := len(p.Memo) - 1; i >= 0; i-- {
		if p.Memo[i].Index == index {
			return p.Memo[i].Class
		}
	}
	return 0
}

// global judges something that the pickle loads.
func (p *pickleFeed) global(in *input, module, name pickleClass, at int64) {
	p.Wrapped = p.Wrapped || module&pickleTrusted != 0
	values := module&pickleTrusted != 0 && name&(pickleSafeName|pickleUpper) != 0 || module&pickleBuiltin != 0 && name&pickleMade != 0
	if !values {
		in.noteAt("active.pickle_code", at, 1)
	}
}
