package inspect_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// What follows writes R objects as saveRDS does (R Internals, 1.8), since R is not at hand where
// the tests run. `make corpus-report` reads those of rdata, which R wrote.

const rHead = "X\n\x00\x00\x00\x03\x00\x04\x03\x00\x00\x03\x05\x00\x00\x00\x00\x05UTF-8"

// rInts are whole numbers as R writes them.
func rInts(n ...int) string {
	var b []byte
	for _, x := range n {
		b = binary.BigEndian.AppendUint32(b, uint32(x))
	}
	return string(b)
}

func rChars(text string) string { return rInts(0x40009, len(text)) + text }

func rSymbol(name string) string { return rInts(1) + rChars(name) }

func rStrings(texts ...string) string {
	var out strings.Builder
	out.WriteString(rInts(16, len(texts)))
	for _, text := range texts {
		out.WriteString(rChars(text))
	}
	return out.String()
}

func rVector(n ...int) string { return rInts(13, len(n)) + rInts(n...) }

// rPairs are the values of a pairlist behind their names.
func rPairs(pairs ...string) string {
	out := ""
	for i := 0; i < len(pairs); i += 2 {
		out += rInts(0x402) + rSymbol(pairs[i]) + pairs[i+1]
	}
	return out + rInts(254)
}

// rFrame is a data frame: names, and as many columns.
func rFrame(rows int, names []string, columns ...string) string {
	return rInts(0x313, len(columns)) + strings.Join(columns, "") + rPairs("names", rStrings(names...), "class", rStrings("tbl_df", "tbl", "data.frame"), "row.names", rVector(-1<<31, -rows))
}

// rFunction is a function without arguments.
func rFunction() string { return rInts(0x403, 253, 254, 254) }

// rPromised is a promise to call system().
func rPromised() string { return rInts(0x405, 253, 252, 6) + rSymbol("system") + rInts(254) }

var rCounts = rFrame(2, []string{"region", "patients"}, rStrings("North", "South"), rVector(120, 3))

// rLarge is an object that is too large to be held in memory as a whole.
func rLarge() string {
	names := make([]string, 20_000)
	for i := range names {
		names[i] = fmt.Sprintf("name %d", i)
	}
	names[7], names[8], names[9] = "ann.lee"+"@nhs.net", "bob.diaz"+"@nhs.net", "eve.kahn"+"@nhs.net"
	return rFrame(len(names), []string{"patient_id", "surname"}, rVector(make([]int, len(names))...), rStrings(names...))
}

