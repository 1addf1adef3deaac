package budget

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
)

// residentLimit bounds the handler's memory in RAM, whatever the size of a file.
const residentLimit = 64 * mib

// BenchmarkALargeFile takes a file of 1 GiB, or of AIRLOCK_BENCH_GIB, from draft to approved, with scanning off, watches
// the handler's memory, and compares the way into review with the bare storage calls it needs: one copy and one read.
// The bytes are one pattern over and over: they cost nothing to make, and pass every step as any others do.
func BenchmarkALargeFile(b *testing.B) {
	gib := 1
	if text := os.Getenv("AIRLOCK_BENCH_GIB"); text != "" {
		var err error
		gib, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	const workspace = "genomics"
	unscanned(b, workspace)
	pid := handlerPID(b)
	before, mostSince := watched(b, pid)
	ctx, stop := context.WithCancel(b.Context())
	go everySoOften(ctx)
	var bare, submit, approve samples
	play(b, workspace, time.Hour, func(p *story.Play) {
		size := int64(gib) << 30
		p.As(story.Researcher).Creates(story.Import).UploadsFiles(patterned("large.bin", size))
		bare.time(func() {
			require.NoError(b, copyAndRead(b, story.Account(story.Import, story.Draft, workspace), story.Account(story.Import, story.InReview, workspace), p.ID, "large.bin", size))
		})
		submit.time(func() { p.As(story.Researcher).Submits(); becomes(p, story.InReview) })
		approve.time(func() { p.As(story.Manager).Approves("large"); becomes(p, story.Approved) })
	})
	stop()
	peak := mostSince()
	ratio := submit[0].Seconds() / bare[0].Seconds()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(submit[0].Seconds(), "submit-s")
	b.ReportMetric(approve[0].Seconds(), "approve-s")
	b.ReportMetric(ratio, "ratio")
	b.ReportMetric(float64(before)/mib, "MiB-before")
	b.ReportMetric(float64(peak)/mib, "MiB-peak")
	note("a file of %d GiB: submit to in_review %v, one bare copy and one bare read of it %v, ratio %.2f; approve to approved %v; the handler's resident memory was %.1f MiB before, %.1f MiB at most",
		gib, submit[0].Round(time.Second/10), bare[0].Round(time.Second/10), ratio, approve[0].Round(time.Second/10), float64(before)/mib, float64(peak)/mib)
	require.Less(b, peak, int64(residentLimit), "memory grows with the file")
}

// becomes waits for a status and looks seldom: looking as often as stories do takes half a processor.
func becomes(p *story.Play, status string) {
	for p.Now().Status != status && p.Context().Err() == nil {
		time.Sleep(100 * time.Millisecond)
	}
	p.Eventually(status)
}

// copyAndRead makes the calls with which the handler moves a file, four blocks at a time as it does, reads the copy once
// from end to end, and removes it.
func copyAndRead(b *testing.B, from, to, container, name string, size int64) error {
	b.Helper()
	credential, transport := handlersWay(b)
	account := func(name string) *service.Client {
		client, err := service.NewClient("https://"+name+".blob.core.windows.net/", credential, &service.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: transport}})
		require.NoError(b, err)
		return client
	}
	source := account(from).NewContainerClient(container).NewBlobClient(name)
	beside := account(to).NewContainerClient("bare-" + container)
	if _, err := beside.Create(b.Context(), nil); err != nil {
		return err
	}
	defer func() { _, _ = beside.Delete(context.WithoutCancel(b.Context()), nil) }()
	if err := stageAll(b.Context(), beside.NewBlockBlobClient(name), source.URL(), "Bearer "+string(managed(b)), size); err != nil {
		return err
	}
	answer, err := beside.NewBlobClient(name).DownloadStream(b.Context(), nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); err != nil || n != size {
		return fmt.Errorf("read %d bytes: %w", n, err)
	}
	return nil
}

func stageAll(ctx context.Context, target *blockblob.Client, source, authorization string, size int64) error {
	const block = 32 * mib
	var all sync.WaitGroup
	blocks := (size + block - 1) / block
	ids, faults, places := make([]string, blocks), make([]error, blocks), make(chan struct{}, 4)
	for n := range blocks {
		ids[n] = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%08d", n))
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			_, faults[n] = target.StageBlockFromURL(ctx, ids[n], source, &blockblob.StageBlockFromURLOptions{
				Range: blob.HTTPRange{Offset: n * block, Count: min(block, size-n*block)}, CopySourceAuthorization: to.Ptr(authorization)})
		})
	}
	all.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	_, err := target.CommitBlockList(ctx, ids, nil)
	return err
}

// everySoOften does the timer's work, which stands still here: reading a very large file for its hash is done in several
// goes, and the reconciler begins the next one.
func everySoOften(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			// An error shows in a request that does not go on.
			_, _ = shared.Call(ctx, story.Admin, "", http.MethodPost, "/operations/reconcile", nil, nil)
		}
	}
}

// watched returns the memory that a process has, and a function for the most that it had until that is called.
func watched(b *testing.B, pid string) (before int64, mostSince func() int64) {
	b.Helper()
	before, err := resident(pid)
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	peaks := make(chan int64)
	go func() { peaks <- watch(ctx, pid) }()
	return before, func() int64 {
		stop()
		return <-peaks
	}
}

// watch returns the most memory a process had until ctx ended.
func watch(ctx context.Context, pid string) (peak int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return peak
		case <-tick.C:
			if now, err := resident(pid); err == nil {
				peak = max(peak, now)
			}
		}
	}
}
