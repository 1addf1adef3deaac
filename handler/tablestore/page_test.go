package tablestore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// saying answers every call with one body: pages that the emulator never makes.
type saying string

func (s saying) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json;odata=minimalmetadata"}},
		Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}

func answering(t *testing.T, body string) *Store {
	t.Helper()
	s, err := New(Config{Endpoint: "https://state.table.core.windows.net", Credential: token{}, Seals: sealer(t, stateKey), ClientOptions: azcore.ClientOptions{Transport: saying(body)}})
	require.NoError(t, err)
	return s
}

func TestAPageWithRowsThatAreNoneListsTheOthers(t *testing.T) {
	t.Parallel()
	c := draft(genomics, ada, start)
	rows, err := indexRows(c.Request)
	require.NoError(t, err)
	sealed, err := answering(t, "").sealed(t.Context(), requestsTable, rows[0])
	require.NoError(t, err)
	good, err := sealed.entity()
	require.NoError(t, err)
	with := func(column string, value any) []byte {
		var row map[string]any
		require.NoError(t, json.Unmarshal(good, &row))
		row[column] = value
		changed, err := json.Marshal(row)
		require.NoError(t, err)
		return changed
	}
	for name, bad := range map[string][]byte{
		"a number": []byte("5"), "null": []byte("null"), "an array": []byte("[]"), "an empty row": []byte("{}"),
		"a text for a number": with("Schema", "3"), "a number for a text": with("Document", 7), "a truth for a text": with("Seal", true),
		"another document": with("Document", "{}"), "a column again in other letters": append(bytes.TrimSuffix(bytes.Clone(good), []byte("}")), `,"document":"{}"}`...),
		"another status": with("Status", "approved"), "no seal": with("Seal", nil), "a number that is too large": with("Schema", 1e300),
	} {
		for _, page := range []string{fmt.Sprintf(`{"value":[%s,%s]}`, bad, good), fmt.Sprintf(`{"value":[%s,%s],"odata.metadata":"x"}`, good, bad)} {
			found, err := answering(t, page).List(t.Context(), airlock.Query{Workspace: genomics, Limit: 50})
			require.NoError(t, err, name)
			if assert.Len(t, found.Requests, 1, name) {
				assert.Equal(t, c.Request.ID, found.Requests[0].ID, name)
			}
			assert.Equal(t, 1, found.Damaged, name)
		}
	}
}

// A row of another place, with its seal, does not get into a list by columns that are called like its keys.
func TestARowFromElsewhereIsNotListed(t *testing.T) {
	t.Parallel()
	const other = airlock.WorkspaceID("b5a4a1c2-5f0e-4d3c-9c55-0e5ab1f1d0c7")
	query := airlock.Query{Workspace: genomics, CreatedBy: ada, Limit: 50}
	from, _ := between(kindByCreator, escape(string(ada)))
	for name, of := range map[string]airlock.WorkspaceID{"of another workspace": other, "of another index": genomics} {
		rows, err := indexRows(draft(of, ada, start).Request)
		require.NoError(t, err)
		sealed, err := answering(t, "").sealed(t.Context(), requestsTable, rows[0])
		require.NoError(t, err)
		there, err := sealed.entity()
		require.NoError(t, err)
		var columns map[string]any
		require.NoError(t, json.Unmarshal(there, &columns))
		columns["PartitionKey"], columns["RowKey"] = string(genomics), from+"0"
		columns["partitionkey"], columns["rowkey"] = rows[0].partition, rows[0].key
		here, err := json.Marshal(columns) // capitals come first, and the last one counts
		require.NoError(t, err)
		found, err := answering(t, fmt.Sprintf(`{"value":[%s]}`, here)).List(t.Context(), query)
		require.NoError(t, err, name)
		assert.Empty(t, found.Requests, name)
		assert.Equal(t, 1, found.Damaged, name)
	}
}

func TestAnAnswerThatIsNoPageIsAFault(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<html>", `{"value":`, `{"value":5}`, `[]`} {
		s := answering(t, body)
		_, err := s.List(t.Context(), airlock.Query{Workspace: genomics, Limit: 50})
		var fault *airlock.Fault
		assert.ErrorAs(t, err, &fault, "%q", body)
		_, _, err = s.fetch(t.Context(), s.requests, query{filter: "PartitionKey eq 'x'"}, cursor{})
		assert.Error(t, err, "%q", body)
	}
}
