package airlock

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of a blob name that Blob Storage or safety set.
const (
	maxFileName = 1024 // characters; Blob Storage's own limit
	// maxEncodedName is the length that fits into x-ms-copy-source beside host, container and
	// signature: that header takes 2 KiB
	// (learn.microsoft.com/rest/api/storageservices/put-block-from-url).
	maxEncodedName = 1400
)

// NameRule says which file names a direction takes.
type NameRule string

// The rules.
const (
	// UnicodeNames are names in any script; see CheckFileName.
	UnicodeNames NameRule = "unicode"
	// PlainNames are names that carry little beside themselves: at most four
	// segments of letters, digits, dots, blanks, underscores and hyphens.
	PlainNames NameRule = "plain"
)

const maxPlainSegments = 4

const (
	maxPlainSegment = 100
	plainLetters    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// CheckFileName returns a file name's fault under a rule, "" for
// nothing. A name is judged in the form in which it will be used: on the disks of
// people who download it, in lists that reviewers read, by programs that go by
// its extension.
func CheckFileName(name string, rule NameRule) string {
	switch {
	case name == "" || !utf8.ValidString(name):
		return "is empty or not valid UTF-8"
	case utf8.RuneCountInString(name) > maxFileName:
		return "is longer than 1,024 characters"
	case encodedLength(name) > maxEncodedName:
		return "is too long for storage once its special characters are encoded; use a shorter name or fewer of them"
	case !norm.NFC.IsNormalString(name):
		return "is not in Unicode's composed form (NFC), so another system could take it for another name; type the name anew"
	}
	if bad := badCharacter(name, false); bad != "" {
		return bad
	}
	segments := strings.Split(name, "/")
	for _, segment := range segments {
		if bad := checkSegment(segment); bad != "" {
			return bad
		}
		if r, _ := utf8.DecodeRuneInString(segment); unicode.IsMark(r) {
			return "has a folder or file name that begins with a mark of another character"
		}
		if rule == PlainNames {
			if bad := checkPlain(segment); bad != "" {
				return bad
			}
		}
	}
	// As a system sees it that folds compatible forms: a full-width dot is a dot there.
	for segment := range strings.SplitSeq(norm.NFKC.String(name), "/") {
		if bad := checkSegment(segment); bad != "" {
			return bad
		}
	}
	if rule == PlainNames && len(segments) > maxPlainSegments {
		return "lies more than three folders deep"
	}
	return ""
}

// checkPlain returns one fault at a time: who reads it knows what to change.
func checkPlain(segment string) string {
	switch {
	case strings.ContainsFunc(segment, func(r rune) bool { return !strings.ContainsRune(plainLetters+"._ -", r) }):
		return "has other characters than the letters A-Z, digits, dots, blanks, underscores and hyphens"
	case !strings.ContainsRune(plainLetters, rune(segment[0])):
		return "has a folder or file name that does not begin with a letter or a digit"
	case len(segment) > maxPlainSegment:
		return "has a folder or file name of more than 100 characters"
	}
	return ""
}

func checkSegment(segment string) string {
	switch {
	case segment == "":
		return "begins or ends with a slash, or has an empty folder name"
	case segment == "." || segment == "..":
		return "has a '.' or '..' path segment"
	case strings.ContainsAny(segment, `:\`):
		return "has a colon or a backslash, which mean something else on other systems"
	case trimmed(segment) != segment:
		return "has a folder or file name that begins or ends with a dot or a blank"
	}
	return ""
}

// trimmed cuts the characters that some systems cut: leading and trailing dots and blanks.
func trimmed(segment string) string {
	return strings.TrimFunc(segment, func(r rune) bool { return r == '.' || isBlank(r) })
}

// isBlank reports whether a character shows as nothing but room. U+2800 is a
// Braille cell without dots.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Zs, r) || r == 0x2800 }

// badCharacter returns the fault in the characters of a text, "" for
// nothing: nothing may show differently from what it is, or not at all. With
// lines, line feeds, carriage returns and tabs are part of the text.
func badCharacter(text string, lines bool) string {
	before := rune(-1)
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case lines && (r == '\n' || r == '\r' || r == '\t'):
		case unicode.IsControl(r):
			return "has a control character"
		case r == 0x200C || r == 0x200D: // non-joiner and joiner, which some scripts need
			after := rune(-1)
			if i+1 < len(runes) {
				after = runes[i+1]
			}
			if !joins(before) || !joins(after) {
				return "has an invisible character"
			}
		case unicode.Is(unicode.Bidi_Control, r):
			return "has a character that reverses the direction of text"
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			return "has an invisible character"
		case unicode.Is(unicode.Variation_Selector, r) && !unicode.IsSymbol(before): // they choose an emoji's colours
			return "has an invisible character"
		case unicode.In(r, unicode.Zl, unicode.Zp):
			return "has a line separator"
		case !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs):
			return "has a character that no standard defines"
		}
		before = r
	}
	return ""
}

// joins reports whether a joiner may stand beside a character.
func joins(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// CheckLine returns the fault of one line of text for people, "" for
// nothing. Its length is judged elsewhere.
func CheckLine(text string) string { return checkText(text, false) }

// CheckText is CheckLine for texts of more lines.
func CheckText(text string) string { return checkText(text, true) }

func checkText(text string, lines bool) string {
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError):
		return "is not valid Unicode"
	case strings.TrimFunc(text, isBlank) == "":
		return "is blank"
	}
	return badCharacter(text, lines)
}

// CleanLine drops the characters that CheckLine refuses, from a text that comes
// from elsewhere, such as a person's name in a token.
func CleanLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || badCharacter(string(r), false) != "" {
			return -1
		}
		return r
	}, text)
}

// sameName is the common form of names that somebody could take for each other: it
// leaves out compatible forms, letter case, marks that choose a glyph, and characters
// that systems cut at the end of a name.
func sameName(name string) string {
	folded := cases.Fold().String(norm.NFKC.String(withoutSelectors(name)))
	segments := strings.Split(norm.NFKC.String(folded), "/") // folding takes some apart
	for i, segment := range segments {
		segments[i] = trimmed(segment)
	}
	return strings.Join(segments, "/")
}

// withoutSelectors leaves out the invisible selectors.
func withoutSelectors(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Variation_Selector, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, name)
}

// Extension returns a name's extension in lower case with its dot, "" for none,
// as a system sees it that folds compatible forms and cuts dots, blanks and
// stream names at the end.
func Extension(name string) string {
	base, _, _ := strings.Cut(path.Base(sameName(name)), ":")
	return strings.ToLower(path.Ext(trimmed(base)))
}

// encodedLength is a name's length in bytes as a URL carries it. It counts like
// blobstore's encoder, which escapes all but unreserved characters and slashes
// (RFC 3986); a test compares them.
func encodedLength(name string) int {
	n := 0
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			n++
		default:
			n += 3
		}
	}
	return n
}

// NameDigest is the first eight hex digits of the SHA-256 of a name. Somebody who
// knows the name can tell it by them.
func NameDigest(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:4])
}

// litter are files that computers leave beside those of people.
var litter = regexp.MustCompile(`(?i)(^|/)(\.DS_Store|\._[^/]*|Thumbs\.db|ehthumbs\.db|desktop\.ini|\.Spotlight-V100|\.Trashes|\.fseventsd|Icon\r|~\$[^/]*|\.~lock\.[^/]*#)(/|$)|(^|/)__MACOSX/`)

// IsLitter reports whether a name is one that computers give to files of their own.
func IsLitter(name string) bool { return litter.MatchString(name) }

// alias is how a file is named to people who may not see its name.
func alias(number int) string { return fmt.Sprintf("file %d", number) }
