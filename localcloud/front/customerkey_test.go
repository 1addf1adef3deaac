package front_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A blob that was written with a key of its writer's is listed with the hash of the key and is read by nobody else.
func TestABlobWithAKeyOfItsWriter(t *testing.T) {
	f := newFixture(t)
	key := sha256.Sum256([]byte("key"))
	sum := sha256.Sum256(key[:])
	cpk := &blob.CPKInfo{EncryptionAlgorithm: to.Ptr(blob.EncryptionAlgorithmTypeAES256),
		EncryptionKey: to.Ptr(base64.StdEncoding.EncodeToString(key[:])), EncryptionKeySHA256: to.Ptr(base64.StdEncoding.EncodeToString(sum[:]))}
	box := f.client(accountA).ServiceClient().NewContainerClient(f.container)
	locked := box.NewBlockBlobClient("locked.csv")
	_, err := locked.Upload(t.Context(), streaming.NopCloser(bytes.NewReader([]byte("x"))), &blockblob.UploadOptions{CPKInfo: cpk})
	require.NoError(t, err)

	listed := func() *string {
		page, err := box.NewListBlobsFlatPager(nil).NextPage(t.Context())
		require.NoError(t, err)
		return page.Segment.BlobItems[0].Properties.CustomerProvidedKeySHA256
	}
	assert.Equal(t, *cpk.EncryptionKeySHA256, *listed())
	_, err = locked.GetProperties(t.Context(), &blob.GetPropertiesOptions{CPKInfo: cpk})
	require.NoError(t, err)
	_, err = locked.DownloadStream(t.Context(), nil)
	assert.Equal(t, "409 BlobUsesCustomerSpecifiedEncryption", outcome(err))
	_, err = box.NewBlockBlobClient("copy.csv").StageBlockFromURL(t.Context(), "MDE=", locked.URL()+"?"+f.sign(accountA, "locked.csv", "r", time.Hour), nil)
	assert.Equal(t, "409 BlobUsesCustomerSpecifiedEncryption", outcome(err))
	wrong := *cpk
	wrong.EncryptionKeySHA256 = cpk.EncryptionKey
	_, err = locked.GetProperties(t.Context(), &blob.GetPropertiesOptions{CPKInfo: &wrong})
	assert.Contains(t, outcome(err), "400")

	f.upload(accountA, "locked.csv", "written anew without a key")
	assert.Nil(t, listed())
}
