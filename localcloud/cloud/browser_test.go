package cloud

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page may do here what it may do in Azure, and no more: a rule that is kinder here hides a failure there.
func TestBrowsersMayDoWhatTerraformLetsThem(t *testing.T) {
	main, err := os.ReadFile("../../infra/stage/main.tf")
	require.NoError(t, err)
	list := func(values []string) string { return `["` + strings.Join(values, `", "`) + `"]` }
	for _, line := range []string{"methods = " + list(draftMethods), "headers = " + list(draftHeaders), "methods = " + list(readMethods), "headers = " + list(readHeaders), "= " + list(browserSees), "max_age_in_seconds = 7200"} {
		assert.Contains(t, string(main), line)
	}
	rules := layout{}.browserRules("http://127.0.0.1:7071")
	for account, rule := range rules {
		writes := strings.HasPrefix(account, "stalimex") || strings.HasPrefix(account, "stalexint")
		assert.Equal(t, writes, len(rule.Methods) > 2, account)
		assert.Equal(t, []string{"http://127.0.0.1:7071"}, rule.Origins, account)
		assert.NotContains(t, account, "rej")
		assert.NotContains(t, account, "blocked")
	}
	assert.Len(t, rules, 3+3*2)
}
