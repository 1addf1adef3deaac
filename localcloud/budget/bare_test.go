package budget

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// bare makes the storage calls an operation needs and nothing else: with the SDK, through the storage front, with a
// token, as the handler makes them.
type bare struct {
	table     *aztables.Client
	workspace string
	page      string // filter of a listing
}

func newBare(t testing.TB, workspace string) bare {
	t.Helper()
	credential, transport := handlersWay(t)
	b, err := openBare(credential, transport, workspace)
	require.NoError(t, err)
	return b
}

func openBare(credential azcore.TokenCredential, transport policy.Transporter, workspace string) (bare, error) {
	service, err := aztables.NewServiceClient(tableEndpoint, credential, &aztables.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: transport}})
	if err != nil {
		return bare{}, err
	}
	return bare{table: service.NewClient(ground.RequestsTable), workspace: workspace,
		page: fmt.Sprintf("PartitionKey eq '%s' and RowKey ge 't|' and RowKey lt 't}'", workspace)}, nil
}

// get is one point read.
func (b bare) get(ctx context.Context, id string) (aztables.GetEntityResponse, error) {
	return b.table.GetEntity(ctx, b.workspace, "r|"+id, nil)
}

// list is one query for a page of 50.
func (b bare) list(ctx context.Context) ([][]byte, error) {
	page, err := b.table.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: &b.page, Top: to.Ptr(int32(50))}).NextPage(ctx)
	if err == nil && len(page.Entities) == 0 {
		return nil, fmt.Errorf("an empty page")
	}
	return page.Entities, err
}

// link is a point read and a transaction that writes the rows of a link's issue: the request's row under its ETag, an
// audit record of that size, and the head of the chain.
func (b bare) link(ctx context.Context, id string, record map[string]any) error {
	found, err := b.get(ctx, id)
	if err != nil {
		return err
	}
	var row map[string]any
	if err := json.Unmarshal(found.Value, &row); err != nil {
		return err
	}
	record["RowKey"] = "a|" + id + "|" + uuid.NewString()
	head := map[string]any{"PartitionKey": b.workspace, "RowKey": "h|" + id, "Schema": 1, "Hash": record["Hash"], "Length": 7}
	var actions []aztables.TransactionAction
	for _, write := range []struct {
		kind aztables.TransactionType
		row  map[string]any
		at   *azcore.ETag
	}{{aztables.TransactionTypeUpdateReplace, row, &found.ETag}, {aztables.TransactionTypeAdd, record, nil}, {aztables.TransactionTypeInsertReplace, head, nil}} {
		text, err := json.Marshal(plain(write.row))
		if err != nil {
			return err
		}
		actions = append(actions, aztables.TransactionAction{ActionType: write.kind, Entity: text, IfMatch: write.at})
	}
	_, err = b.table.SubmitTransaction(ctx, actions, nil)
	return err
}

// plain is a row without the members that the service adds.
func plain(row map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range row {
		if !strings.Contains(name, "odata.") && name != "Timestamp" {
			out[name] = value
		}
	}
	return out
}

// template is an audit row of a link's issue, as the handler writes it.
func template(t testing.TB, p *story.Play) map[string]any {
	t.Helper()
	rows, err := p.Cloud.Ground.Rows(t.Context(), ground.RequestsTable, p.WorkspaceID(), "a|"+p.ID+"|")
	require.NoError(t, err)
	for _, row := range rows {
		if strings.Contains(row.Text("Body"), `"action":"link_issued"`) {
			return plain(row)
		}
	}
	require.Fail(t, "no audit row of a link")
	return nil
}
