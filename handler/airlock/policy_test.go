package airlock

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A document that says nothing must not switch a control off.
func TestPolicyDefaultsAreStrict(t *testing.T) {
	for _, doc := range []string{`{}`, `{"malwareScanning":{}}`, `{"files":{},"review":{}}`, `{"unknown":1}`} {
		var p Policy
		require.NoError(t, json.Unmarshal([]byte(doc), &p))
		assert.Equal(t, DefaultPolicy(), p, doc)
		assert.Empty(t, p.Check(), doc)
	}
	var p Policy
	require.NoError(t, json.Unmarshal([]byte(`{"malwareScanning":{"enabled":false},"files":{"maxFiles":5}}`), &p))
	assert.False(t, p.MalwareScanning.Enabled)
	assert.Equal(t, 5, p.Files.MaxFiles)
	assert.Equal(t, DefaultPolicy().Files.MaxFileBytes, p.Files.MaxFileBytes)
}

func TestPolicyCheckNamesEveryFault(t *testing.T) {
	p := DefaultPolicy()
	p.Link.LifetimeMinutes = 481
	p.Review.ExportApprovals = 0
	p.Files.NamePattern = "("
	p.Files.Import.Allowed = []string{"csv"}
	p.MalwareScanning.Inconclusive = "ignore"
	p.Notifications = map[string][]string{"finished": {"everybody"}}
	assert.Len(t, p.Check(), 7)
	p.Link.LifetimeMinutes = 100000
	assert.Equal(t, MaxLinkLifetime, p.LinkLifetime(), "the ceiling is in code, whatever is stored")
}

// Every number and word of a policy has its bounds in a tag; Check and the JSON
// Schema keep to them, and the prose beside them tells the true default.
func TestThePolicysTagsAreItsRules(t *testing.T) {
	var walk func(name string, at func(*Policy) reflect.Value)
	walk = func(name string, at func(*Policy) reflect.Value) {
		sample := DefaultPolicy()
		kind := at(&sample).Type()
		for i := range kind.NumField() {
			field := kind.Field(i)
			member := func(p *Policy) reflect.Value { return at(p).Field(i) }
			path := name + "." + field.Name
			breaks := func(value any, want int) {
				p := DefaultPolicy()
				member(&p).Set(reflect.ValueOf(value).Convert(field.Type))
				assert.Len(t, p.Check(), want, "%s = %v", path, value)
			}
			switch field.Type.Kind() {
			case reflect.Struct:
				walk(path, member)
			case reflect.Int, reflect.Int64:
				low, high := bounds(field.Tag)
				assert.NotEqual(t, int64(math.MinInt64), low, "%s has no minimum", path)
				breaks(low, 0)
				breaks(low-1, 1)
				if high != math.MaxInt64 {
					breaks(high, 0)
					breaks(high+1, 1)
				}
				if told := defaultInProse.FindStringSubmatch(field.Tag.Get("doc")); assert.NotNil(t, told, "%s: its doc tells no default", path) && told[2] == "" {
					assert.Equal(t, told[1], fmt.Sprint(member(&sample).Int()), path)
				}
			case reflect.String:
				if _, limited := field.Tag.Lookup("enum"); limited {
					breaks("something else", 1)
				}
			}
		}
	}
	walk("Policy", func(p *Policy) reflect.Value { return reflect.ValueOf(p).Elem() })

	assert.Equal(t, int64(MaxLinkLifetime/time.Minute), tagOf(LinkPolicy{}, "LifetimeMinutes"))
	assert.Equal(t, int64(MaxFilesCeiling), tagOf(FilePolicy{}, "MaxFiles"))
	pattern, _ := reflect.TypeFor[FilePolicy]().FieldByName("NamePattern")
	assert.Equal(t, fmt.Sprint(maxNamePattern), pattern.Tag.Get("maxLength"))
}

var defaultInProse = regexp.MustCompile(`[Dd]efault (\d+)( GiB)?`)

func tagOf(of any, member string) int64 {
	field, _ := reflect.TypeOf(of).FieldByName(member)
	_, high := bounds(field.Tag)
	return high
}

func violationsOf(t RequestType, blobs []Blob, p Policy) []Violation {
	_, violations := NewManifest(t, blobs, p)
	return violations
}

