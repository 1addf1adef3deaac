package infratest

import (
	"fmt"
	"slices"
	"strings"
)

// Promise is one thing infra/ guarantees. Check returns the breaches, one line
// per resource; nothing means kept.
type Promise struct {
	Name  string
	Check func(p *Plan) []string
}

// Promises are asked of the example's plan, made with the real providers.
var Promises = []Promise{
	{"the ten stages of the specification exist", checkStagesExist},
	{"no account opens to a key, a stranger or plain http", checkKeyless},
	{"each stage is reachable from where the specification says", checkReach},
	{"copies into a stage come from accounts of its own networks", checkCopyScope},
	{"everything private has its private endpoints", checkPrivateEndpoints},
	{"deleted means gone, except in quarantine", checkRecoverable},
	{"both in-progress stages are scanned, and only they", checkScanning},
	{"evidence is write-once", checkEvidence},
	{"the vault holds the key and the secret, and the plan does not", checkVault},
	{"topics take Entra tokens only", checkTopics},
	{"exactly the promised subscriptions", checkSubscriptions},
	{"no event is lost without trace", checkDelivery},
	{"one identity and no keys in the app", checkApp},
	{"only the service has a role in a stage", checkStageRoles},
	{"state is kept in the four tables", checkTables},
	{"nobody gets through to what people have no business with", func(p *Plan) []string { return checkWalls(p) }},
	{"roles of our own allow what they are for", checkDefinitions},
	{"every use of a link is on record", checkLogs},
	{"the app's subnet belongs to its plan", checkDelegation},
	{"an unsent mail is not answered as sent", checkNotifierAnswers},
	{"a notification is mailed once, however often it is delivered", checkNotifierClaims},
	{"one apply is enough", func(p *Plan) []string { return checkOrder(p.Order) }},
	{"the example's provider suits accounts without keys", func(p *Plan) []string { return checkProvider(p.Order) }},
}

// WiredPromises are asked of plans with known ids, by the variant's name.
var WiredPromises = map[string][]Promise{
	"example": {
		{"everything points at the right thing", checkPointers},
		{"the settings lead where the plan leads", checkSettings},
		{"who deploys has no right to any data", func(p *Plan) []string { return checkDeployer(p) }},
	},
	"narrowed": {
		{"with api_ip_ranges only they get to the app, and who deploys", checkNarrowed},
	},
	"premium": {
		{"premium: only who deploys gets through, to the package", func(p *Plan) []string { return checkWalls(p, "203.0.113.7") }},
		{"premium: who deploys may upload the package and nothing more", func(p *Plan) []string {
			return checkDeployer(p, "deployer_packages Storage Blob Data Contributor <module.core.azurerm_storage_container.packages>")
		}},
		{"premium: the settings lead where the plan leads", checkSettings},
		{"premium: one identity and no keys in the app", checkPremium},
		{"premium: the app's subnet belongs to its plan", checkDelegation},
	},
}

// Broken asks all promises and returns the broken ones, each line beginning with
// the promise's name.
func Broken(p *Plan) []string {
	var all []string
	for _, promise := range Promises {
		for _, line := range promise.Check(p) {
			all = append(all, promise.Name+": "+line)
		}
	}
	return all
}

// BrokenWired asks the promises about plans with known ids.
func BrokenWired(plans map[string]*Plan) []string {
	var all []string
	for variant, promises := range WiredPromises {
		for _, promise := range promises {
			for _, line := range promise.Check(plans[variant]) {
				all = append(all, promise.Name+": "+line)
			}
		}
	}
	return all
}

// findings collects lines.
type findings []string

func (f *findings) unless(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// same compares two sets and names what is missing and what is too many.
func (f *findings) same(what string, want, got []string) {
	want, got = sorted(want), sorted(got)
	for _, w := range want {
		f.unless(slices.Contains(got, w), "%s: missing %s", what, w)
	}
	for _, g := range got {
		f.unless(slices.Contains(want, g), "%s: %s is not promised", what, g)
	}
	f.unless(len(got) == len(slices.Compact(slices.Clone(got))), "%s: something is there twice: %s", what, strings.Join(got, ", "))
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
