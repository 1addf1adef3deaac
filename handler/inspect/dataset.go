package inspect

import (
	"cmp"
	"slices"
)

// dataset says that the file is a table that is kept for programs.
func (in *input) dataset(facts Facts, heads []headerClass) {
	in.found.note(Finding{Rule: "hidden.dataset", Facts: facts}, in.within)
	in.columnNames(heads, facts["rows"])
}

// columnNames says what the names of columns tell whose cells are not looked at: a guess.
func (in *input) columnNames(heads []headerClass, rows int64) {
	for i, h := range heads {
		for _, guess := range []struct {
			class headerClass
			rule  string
		}{
			{headName, "pii.name_column"}, {headBirth, "pii.dob"}, {headNational, "pii.national_id"}, {headPostcode, "pii.postcode_full"},
			{headPhone, "pii.phone"}, {headGeo, "pii.geo"}, {headID, "pii.id_column"}, {headResidual, "sdc.residuals"},
		} {
			if h.is(guess.class) {
				in.found.note(Finding{Rule: guess.rule, Confidence: Doubtful}, in.at(Place{Part: in.within.Part, Column: int64(i) + 1}))
				break
			}
		}
	}
	if rows > maxTableRows {
		in.note("sdc.too_many_rows")
	}
}

// tableKeys are the names of metadata that programs write by themselves.
var tableKeys = setOf("pandas ARROW:schema r org.apache.spark.version org.apache.spark.sql.parquet.row.metadata org.apache.spark.legacyDateTime org.apache.spark.legacyINT96 org.apache.spark.timeZone " +
	"writer.model.name parquet.avro.schema parquet.proto.descriptor geo iceberg.schema delta-rs huggingface")

// tableMetadata is what is known of the texts that a table carries beside its columns.
type tableMetadata struct {
	unknown int64 // that no known program writes
	longest int64 // bytes
}

func (m *tableMetadata) add(key string, length int64) {
	m.longest = max(m.longest, length)
	if !tableKeys[key] && length > 0 {
		m.unknown++
	}
}

// tell says what is to be said of the metadata, and adds it to the facts about the table.
func (m *tableMetadata) tell(in *input, facts Facts) {
	if m.unknown > 0 {
		facts["metadata texts"] = m.unknown
		in.note("hidden.comment")
	}
	if m.longest > 64<<10+facts["columns"]<<10 { // what programs write grows with the columns
		in.note("hidden.embedded")
	}
}

// extent is a piece of a file.
type extent struct{ from, to int64 }

// maxPadding is the most that writers put between groups of rows to reach a block of the file
// system (parquet-mr, parquet.writer.max-padding).
const maxPadding = 8 << 20

// maxPaddingBlocks is how many blocks of a file are read for padding, as they are read in one step.
const maxPaddingBlocks = 128

// gaps looks for bytes that belong to nothing of which a file says where it lies: no reader shows them.
// A gap that is too long for padding is not read. Where the others lie in too many blocks, the rest is told to be unread.
func (in *input) gaps(extents []extent) error {
	slices.SortFunc(extents, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	end, last, blocks, unread := int64(0), int64(-1), int64(0), false
	for _, e := range extents {
		from, to := end, min(e.from, in.src.Size())
		end = max(end, e.to)
		if from >= to {
			continue
		}
		padding := to-from <= maxPadding
		if padding {
			blocks += (to-1)/blockBytes - max(from/blockBytes-1, last)
			last = (to - 1) / blockBytes
			if blocks > maxPaddingBlocks {
				unread = true
				continue
			}
			var err error
			if padding, err = zeros(in.src, from, to); err != nil {
				return err
			}
		}
		if !padding {
			in.found.note(Finding{Rule: "hidden.trailing"}, in.at(Place{Offset: from, Length: to - from}))
		}
	}
	if unread {
		in.note("uncheckable.size")
	}
	return nil
}

// zeros reports whether a piece of a file is padding.
func zeros(src Source, from, to int64) (bool, error) {
	b := make([]byte, min(chunkBytes, to-from))
	for from < to {
		b = b[:min(int64(len(b)), to-from)]
		if err := readAt(src, b, from); err != nil {
			return false, err
		}
		if !zero(b) {
			return false, nil
		}
		from += int64(len(b))
	}
	return true, nil
}
