package funchost

import (
	"errors"
	"regexp"
	"strings"
)

// blobPath is the path of a blob trigger: container/pattern, where the pattern
// may hold {parameters}.
type blobPath struct {
	container string
	pattern   *regexp.Regexp
	names     []string
}

var blobParameter = regexp.MustCompile(`\{([A-Za-z_]\w*)\}`)

// parseBlobPath refuses a path without a blob part and a parameter in the
// container's name (BlobPathSource of azure-sdk-for-net).
func parseBlobPath(path string) (blobPath, error) {
	container, blob, ok := strings.Cut(path, "/")
	if !ok || container == "" || blob == "" || strings.Contains(path, `\`) {
		return blobPath{}, errors.New("path is container/blob")
	}
	if strings.Contains(container, "{") {
		return blobPath{}, errors.New("container paths cannot contain resolve tokens")
	}
	p := blobPath{container: container}
	var pattern strings.Builder
	last := 0
	for _, at := range blobParameter.FindAllStringSubmatchIndex(blob, -1) {
		pattern.WriteString(regexp.QuoteMeta(blob[last:at[0]]) + "(.+)")
		p.names = append(p.names, blob[at[2]:at[3]])
		last = at[1]
	}
	pattern.WriteString(regexp.QuoteMeta(blob[last:]))
	p.pattern = regexp.MustCompile("^(?s:" + pattern.String() + ")$")
	return p, nil
}

// parameters are the values of the path's parameters for a blob. A blob that does
// not match has none; the host invokes the function all the same.
func (p blobPath) parameters(container, blob string) map[string]string {
	values := map[string]string{}
	match := p.pattern.FindStringSubmatch(blob)
	if container != p.container || match == nil {
		return values
	}
	for i, name := range p.names {
		values[name] = match[i+1]
	}
	return values
}
