package tablestore

import (
	"testing"

	"example.org/airlock/handler/workflow/storetest"
)

func TestTheStoreDoesWhatAStoreDoes(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Requests {
		s, _ := newStore(t)
		return s
	})
}
