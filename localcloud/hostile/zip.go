package hostile

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// zipMember is a member's local header and its entry in the directory (APPNOTE 4.3.7 and 4.3.12).
func zipMember(name string, method byte, packed, size int, sum uint32, offset int) (local, entry string) {
	b := []byte{20, 0, 0, 0, method, 0, 0, 0, 0x21, 0}
	for _, n := range []uint32{sum, uint32(packed), uint32(size)} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = append(b, byte(len(name)), 0, 0, 0)
	more := binary.LittleEndian.AppendUint32(make([]byte, 10), uint32(offset))
	return "PK\x03\x04" + string(b) + name, "PK\x01\x02\x14\x00" + string(slices.Concat(b, more)) + name
}

// zipEnd is the end of a zip (APPNOTE 4.3.16).
func zipEnd(entries, length, directory int, comment string) string {
	b := append([]byte("PK\x05\x06\x00\x00\x00\x00"), byte(entries), 0, byte(entries), 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(length))
	b = binary.LittleEndian.AppendUint32(b, uint32(directory))
	return string(binary.LittleEndian.AppendUint16(b, uint16(len(comment)))) + comment
}

// What a means file shows to one program, and a table of people to another one.
const (
	people = "name,age\nAnn Lee,44\n"
	means  = "region,mean\nnorth,44\n"
)

// storedZip is a zip of one member that is not compressed, which begins at an offset of a file. The member has one name in its
// local header and one in the directory.
func storedZip(offset int, localName, name, content, comment string) string {
	sum := crc32.ChecksumIEEE([]byte(content))
	local, _ := zipMember(localName, 0, len(content), len(content), sum, offset)
	_, entry := zipMember(name, 0, len(content), len(content), sum, offset)
	return local + content + entry + zipEnd(1, len(entry), offset+len(local)+len(content), comment)
}

// twoEnds is a zip whose comment is another one: some programs take the last end record, others the one whose comment goes to
// the file's end.
func twoEnds() string {
	first := storedZip(0, "people.csv", "people.csv", people, "")
	return storedZip(0, "people.csv", "people.csv", people, storedZip(len(first), "means.csv", "means.csv", means, ""))
}

// cutEnd is a zip whose end record says of its comment that it goes on behind the file's end, so that some programs look for another one.
func cutEnd() string {
	b := []byte(storedZip(0, "means.csv", "means.csv", means, ""))
	b[len(b)-2] = 7
	return string(b)
}

// twoNames is a zip whose member has one name for programs that read the directory, and one for those that unpack a stream.
func twoNames() string { return storedZip(0, "people.csv", "means.csv", means, "") }

// twoDirectories is a zip whose end record tells of one directory and whose zip64 end record of another one.
func twoDirectories() string {
	sum := func(content string) uint32 { return crc32.ChecksumIEEE([]byte(content)) }
	one, first := zipMember("people.csv", 0, len(people), len(people), sum(people), 0)
	told := one + people
	two, second := zipMember("means.csv", 0, len(means), len(means), sum(means), len(told)+len(first))
	wide := told + first + two + means
	ends := end64(1, int64(len(second)), int64(len(wide)), int64(len(wide)+len(second)))
	return wide + second + ends[:len(ends)-len(zipEnd(0, 0, 0, ""))] + zipEnd(1, len(first), len(told), "")
}

// windowsZip is a zip of so many members, each of which asks for a window of 64 MiB.
func windowsZip(members int) string {
	const plain = "a line\n"
	packed := bytesOf(xzWindow)
	var locals, entries strings.Builder
	for i := range members {
		local, entry := zipMember(fmt.Sprintf("%d.txt", i), 95, len(packed), len(plain), crc32.ChecksumIEEE([]byte(plain)), locals.Len())
		locals.WriteString(local + packed)
		entries.WriteString(entry)
	}
	return locals.String() + entries.String() + zipEnd(members, entries.Len(), locals.Len(), "")
}
