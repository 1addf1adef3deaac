package front_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/eventgrid/azeventgrid"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/fault"
)

// impatient makes the SDK try again at once, and only once; the default is the SDK's own matter.
var impatient = policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: 1, RetryDelay: time.Millisecond, MaxRetryDelay: 2 * time.Millisecond}}

func (f *fixture) impatient(account string) *azblob.Client {
	f.Helper()
	c, err := azblob.NewClient(host(account), f.cred, &azblob.ClientOptions{ClientOptions: impatient})
	require.NoError(f, err)
	return c
}

// A lost or broken answer makes the SDK repeat a call, and the repetition meets the effect of the first one.
func TestWhatAProgramSeesWhenCallsGoWrong(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "there", "x")
	source := host(accountA) + "/" + f.container + "/there?" + f.sign(accountA, "", "r", time.Hour)
	a := f.impatient(accountA).ServiceClient().NewContainerClient(f.container)
	b := f.impatient(accountB).ServiceClient().NewContainerClient(f.container)
	put := func(name string, condition *blob.AccessConditions) error {
		_, err := a.NewBlockBlobClient(name).Upload(t.Context(), streaming.NopCloser(strings.NewReader("x")), &blockblob.UploadOptions{AccessConditions: condition})
		return err
	}
	properties := func() error { _, err := a.NewBlobClient("there").GetProperties(t.Context(), nil); return err }
	f.table("Faults1")
	tab, err := aztables.NewClient("https://"+accountT+".table.core.windows.net/Faults1", f.cred, &aztables.ClientOptions{ClientOptions: impatient})
	require.NoError(t, err)
	first, err := tab.AddEntity(t.Context(), row(t, "p", "r", "x"), nil)
	require.NoError(t, err)
	for _, c := range []struct {
		name     string
		rule     fault.Rule
		call     func() error
		want     string
		attempts []int // statuses
	}{
		{"503 once", fault.Rule{Op: "PutBlob", Do: "503"}, func() error { return put("f1", createOnly) }, "ok", []int{503, 201}},
		{"503 always", fault.Rule{Op: "PutBlob", Do: "503", Count: 9}, func() error { return put("f2", nil) }, "503 ServerBusy", []int{503, 503}},
		{"429 once", fault.Rule{Op: "GetBlobProperties", Do: "429"}, properties, "ok", []int{429, 200}},
		{"409 once", fault.Rule{Op: "GetBlobProperties", Do: "409"}, properties, "409 ServerBusy", []int{409}},
		{"not this blob", fault.Rule{Op: "GetBlobProperties", Match: "elsewhere", Do: "503"}, properties, "ok", []int{200}},
		{"dropped once", fault.Rule{Op: "PutBlob", Do: fault.Drop}, func() error { return put("f4", createOnly) }, "ok", []int{0, 201}},
		{"answer lost", fault.Rule{Op: "PutBlob", Do: fault.Lose}, func() error { return put("f5", nil) }, "ok", []int{0, 201}},
		{"answer lost, create-only", fault.Rule{Op: "PutBlob", Do: fault.Lose}, func() error { return put("f6", createOnly) }, "409 BlobAlreadyExists", []int{0, 409}},
		{"answer lost, copy", fault.Rule{Op: "CopyBlob", Do: fault.Lose}, func() error {
			_, err := b.NewBlobClient("f7").StartCopyFromURL(t.Context(), source, &blob.StartCopyFromURLOptions{AccessConditions: createOnly})
			return err
		}, "409 BlobAlreadyExists", []int{0, 409}},
		{"answer lost, container", fault.Rule{Op: "CreateContainer", Do: fault.Lose}, func() error {
			_, err := f.impatient(accountA).CreateContainer(t.Context(), f.container+"-c", nil)
			return err
		}, "409 ContainerAlreadyExists", []int{0, 409}},
		{"answer lost, delete", fault.Rule{Op: "DeleteBlob", Do: fault.Lose}, func() error { _, err := a.NewBlobClient("f5").Delete(t.Context(), nil); return err }, "404 BlobNotFound", []int{0, 404}},
		{"answer lost, insert", fault.Rule{Op: "InsertEntity", Do: fault.Lose}, func() error { _, err := tab.AddEntity(t.Context(), row(t, "p", "n", "x"), nil); return err }, "409 EntityAlreadyExists", []int{0, 409}},
		{"answer lost, transaction", fault.Rule{Op: "EntityTransaction", Do: fault.Lose}, func() error {
			_, err := tab.SubmitTransaction(t.Context(), []aztables.TransactionAction{{ActionType: aztables.TransactionTypeUpdateMerge, Entity: row(t, "p", "r", "y"), IfMatch: &first.ETag}}, nil)
			return err
		}, "202", []int{0, 202}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lab.faults.Clear()
			lab.faults.Reset()
			lab.faults.Add(c.rule)
			require.Equal(t, c.want, outcome(c.call()))
			var statuses []int
			for _, call := range lab.faults.Calls(c.rule.Op, "", "") {
				statuses = append(statuses, call.Status)
			}
			require.Equal(t, c.attempts, statuses)
		})
	}
	lab.faults.Clear()
	require.Len(t, f.created(accountA, "f5"), 2, "both writes happened, so both are told of")
}

