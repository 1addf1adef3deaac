package cloud

import (
	"example.org/airlock/localcloud/front"
	"example.org/airlock/localcloud/identity"
)

// browserRules are the rules by which the portal's page, of that origin, may use links: the same as infra/stage gives
// the accounts in Azure. Where nobody ever gets a link, there is no rule.
func browserRules(origin string) map[string]front.CORSRule {
	rule := func(methods, headers []string) front.CORSRule {
		return front.CORSRule{Origins: []string{origin}, Methods: methods, AllowedHeaders: headers, ExposedHeaders: browserSees, MaxAge: 7200}
	}
	write, read := rule(draftMethods, draftHeaders), rule(readMethods, readHeaders)
	rules := map[string]front.CORSRule{coreStages["stalimex"]: write, coreStages["stalimip"]: read, coreStages["stalexapp"]: read}
	for _, w := range identity.Workspaces() {
		own := stageAccounts(w)
		rules[own["stalexint"]], rules[own["stalexip"]], rules[own["stalimapp"]] = write, read, read
	}
	return rules
}

var (
	draftMethods = []string{"GET", "HEAD", "PUT", "DELETE"}
	draftHeaders = []string{"content-type", "if-none-match", "range", "x-ms-blob-content-type", "x-ms-blob-type", "x-ms-version"}
	readMethods  = []string{"GET", "HEAD"}
	readHeaders  = []string{"range", "x-ms-version"}
	browserSees  = []string{"content-length", "content-range", "etag", "last-modified", "x-ms-error-code", "x-ms-request-id"}
)
