package airlock_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestChecksumsOfPartsMakeTheChecksumOfTheWhole(t *testing.T) {
	key := [32]byte{1}
	random := rand.NewChaCha8(key)
	whole := make([]byte, 100_003)
	_, _ = random.Read(whole)
	want := airlock.CRC64(0).With(whole)
	for _, cut := range []int{0, 1, 7, 8, 4096, 65_536, 99_999, len(whole)} {
		head, tail := airlock.CRC64(0).With(whole[:cut]), airlock.CRC64(0).With(whole[cut:])
		assert.Equal(t, want, head.Then(tail, int64(len(whole)-cut)), cut)
		assert.Equal(t, want, head.With(whole[cut:]), cut)
	}
	var joined airlock.CRC64
	for at := 0; at < len(whole); at += 777 {
		part := whole[at:min(at+777, len(whole))]
		joined = joined.Then(airlock.CRC64(0).With(part), int64(len(part)))
	}
	assert.Equal(t, want, joined)
	whole[5]++
	assert.NotEqual(t, want, airlock.CRC64(0).With(whole))
}

// The check value of the catalogue of parametrised CRC algorithms for CRC-64/NVME,
// which has this polynomial, begins with ones and is inverted at the end
// (reveng.sourceforge.io/crc-catalogue/all.htm).
func TestTheChecksumIsAzures(t *testing.T) {
	c := airlock.CRC64(0).With([]byte("123456789"))
	assert.Equal(t, airlock.CRC64(0xae8b14860a799888), c)
	text, err := json.Marshal(struct{ C *airlock.CRC64 }{&c})
	require.NoError(t, err)
	assert.JSONEq(t, `{"C":"iJh5CoYUi64="}`, string(text))
	var back struct{ C *airlock.CRC64 }
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, c, *back.C)
	require.Error(t, json.Unmarshal([]byte(`{"C":"AAAA"}`), &back))
	assert.Equal(t, c, *airlock.CRC64Of([]byte{0x88, 0x98, 0x79, 0x0a, 0x86, 0x14, 0x8b, 0xae}))
	assert.Nil(t, airlock.CRC64Of(nil))
}