// The n-th call of the program can be hit, whatever it is, and the program killed before or after it.
func TestAnyCallByNumberMayKillTheProgram(t *testing.T) {
	f := newFixture(t)
	var killed atomic.Int32
	lab.faults.Kill = func() { killed.Add(1) }
	t.Cleanup(func() { lab.faults.Kill = nil })
	once := azblob.ClientOptions{ClientOptions: policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: -1}}}
	client, err := azblob.NewClient(host(accountA), f.cred, &once)
	require.NoError(t, err)
	put := func(name string) error {
		_, err := client.UploadBuffer(t.Context(), f.container, name, []byte("x"), &azblob.UploadBufferOptions{})
		return err
	}
	exists := func(name string) bool {
		_, err := f.blockBlob(accountA, name).GetProperties(t.Context(), nil)
		return err == nil
	}
	for _, c := range []struct {
		do   fault.Do
		done bool
	}{{fault.KillBefore, false}, {fault.KillAfter, true}, {fault.Drop, false}, {fault.Lose, true}} {
		lab.faults.Reset()
		lab.faults.Add(fault.Rule{Nth: 2, Do: c.do})
		before := killed.Load()
		require.NoError(t, put("first "+string(c.do)))
		require.Error(t, put("second "+string(c.do)))
		require.NoError(t, put("third "+string(c.do)))
		require.Equal(t, c.done, exists("second "+string(c.do)), c.do)
		require.Len(t, f.created(accountA, "second "+string(c.do)), map[bool]int{false: 0, true: 1}[c.done], c.do)
		require.Equal(t, map[fault.Do]int32{fault.KillBefore: 1, fault.KillAfter: 1}[c.do], killed.Load()-before, c.do)
		require.Empty(t, lab.faults.Rules())
	}
}

func TestPublishingPassesTheSameFaults(t *testing.T) {
	f := newFixture(t)
	c, err := azeventgrid.NewClient("https://statuschanged.local-1.eventgrid.azure.net/api/events", f.cred, &azeventgrid.ClientOptions{ClientOptions: impatient})
	require.NoError(t, err)
	lab.faults.Reset()
	lab.faults.Add(fault.Rule{Op: "Publish", Match: "statuschanged", Do: "503"})
	_, err = c.PublishEvents(t.Context(), []azeventgrid.Event{{ID: to.Ptr("1"), Subject: to.Ptr("s"), EventType: to.Ptr("t"), DataVersion: to.Ptr("1"), EventTime: to.Ptr(time.Now().UTC()), Data: 1}}, nil)
	require.NoError(t, err)
	require.Equal(t, 2, lab.faults.Count())
}

func TestADelayedCallIsDoneLater(t *testing.T) {
	f := newFixture(t)
	lab.faults.Add(fault.Rule{Op: "PutBlob", Match: f.container, Do: fault.Delay, For: 100 * time.Millisecond})
	start := time.Now()
	f.upload(accountA, "late", "x")
	require.GreaterOrEqual(t, time.Since(start), 100*time.Millisecond)
}