func TestRObjectsAreWalked(t *testing.T) {
	r := []string{"hidden.r_object"}
	also := func(rules ...string) []string {
		if rules[0] > "hidden" {
			return append([]string{"hidden.r_object"}, rules...)
		}
		return append(rules, "hidden.r_object")
	}
	counts := also("sdc.small_count 3-4")
	table := rInts(0x30d, 2) + rInts(120, 3) + rPairs("dim", rVector(2), "dimnames", rInts(19, 1)+rStrings("North", "South"), "class", rStrings("table"))
	cross := rInts(0x20d, 4) + rInts(120, 3, 40, 55) + rPairs("dim", rVector(2, 2), "dimnames", rInts(19, 2)+rStrings("North", "South")+rStrings("women", "men"))
	factor := rInts(0x30d, 2) + rInts(2, 1) + rPairs("levels", rStrings("North", "South"), "class", rStrings("factor"))
	short := rInts(238, 2) + rSymbol("compact_intseq") + rInts(254, 14, 3) + "\x40\x44\x00\x00\x00\x00\x00\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x3f\xf0\x00\x00\x00\x00\x00\x00" + rInts(254) // 1 to 40
	environment := func(frame string) string { return rInts(4, 0, 253) + frame + rInts(254, 254) }
	model := rInts(0x313, 1) + rFrame(2, []string{"a"}, rVector(1, 2)) + rPairs("names", rStrings("model"), "class", rStrings("glm", "lm"))
	compiled := rInts(0x403, 253, 254, 21, 1) + rVector(12) + rInts(2, 244, 0, 6, 254, 243, 0, 0, 254, 13) + rVector(1) // a constant that is a call, and one that is not
	text := "A\n3\n262912\n197888\n5\nUTF-8\n787\n2\n16\n2\n262153\n5\nNorth\n262153\n6\nSo\\165th\n13\n2\n120\n3\n1026\n1\n262153\n5\nnames\n16\n2\n262153\n6\nregion\n262153\n8\npatients\n" +
		"1026\n1\n262153\n5\nclass\n16\n1\n262153\n10\ndata.frame\n1026\n1\n262153\n9\nrow.names\n13\n2\nNA\n-2\n254\n"
	for name, c := range map[string]struct {
		content string
		want    []string
		facts   string
	}{
		"a data frame.rds":   {rHead + rCounts, counts, "data frames: 1, rows: 2, columns: 2, values: 2, texts: 2"},
		"packed.rds":         {string(gzipped(t, rHead+rCounts)), counts, "data frames: 1, rows: 2, columns: 2, values: 2, texts: 2"},
		"packed by xz.rds":   {string(xzed(t, rHead+rCounts)), counts, "data frames: 1, rows: 2, columns: 2, values: 2, texts: 2"},
		"as text.rds":        {text, counts, "data frames: 1, rows: 2, columns: 2, values: 2, texts: 2"},
		"in a workspace.rda": {"RDX3\n" + rHead + rPairs("x", rVector(7), "d", rCounts), counts, "data frames: 1, rows: 2, columns: 2, values: 3, texts: 2"},
		"old.rds":            {"X\n" + rInts(2, 0x40300, 0x20300) + rCounts, counts, "data frames: 1, rows: 2, columns: 2, values: 2, texts: 2"},
		"in a list.rds":      {rHead + rInts(19, 2) + rVector(7) + rCounts, counts, "data frames: 1, rows: 2, columns: 2, values: 3, texts: 2"},
		"frequencies.rds":    {rHead + table, counts, "tables: 1, rows: 2, columns: 1, values: 2, texts: 2"},
		"cross table.rds":    {rHead + cross, counts, "matrices: 1, rows: 2, columns: 2, values: 4, texts: 4"},
		"factor.rds":         {rHead + rFrame(2, []string{"region", "patients"}, factor, rVector(120, 3)), counts, "data frames: 1, rows: 2, columns: 2, values: 4, texts: 2"},
		"sequence.rds":       {rHead + rFrame(40, []string{"patient_id", "age"}, short, rVector(make([]int, 40)...)), also("pii.id_column", "sdc.row_level"), "data frames: 1, rows: 40, columns: 2, values: 40"},
		"a model.rds":        {rHead + model, r, "data frames: 1, rows: 2, columns: 1, models: 1, values: 2"},
		"large.rds":          {rHead + rLarge(), also("pii.email", "sdc.too_many_rows"), "data frames: 1, rows: 20000, columns: 2, values: 20000, texts: 20000"},
		"a function.rds":     {rHead + rFunction(), r, "functions: 1"},
		"compiled.rds":       {rHead + compiled, r, "functions: 1, compiled functions: 1, values: 2"},
		"a pointer.rds":      {rHead + rInts(22, 254, 254), r, "external pointers: 1"},
		"a promise.rds":      {rHead + rPromised(), also("active.r_code"), "promises: 1"},
		"in an element.rds":  {rHead + rInts(19, 1) + rPromised(), also("active.r_code"), "promises: 1"},
		"in attributes.rds":  {rHead + rInts(0x20d, 1, 1) + rPairs("names", rPromised()), also("active.r_code"), "promises: 1, values: 1"},
		"from a call.rds":    {rHead + environment(rPairs("x", rPromised())), r, "environments: 1, promises: 1"},
		"active.rds":         {rHead + environment(rInts(0x8000402)+rSymbol("x")+rFunction()+rInts(254)), r, "environments: 1, functions: 1"},
		"at the start.RData": {"RDX3\n" + rHead + rPairs(".First", rFunction()), also("active.r_code"), "functions: 1"},
		"not at start.RData": {"RDX3\n" + rHead + rPairs("first", rFunction()), r, "functions: 1"},
		"behind.rds":         {rHead + rVector(1) + "rows of data", also("hidden.trailing"), "values: 1"},
		"cut.rds":            {rHead + rCounts[:40], also("uncheckable.corrupt"), "texts: 1"},
		"claims much.rds":    {rHead + rInts(13, 0x7fffffff), also("uncheckable.corrupt"), "values: 2147483647"},
		"claims more.rds":    {rHead + rInts(14, -1, 0x100000, 0) + "rows", also("uncheckable.corrupt"), "values: 4503599627370496"},
		"negative.rds":       {rHead + rInts(13, -2), also("uncheckable.corrupt"), ""},
		"no type.rds":        {rHead + rInts(77), also("uncheckable.corrupt"), ""},
		"no version.rds":     {"X\n\x00\x00\x00\x09\x00\x04\x03\x00\x00\x03\x05\x00", also("uncheckable.corrupt"), ""},
		"head alone.rds":     {rHead[:12], also("uncheckable.corrupt"), ""},
		"deep.rds":           {rHead + strings.Repeat(rInts(0x213, 1), 20_000), also("uncheckable.nested"), ""},
	} {
		found := report(t, name, []byte(c.content))
		require.Equal(t, c.want, sure(found), name)
		require.Equal(t, c.facts, factsOf(found, "hidden.r_object"), name)
	}
	for name, content := range map[string]string{"from a call.rds": environment(rPairs("x", rPromised())), "active.rds": environment(rInts(0x8000402) + rSymbol("x") + rFunction() + rInts(254))} {
		require.Contains(t, rulesOf(report(t, name, []byte(rHead+content))), "active.r_code", "functions that were called leave it: shown, no more")
	}
	for _, f := range report(t, "large.rds", []byte(rHead+rLarge())).Findings {
		if strings.HasPrefix(f.Rule, "pii.id") || strings.HasPrefix(f.Rule, "pii.name") {
			require.Equal(t, inspect.Doubtful, f.Confidence, "by the names of columns alone")
		}
	}
}

