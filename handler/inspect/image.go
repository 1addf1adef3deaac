package inspect

import (
	"bytes"
	"encoding/binary"
)

func init() {
	for kind, walk := range map[string]func(*imageScanner, *input) error{"png": (*imageScanner).png, "jpeg": (*imageScanner).jpeg, "gif": (*imageScanner).gif, "webp": (*imageScanner).webp, "tiff": (*imageScanner).tiff, "bmp": (*imageScanner).bmp} {
		scanners[kind] = func() scanner { return &imageScanner{walk: walk} }
	}
}

// Bounds of what a picture says about itself before it is something else.
const (
	largeMeta   = 64 << 10
	largeText   = 16 << 10
	largeChunks = 1 << 10 // those together that one program alone knows
	maxSegments = 100_000
)

// imageScanner walks the parts of a picture, which are few: it needs no state.
type imageScanner struct {
	walk func(*imageScanner, *input) error
}

func (s *imageScanner) step(in *input) (bool, error) {
	err := s.walk(s, in)
	return err == nil, err
}

func (in *input) noteAt(rule string, offset, length int64) {
	in.found.note(Finding{Rule: rule}, in.at(Place{Offset: offset, Length: length}))
}

// trailing reports bytes behind the end of a picture, unless they are padding.
func (in *input) trailing(end int64) error {
	size := in.src.Size() - end
	if size < 4 { // PowerPoint fills up to four with what is there
		return nil
	}
	b, err := readPart(in.src, end, size)
	if err == nil && (size > int64(len(b)) || len(bytes.Trim(b, "\x00\r\n \xff")) > 0) {
		in.noteAt("hidden.trailing", end, size)
	}
	return err
}

// meta reports a picture's texts about itself, and the place where it was taken.
func (in *input) meta(exif []byte, offset, length int64) {
	in.noteAt("hidden.image_meta", offset, length)
	if hasGPS(exif) {
		in.noteAt("hidden.image_gps", offset, length)
	}
	if length > largeMeta {
		in.noteAt("hidden.embedded", offset, length)
	}
}

// png walks the chunks (ISO/IEC 15948).
func (*imageScanner) png(in *input) error {
	at, unknown, head := int64(8), int64(0), make([]byte, 8)
	for range maxSegments {
		if err := readAt(in.src, head, at); err != nil {
			return err
		}
		n, kind := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		if at+12+n > in.src.Size() {
			return errShort
		}
		switch kind {
		case "IEND":
			return in.trailing(at + 12 + n)
		case "tEXt", "zTXt", "iTXt":
			in.meta(nil, at, n)
			if n > largeText {
				in.noteAt("hidden.embedded", at, n)
			}
		case "eXIf":
			exif, err := readPart(in.src, at+8, n)
			if err != nil {
				return err
			}
			in.meta(exif, at, n)
		case "fdAT": // the first picture is all that most programs show
			in.noteAt("hidden.embedded", at, n)
		case "IHDR", "IDAT", "PLTE", "iCCP":
		default:
			before := unknown
			if !registeredChunks[kind] {
				unknown += n
			}
			if n > largeMeta || before <= largeChunks && unknown > largeChunks {
				in.noteAt("hidden.embedded", at, n)
			}
		}
		at += 12 + n
	}
	return errShort
}

// registeredChunks are the kinds that the standard (PNG, third edition) and its register of extensions give a meaning.
var registeredChunks = map[string]bool{"tRNS": true, "cHRM": true, "gAMA": true, "sBIT": true, "sRGB": true, "cICP": true, "mDCV": true, "cLLI": true, "bKGD": true, "hIST": true, "pHYs": true, "sPLT": true, "tIME": true, "acTL": true, "fcTL": true, "oFFs": true, "pCAL": true, "sCAL": true, "gIFg": true, "gIFx": true, "gIFt": true, "sTER": true, "dSIG": true}

// readPart reads a part of a file, largeMeta bytes of it at most.
func readPart(src Source, at, n int64) ([]byte, error) {
	b := make([]byte, min(n, largeMeta))
	return b, readAt(src, b, at)
}

// jpeg walks the segments (ITU-T T.81), and looks for the end in the picture's data.
func (*imageScanner) jpeg(in *input) error {
	at, head := int64(2), make([]byte, 4)
	for range maxSegments {
		if err := readAt(in.src, head[:2], at); err != nil {
			return err
		}
		if head[0] != 0xff {
			return errShort
		}
		if marker := head[1]; marker == 0xff || marker == 1 || marker >= 0xd0 && marker <= 0xd7 {
			at++
			if marker != 0xff {
				at++
			}
			continue
		} else if marker == 0xd9 {
			return in.trailing(at + 2)
		}
		if err := readAt(in.src, head, at); err != nil {
			return err
		}
		n := int64(binary.BigEndian.Uint16(head[2:]))
		if n < 2 {
			return errShort
		}
		if err := jpegSegment(in, head[1], at, n); err != nil {
			return err
		}
		at += 2 + n
		if head[1] == 0xda {
			var err error
			if at, err = jpegData(in, at); err != nil {
				return err
			}
		}
	}
	return errShort
}