// A held copy looks as Azure's pending ones do: empty, with an ETag of its own, busy, and no event before it is done.
func TestAPendingCopy(t *testing.T) {
	for _, final := range []string{"success", "failed"} {
		t.Run(final, func(t *testing.T) {
			f := newFixture(t)
			f.upload(accountA, "src", "0123456789")
			source := host(accountA) + "/" + f.container + "/src?" + f.sign(accountA, "", "r", time.Hour)
			b := f.blockBlob(accountB, "dst")
			const life = 1500 * time.Millisecond
			lab.faults.Add(fault.Rule{Op: "CopyBlob", Match: f.container, Do: fault.Hold, For: life, Final: final})
			r, err := b.StartCopyFromURL(t.Context(), source, nil)
			require.NoError(t, err)
			require.Equal(t, blob.CopyStatusTypePending, *r.CopyStatus)
			pending, err := b.GetProperties(t.Context(), nil)
			require.NoError(t, err)
			require.Equal(t, blob.CopyStatusTypePending, *pending.CopyStatus)
			require.Equal(t, "0/10", *pending.CopyProgress)
			require.Zero(t, *pending.ContentLength)
			require.Nil(t, pending.CopyCompletionTime)
			item := f.listed(accountB, "dst")
			require.Equal(t, blob.CopyStatusTypePending, *item.Properties.CopyStatus)
			require.Zero(t, *item.Properties.ContentLength)
			require.Equal(t, `"`+string(*item.Properties.ETag)+`"`, string(*pending.ETag))
			_, err = b.Upload(t.Context(), streaming.NopCloser(strings.NewReader("x")), nil)
			require.Equal(t, "409 PendingCopyOperation", outcome(err))
			require.Empty(t, f.created(accountB, "dst"))

			var p blob.GetPropertiesResponse
			require.Eventually(t, func() bool {
				p, err = b.GetProperties(t.Context(), nil)
				return err == nil && *p.CopyStatus != blob.CopyStatusTypePending
			}, 10*life, 20*time.Millisecond)
			require.Equal(t, blob.CopyStatusType(final), *p.CopyStatus)
			if final == "failed" {
				require.Zero(t, *p.ContentLength)
				require.Empty(t, f.created(accountB, "dst"))
				return
			}
			require.EqualValues(t, 10, *p.ContentLength)
			require.NotEqual(t, *pending.ETag, *p.ETag)
			require.Eventually(t, func() bool { return len(f.created(accountB, "dst")) == 1 }, time.Second, 5*time.Millisecond)
			require.Equal(t, strings.Trim(string(*p.ETag), `"`), f.created(accountB, "dst")[0]["eTag"])
		})
	}
}

func TestAPendingCopyCanBeAborted(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "src", "0123456789")
	b := f.blockBlob(accountB, "dst")
	lab.faults.Add(fault.Rule{Op: "CopyBlob", Match: f.container, Do: fault.Hold, For: time.Minute})
	r, err := b.StartCopyFromURL(t.Context(), host(accountA)+"/"+f.container+"/src?"+f.sign(accountA, "", "r", time.Hour), nil)
	require.NoError(t, err)
	_, err = b.AbortCopyFromURL(t.Context(), *r.CopyID, nil)
	require.NoError(t, err)
	p, err := b.GetProperties(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, blob.CopyStatusTypeAborted, *p.CopyStatus)
	_, err = b.Upload(t.Context(), streaming.NopCloser(strings.NewReader("x")), nil)
	require.NoError(t, err)
}

func (f *fixture) listed(account, name string) *container.BlobItem {
	f.Helper()
	page, err := f.client(account).NewListBlobsFlatPager(f.container, &azblob.ListBlobsFlatOptions{Include: azblob.ListBlobsInclude{Copy: true}}).NextPage(f.Context())
	require.NoError(f, err)
	for _, item := range page.Segment.BlobItems {
		if *item.Name == name {
			return item
		}
	}
	require.FailNow(f, "not listed", name)
	return nil
}