func TestCheckManifest(t *testing.T) {
	p := DefaultPolicy()
	p.Files.MaxFileBytes, p.Files.MaxTotalBytes = 100, 150
	p.Files.Import = FileRule{Names: UnicodeNames, Allowed: []string{".csv", ".txt"}, Forbidden: []string{".exe"}}
	many := p
	many.Files.MaxFiles = 2
	named := p
	named.Files.NamePattern = `[a-z]+\.csv`
	tests := []struct {
		name   string
		policy Policy
		files  []Blob
		want   []string
	}{
		{"one file", p, []Blob{{Name: "a.csv", Size: 100}}, nil},
		{"capital extension", p, []Blob{{Name: "A.CSV", Size: 1}}, nil},
		{"zero bytes", p, []Blob{{Name: "a.csv"}}, nil},
		{"none", p, nil, []string{"no_files"}},
		{"two where one is allowed", p, []Blob{{Name: "a.csv"}, {Name: "b.csv"}}, []string{"too_many_files"}},
		{"two where two are", many, []Blob{{Name: "a.csv"}, {Name: "b.csv"}}, nil},
		{"too large", p, []Blob{{Name: "a.csv", Size: 101}}, []string{"file_too_large"}},
		{"too large together", many, []Blob{{Name: "a.csv", Size: 100}, {Name: "b.csv", Size: 51}}, []string{"request_too_large"}},
		{"not allowed type", p, []Blob{{Name: "a.zip"}}, []string{"forbidden_type"}},
		{"no extension", p, []Blob{{Name: "csv"}}, []string{"forbidden_type"}},
		{"dot in folder", p, []Blob{{Name: "x.csv/data"}}, []string{"forbidden_type"}},
		{"name rule", named, []Blob{{Name: "A1.csv"}}, []string{"forbidden_name"}},
		{"name rule matches in full", named, []Blob{{Name: "a.csv.exe"}}, []string{"forbidden_name", "forbidden_type"}},
		{"everything at once", p, []Blob{{Name: "../a.exe", Size: 200}, {Name: "b.csv"}}, []string{"too_many_files", "request_too_large", "forbidden_name", "file_too_large", "forbidden_type"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rules []string
			for _, v := range violationsOf(Import, tt.files, tt.policy) {
				rules = append(rules, v.Rule)
				assert.NotEmpty(t, v.Message)
			}
			assert.Equal(t, tt.want, rules)
		})
	}
	assert.Empty(t, violationsOf(Export, []Blob{{Name: "a.zip"}}, p), "each direction has its own rules")
}

func FuzzParseRequestID(f *testing.F) {
	for _, seed := range []string{"", "af89dccd-cdf8-4e47-8cfe-995faeac0f09", "AF89DCCD-CDF8-4E47-8CFE-995FAEAC0F09", "../x", "{af89dccd-cdf8-4e47-8cfe-995faeac0f09}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseRequestID(s)
		if err == nil && (len(id) != 36 || strings.ToLower(s) != string(id) || strings.Trim(string(id), "0123456789abcdef-") != "") {
			t.Errorf("ParseRequestID(%q) = %q", s, id)
		}
	})
}

// Every manifest that passes submit must still fit into a row with hashes and verdicts.
func TestManifestLeavesRoom(t *testing.T) {
	p := DefaultPolicy()
	p.Files.MaxFiles = MaxFilesCeiling
	blobs := func(n, length int) []Blob {
		out := make([]Blob, n)
		for i := range out {
			out[i].Name = fmt.Sprintf("%03d", i) + strings.Repeat("a", length-3)
		}
		return out
	}
	assert.Empty(t, violationsOf(Import, blobs(500, 200), p))
	refused := violationsOf(Import, blobs(500, 300), p)
	require.Len(t, refused, 1)
	assert.Equal(t, "manifest_too_large", refused[0].Rule)

	quotes := []Blob{}
	for i := range 400 {
		quotes = append(quotes, Blob{Name: fmt.Sprintf("%03d", i) + strings.Repeat(`"`, 440)})
	}
	assert.NotEmpty(t, violationsOf(Import, quotes, p), "a quote takes two characters in the row")
}
