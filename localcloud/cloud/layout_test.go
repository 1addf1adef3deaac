package cloud

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One account serves several stages: which of its containers raise events, which are scanned, what pages may do.
func TestTheCompactLayout(t *testing.T) {
	l := layout{coreOwner, "imaging"}
	assert.Equal(t, map[string]string{"stalimex": "stalimexlocal", "stalimip": "stalcorelocal", "stalimrej": "stalcorelocal", "stalimblocked": "stalcorelocal", "stalexapp": "stalexapplocal"}, l.core())
	assert.Len(t, l.accounts(), 2+3+5+1, "genomics stays separate")

	const containers = "/blobServices/default/containers/"
	told := l.receivers()
	assert.ElementsMatch(t, []string{containers + "stalimapp-", containers + "stalexip-", containers + "stalexrej-", containers + "stalexblocked-"}, told["stalwsimaging"])
	assert.ElementsMatch(t, []string{containers + "stalimip-", containers + "stalimrej-", containers + "stalimblocked-"}, told["stalcorelocal"])
	for account, beginnings := range told {
		assert.Equal(t, account == "stalwsimaging" || account == "stalcorelocal", len(beginnings) > 0, account)
	}
	for _, account := range []string{"stalimexlocal", "stalexintgenomics"} {
		assert.NotContains(t, told, account)
	}

	scanned := l.scanned()
	assert.Len(t, scanned, 3)
	assert.ElementsMatch(t, []string{"stalimapp-", "stalexint-", "stalexrej-", "stalexblocked-"}, scanned["stalwsimaging"])
	assert.ElementsMatch(t, []string{"stalimrej-", "stalimblocked-"}, scanned["stalcorelocal"])
	assert.Empty(t, scanned["stalexipgenomics"])

	rules := l.browserRules("http://127.0.0.1:7071")
	assert.Equal(t, draftMethods, rules["stalwsimaging"].Methods, "drafts are written there")
	assert.Equal(t, readMethods, rules["stalcorelocal"].Methods)
}

// A cloud keeps the layout that it was made with: its accounts hold data.
func TestALayoutIsKept(t *testing.T) {
	dir := t.TempDir()
	open := func(compact ...string) (layout, error) {
		c := &Cloud{options: Options{Dir: dir, Compact: compact}}
		err := c.openLayout()
		return c.layout, err
	}
	_, err := open("imaging")
	require.NoError(t, err)
	again, err := open()
	require.NoError(t, err)
	require.Equal(t, layout{"imaging"}, again)
	_, err = open("genomics")
	require.ErrorContains(t, err, "--dir")
	dir = t.TempDir()
	_, err = open("nobody")
	require.Error(t, err)
}
