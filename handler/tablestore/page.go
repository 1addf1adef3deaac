package tablestore

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// The SDK reads each row of a query's answer into a map and writes it as JSON again, for
// its caller to read it once more. That took half of the processor time of a page. So the
// answer is taken before the SDK reads it, which then finds a page without rows; the call,
// its retries and the service's word where to go on stay the SDK's.

// answer is the body of a query's answer.
type answer struct{ body []byte }

type answerKey struct{}

// takeAnswer is a policy of a client's calls: an answer that somebody waits for in the
// call's context is taken.
type takeAnswer struct{}

// noRows is the page that the SDK finds instead.
const noRows = `{"value":[]}`

// Do implements policy.Policy.
func (takeAnswer) Do(req *policy.Request) (*http.Response, error) {
	resp, err := req.Next()
	wanted, waits := req.Raw().Context().Value(answerKey{}).(*answer)
	if err != nil || !waits || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	if wanted.body, err = runtime.Payload(resp); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(strings.NewReader(noRows))
	return resp, nil
}

// awaited is a context whose query's answer is taken.
func awaited(ctx context.Context) (context.Context, *answer) {
	a := &answer{}
	return context.WithValue(ctx, answerKey{}, a), a
}

// rows takes a page apart into its entities.
func (a *answer) rows() ([][]byte, error) {
	var page struct {
		Value []json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(a.body, &page); err != nil {
		return nil, fmt.Errorf("the answer to a query is no page: %w", err)
	}
	rows := make([][]byte, len(page.Value))
	for i, row := range page.Value {
		rows[i] = row
	}
	return rows, nil
}