// The state holds sizes and classes, and nothing of what a vector has.
func TestTheStateOfAnRObjectHoldsNoValue(t *testing.T) {
	content := []byte(rHead + rInts(0x313, 3) + rVector(8_675_309, 4_815_162) + rStrings("Ann Lee") + rLarge())
	f := inspect.NewFile("a.rds", int64(len(content)), inspect.DefaultLimits())
	for done, budget := false, 0; !done; budget = 1 {
		var err error
		done, err = f.Step(source(content), func() bool { budget--; return budget < 0 })
		require.NoError(t, err)
		kept, err := f.State()
		require.NoError(t, err)
		for _, secret := range []string{"8675309", "4815162", "Ann", "surname", "nhs.net"} {
			require.NotContains(t, string(kept), secret)
		}
		told, err := json.Marshal(f.Report())
		require.NoError(t, err)
		require.NotContains(t, string(told), "nhs.net")
	}
}

func FuzzRObjects(f *testing.F) {
	f.Add(rCounts)
	f.Add(rPromised() + rInts(19, 1) + rFunction())
	f.Add(rInts(4, 0, 253) + rPairs("x", rVector(1)) + rInts(254, 254))
	f.Add(rInts(0x403, 253, 254, 21, 1) + rVector(12) + rInts(2, 244, 0, 6, 254, 243, 0, 0, 254, 13) + rVector(1))
	f.Fuzz(func(t *testing.T, content string) {
		if len(content) > 32<<10 {
			return
		}
		report(t, "a.rds", []byte(rHead+content))
		report(t, "a.rda", []byte("RDB2\nB\n\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"+content))
		report(t, "a.rds", []byte("A\n2\n0\n0\n"+content))
		padded := rHead + rInts(19, 2, 24, 200_000) + strings.Repeat("x", 200_000) + content // too large to be held
		report(t, "a.rds", []byte(padded))
	})
}

// R's text format has one line's end between two words. Any number of them would be more than is
// held at a time.
func TestBlanksInARObjectAreBounded(t *testing.T) {
	blanks := strings.Repeat(" ", 400_000)
	const head = "A\n3\n262144\n197888\n5\nUTF-8\n"
	for _, text := range []string{
		"A\n3\n" + blanks,
		head + "16\n1\n262153\n5\n" + blanks + "north\n",
		head + "16\n1\n262153\n5000\n" + blanks + strings.Repeat("a", 6000),
		head + "13\n5000000\n" + blanks + "1\n",
		head + "13\n5\n" + blanks + "1\n2\n3\n4\n5\n",
	} {
		require.Contains(t, rulesOf(report(t, "a.rds", []byte(text))), "uncheckable.corrupt", text[:20])
	}
}

// A report whose facts are no numbers of this package is thrown away, with all that was found.
func TestSumsOfWhatAnObjectClaimsStayNumbers(t *testing.T) {
	vast := rInts(0x20d, 1, 1) + rPairs("dim", rInts(14, 2, 0x43400000, 0, 0x40000000, 0)) // 2⁵³ rows
	many := rHead + rInts(19, 1101) + rPromised() + strings.Repeat(vast, 1100)
	for name, content := range map[string][]byte{"a.rds": []byte(many), "b.zip": zipped(t, "a.rds", many, "b.rds", many)} {
		r := report(t, name, content)
		require.True(t, r.Plausible(), name)
		require.Contains(t, strings.Join(rulesOf(r), " "), "active.r_code", name)
	}
}
