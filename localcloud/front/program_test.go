package front_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"time"
)

func (f *fixture) table(name string) *aztables.Client {
	f.Helper()
	service, err := aztables.NewServiceClient("https://"+accountT+".table.core.windows.net", f.cred, nil)
	require.NoError(f, err)
	_, err = service.CreateTable(f.Context(), name, nil)
	require.NoError(f, err)
	return service.NewClient(name)
}

func row(t *testing.T, partition, key, status string) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"PartitionKey": partition, "RowKey": key, "Status": status, "Url": "https://" + accountT + ".table.core.windows.net/x"})
	require.NoError(t, err)
	return text
}

func TestTables(t *testing.T) {
	f := newFixture(t)
	tab := f.table("Tables1")
	const pk = "ws-1 ü'q"
	first, err := tab.AddEntity(t.Context(), row(t, pk, "r|1", "draft"), nil)
	require.NoError(t, err)
	_, err = tab.AddEntity(t.Context(), row(t, pk, "r|1", "draft"), nil)
	require.Equal(t, "409 EntityAlreadyExists", outcome(err))
	transact := func(etag azcore.ETag, key string) error {
		_, err := tab.SubmitTransaction(t.Context(), []aztables.TransactionAction{
			{ActionType: aztables.TransactionTypeUpdateMerge, Entity: row(t, pk, "r|1", "submitted"), IfMatch: &etag},
			{ActionType: aztables.TransactionTypeAdd, Entity: row(t, pk, key, "event")},
			{ActionType: aztables.TransactionTypeInsertMerge, Entity: row(t, pk, "out-"+key, "event")},
		}, nil)
		return err
	}
	require.NoError(t, transact(first.ETag, "e1"))
	stale, ok := errors.AsType[*azcore.ResponseError](transact(first.ETag, "e2"))
	require.True(t, ok)
	require.Equal(t, 202, stale.StatusCode, "the real answer hides inside")
	_, err = tab.GetEntity(t.Context(), pk, "e2", nil)
	require.Contains(t, outcome(err), "404")
	got, err := tab.GetEntity(t.Context(), pk, "r|1", nil)
	require.NoError(t, err)
	require.Contains(t, string(got.Value), "submitted")
	require.Contains(t, string(got.Value), "https://"+accountT+".table.core.windows.net/x", "only request lines of a transaction are rewritten")
	_, err = tab.UpdateEntity(t.Context(), row(t, pk, "r|1", "x"), &aztables.UpdateEntityOptions{IfMatch: &first.ETag, UpdateMode: aztables.UpdateModeReplace})
	require.Equal(t, "412 UpdateConditionNotSatisfied", outcome(err))
	found := 0
	for pager := tab.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: to.Ptr("PartitionKey eq '" + strings.ReplaceAll(pk, "'", "''") + "' and Status eq 'event'")}); pager.More(); {
		page, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		found += len(page.Entities)
	}
	require.Equal(t, 2, found)
}

// Limits that Azure has and the emulator has not: who leans on the emulator must fail here.
func TestTransactionsKeepToAzuresLimits(t *testing.T) {
	f := newFixture(t)
	tab := f.table("Limits1")
	add := func(partition, key string) aztables.TransactionAction {
		return aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: row(t, partition, key, "x")}
	}
	merge := func(partition, key string) aztables.TransactionAction {
		return aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertMerge, Entity: row(t, partition, key, "x")}
	}
	var actions []aztables.TransactionAction
	for i := range 100 {
		actions = append(actions, add("it's one", strconv.Itoa(i)))
	}
	for _, c := range []struct {
		name    string
		actions []aztables.TransactionAction
		want    string
	}{
		{"100 rows", actions, "ok"},
		{"101 rows", append(actions, add("it's one", "100")), "400 InvalidInput"},
		{"one partition, two ways", []aztables.TransactionAction{add("it's one", "a"), merge("it's one", "b")}, "ok"},
		{"two partitions", []aztables.TransactionAction{add("one", "a"), merge("two", "b")}, "400 CommandsInBatchActOnDifferentPartitions"},
	} {
		_, err := tab.SubmitTransaction(t.Context(), c.actions, nil)
		require.Equal(t, c.want, outcome(err), c.name)
	}
}