func jpegSegment(in *input, marker byte, at, n int64) error {
	switch {
	case marker == 0xfe: // comment
		in.meta(nil, at, n)
	case marker == 0xe1, marker >= 0xe3 && marker <= 0xed: // Exif, XMP, and others
		b, err := readPart(in.src, at+4, n-2)
		if err != nil {
			return err
		}
		in.meta(bytes.TrimPrefix(b, []byte("Exif\x00\x00")), at, n)
	}
	return nil
}

// jpegData returns where the next marker is behind a scan's data.
func jpegData(in *input, at int64) (int64, error) {
	buffer := make([]byte, 64<<10)
	for at < in.src.Size()-1 {
		b := buffer[:min(int64(len(buffer)), in.src.Size()-at)]
		if err := readAt(in.src, b, at); err != nil {
			return 0, err
		}
		for i := 0; i+1 < len(b); i++ {
			if b[i] == 0xff && b[i+1] != 0 && b[i+1] != 0xff && (b[i+1] < 0xd0 || b[i+1] > 0xd7) {
				return at + int64(i), nil
			}
		}
		at += int64(len(b)) - 1
	}
	return 0, errShort
}

// gif walks the blocks (GIF89a).
func (*imageScanner) gif(in *input) error {
	head := make([]byte, 13)
	if err := readAt(in.src, head, 0); err != nil {
		return err
	}
	at := int64(13)
	if head[10]&0x80 != 0 {
		at += 3 << (head[10]&7 + 1)
	}
	b := make([]byte, 10)
	for range maxSegments {
		if err := readAt(in.src, b[:1], at); err != nil {
			return err
		}
		switch b[0] {
		case 0x3b:
			return in.trailing(at + 1)
		case 0x21:
			if err := readAt(in.src, b[:2], at); err != nil {
				return err
			}
			end, err := gifBlocks(in.src, at+2)
			if err != nil {
				return err
			}
			if b[1] == 0xfe {
				in.meta(nil, at, end-at)
			}
			at = end
		case 0x2c:
			if err := readAt(in.src, b, at); err != nil {
				return err
			}
			at += 11
			if b[9]&0x80 != 0 {
				at += 3 << (b[9]&7 + 1)
			}
			var err error
			if at, err = gifBlocks(in.src, at); err != nil {
				return err
			}
		default:
			return errShort
		}
	}
	return errShort
}

// gifBlocks returns where a row of sub-blocks ends.
func gifBlocks(src Source, at int64) (int64, error) {
	n := make([]byte, 1)
	for {
		if err := readAt(src, n, at); err != nil {
			return 0, err
		}
		at += 1 + int64(n[0])
		if n[0] == 0 {
			return at, nil
		}
	}
}

// webp walks the chunks (RFC 9649).
func (*imageScanner) webp(in *input) error {
	head := make([]byte, 12)
	if err := readAt(in.src, head, 0); err != nil {
		return err
	}
	end := 8 + int64(binary.LittleEndian.Uint32(head[4:]))
	if end > in.src.Size() {
		return errShort
	}
	for at := int64(12); at+8 <= end; {
		if err := readAt(in.src, head[:8], at); err != nil {
			return err
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		if kind := string(head[:4]); kind == "EXIF" || kind == "XMP " {
			exif, err := readPart(in.src, at+8, min(n, end-at-8))
			if err != nil {
				return err
			}
			in.meta(exif, at, n)
		}
		at += 8 + n + n&1
	}
	return in.trailing(end)
}

// tiff looks at the first directory.
func (*imageScanner) tiff(in *input) error {
	b, err := readPart(in.src, 0, min(in.src.Size(), largeMeta))
	if err != nil {
		return err
	}
	in.noteAt("hidden.image_meta", 0, 8)
	if hasGPS(b) {
		in.noteAt("hidden.image_gps", 0, 8)
	}
	return nil
}

// bmp has its size in its header; some programs leave it 0.
func (*imageScanner) bmp(in *input) error {
	head := make([]byte, 6)
	if err := readAt(in.src, head, 0); err != nil {
		return err
	}
	if size := int64(binary.LittleEndian.Uint32(head[2:])); size >= 54 {
		return in.trailing(size)
	}
	return nil
}

// hasGPS reports whether TIFF or Exif data has a directory of places (tag 0x8825).
func hasGPS(b []byte) bool {
	if len(b) < 8 {
		return bytes.Contains(b, []byte("GPSLatitude"))
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return bytes.Contains(b, []byte("GPSLatitude")) // XMP
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return false
	}
	for i := range int64(order.Uint16(b[at:])) {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(b)) {
			return false
		}
		if order.Uint16(b[entry:]) == 0x8825 {
			return true
		}
	}
	return false
}
