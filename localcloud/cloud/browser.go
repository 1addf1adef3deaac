package cloud

import (
	"slices"

	"example.org/airlock/localcloud/front"
)

// browserRules are the rules by which the portal's page, of that origin, may use links: the same as infra/stage gives
// the accounts in Azure. Where nobody ever gets a link, there is no rule.
func (l layout) browserRules(origin string) map[string]front.CORSRule {
	rule := func(methods, headers []string) front.CORSRule {
		return front.CORSRule{Origins: []string{origin}, Methods: methods, AllowedHeaders: headers, ExposedHeaders: browserSees, MaxAge: 7200}
	}
	write, read := rule(draftMethods, draftHeaders), rule(readMethods, readHeaders)
	rules := map[string]front.CORSRule{}
	for account, stages := range l.stages() {
		for _, stage := range stages {
			switch {
			case slices.Contains(drafts, stage):
				rules[account] = write
			case slices.Contains(linked, stage) && len(rules[account].Methods) == 0:
				rules[account] = read
			}
		}
	}
	return rules
}

// linked are the stages in which people read files under review, or approved ones.
var linked = []string{"stalimip", "stalexip", "stalimapp", "stalexapp"}

var (
	draftMethods = []string{"GET", "HEAD", "PUT", "DELETE"}
	draftHeaders = []string{"content-type", "if-none-match", "range", "x-ms-blob-content-type", "x-ms-blob-type", "x-ms-version"}
	readMethods  = []string{"GET", "HEAD"}
	readHeaders  = []string{"range", "x-ms-version"}
	browserSees  = []string{"content-length", "content-range", "etag", "last-modified", "x-ms-error-code", "x-ms-request-id"}
)