// Calls have the names of Azure's documentation, so that a test can say what a step may cost.
func TestEveryCallIsNamedAndCounted(t *testing.T) {
	f := newFixture(t)
	tab := f.table("Calls1")
	lab.faults.Reset()
	_, err := tab.AddEntity(t.Context(), row(t, "p", "r|1", "draft"), nil)
	require.NoError(t, err)
	_, err = tab.SubmitTransaction(t.Context(), []aztables.TransactionAction{
		{ActionType: aztables.TransactionTypeAdd, Entity: row(t, "p", "a|1", "x")},
		{ActionType: aztables.TransactionTypeUpdateMerge, Entity: row(t, "p", "r|1", "x")}}, nil)
	require.NoError(t, err)
	_, err = tab.GetEntity(t.Context(), "p", "r|1", nil)
	require.NoError(t, err)
	_, err = tab.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: to.Ptr("PartitionKey eq 'p'")}).NextPage(t.Context())
	require.NoError(t, err)
	f.upload(accountA, "b", "x")
	link := f.sign(accountA, "", "r", time.Hour)
	require.Contains(t, curl(t, lab.people+"/"+accountA+"/"+f.container+"/b?"+link), "200")
	_, err = f.client(accountA).NewListBlobsFlatPager(f.container, nil).NextPage(t.Context())
	require.NoError(t, err)
	_, err = f.client(accountA).DeleteContainer(t.Context(), f.container, nil)
	require.NoError(t, err)

	var ops, wheres []string
	var numbers []int
	for _, c := range lab.faults.Calls("", "", "") {
		ops, wheres, numbers = append(ops, c.Op), append(wheres, c.Where), append(numbers, c.N)
		assert.NotZero(t, c.Status, c.Op)
	}
	require.Equal(t, []string{"InsertEntity", "EntityTransaction", "GetEntity", "QueryEntities", "PutBlob", "GetUserDelegationKey", "GetBlob", "ListBlobs", "DeleteContainer"}, ops)
	require.Equal(t, []int{1, 2, 3, 4, 5, 6, 0, 7, 8}, numbers, "people's calls do not count")
	require.Equal(t, 8, lab.faults.Count())
	require.Equal(t, accountT+"/Calls1(PartitionKey='p',RowKey='r|1')", wheres[1])
	require.Equal(t, accountT+"/Calls1() PartitionKey eq 'p'", wheres[3])
	require.Equal(t, accountA+"/"+f.container+"/b", wheres[4])
}

func TestEveryNewBlobIsToldOfOnce(t *testing.T) {
	f := newFixture(t)
	signed := host(accountA) + "/" + f.container + "/put.txt?" + f.sign(accountA, "", "r", time.Hour)
	for _, c := range []struct {
		name, api, account string
		write              func(b *blockblob.Client) (*azcore.ETag, error)
	}{
		{"put.txt", "PutBlob", accountA, func(b *blockblob.Client) (*azcore.ETag, error) {
			r, err := b.Upload(t.Context(), streaming.NopCloser(strings.NewReader("0123456789")), &blockblob.UploadOptions{HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("text/plain")}})
			return r.ETag, err
		}},
		{"list.txt", "PutBlockList", accountA, func(b *blockblob.Client) (*azcore.ETag, error) {
			for _, id := range []string{"YWFh", "YmJi"} {
				_, err := b.StageBlock(t.Context(), id, streaming.NopCloser(strings.NewReader("01234567")), nil)
				require.NoError(t, err)
			}
			r, err := b.CommitBlockList(t.Context(), []string{"YWFh", "YmJi"}, nil)
			return r.ETag, err
		}},
		{"async.txt", "CopyBlob", accountB, func(b *blockblob.Client) (*azcore.ETag, error) {
			r, err := b.StartCopyFromURL(t.Context(), signed, nil)
			return r.ETag, err
		}},
		{"sync.txt", "CopyBlob", accountB, func(b *blockblob.Client) (*azcore.ETag, error) {
			r, err := b.CopyFromURL(t.Context(), signed, nil)
			return r.ETag, err
		}},
	} {
		etag, err := c.write(f.blockBlob(c.account, c.name))
		require.NoError(t, err, c.name)
		p, err := f.blockBlob(c.account, c.name).GetProperties(t.Context(), nil)
		require.NoError(t, err)
		told := f.created(c.account, c.name)
		require.Len(t, told, 1, c.name)
		require.Equal(t, c.api, told[0]["api"])
		require.Equal(t, string(*etag), `"`+told[0]["eTag"].(string)+`"`)
		require.Equal(t, *p.ETag, *etag)
		require.EqualValues(t, *p.ContentLength, told[0]["contentLength"])
		require.Equal(t, *p.ContentType, told[0]["contentType"])
		require.Equal(t, "BlockBlob", told[0]["blobType"])
	}
	_, err := f.blockBlob(accountB, "refused").StartCopyFromURL(t.Context(), "https://example.org/x", nil)
	require.Error(t, err)
	require.Empty(t, f.created(accountB, "refused"))

	require.NoError(t, lab.front.Put(t.Context(), accountA, f.container, "cloud's own.json", "application/json", []byte("{}")))
	require.Len(t, f.created(accountA, "cloud's own.json"), 1)
	text, _, err := lab.backend.Read(t.Context(), accountA, f.container, "cloud's own.json", 100)
	require.NoError(t, err)
	require.Equal(t, "{}", string(text))
}

// A restart of Azurite is something a program with default options survives, and its links too.
func TestAProgramSurvivesARestartOfStorage(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "b", "x")
	link := f.sign(accountA, "", "r", time.Hour)
	restarted := make(chan error, 1)
	go func() { restarted <- lab.restart() }()
	_, err := f.blockBlob(accountA, "b").GetProperties(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, <-restarted)
	require.Contains(t, curl(t, lab.people+"/"+accountA+"/"+f.container+"/b?"+link), "200")
}
