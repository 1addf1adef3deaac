package blobstore

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"example.org/airlock/handler/airlock"
)

// Config holds a Store's dependencies.
type Config struct {
	// Suffix is the DNS suffix of storage: https://{account}.blob.{suffix}.
	Suffix string
	// LinkBase is how links handed to people begin; "{account}" stands for the
	// account. Plain http is for loopback addresses only.
	LinkBase string
	// Credential is the managed identity. There are no account keys.
	Credential azcore.TokenCredential
	// ClientOptions may bring a transport. Retry is set here, unless it has a delay.
	ClientOptions azcore.ClientOptions
	Now           func() time.Time
}

// pageSize is the most that storage lists in one answer.
const pageSize = 5000

// retry is the SDK's behaviour for calls that a person or a delivery of 30 s
// waits for. Longer waits are the reconciler's business.
var retry = policy.RetryOptions{
	MaxRetries: 3, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: 2 * time.Second, TryTimeout: 10 * time.Second,
}

// Store reaches the blobs of any account of the TRE. It is safe for concurrent
// use; make one per process, as it caches connections and delegation keys.
type Store struct {
	suffix, linkBase string
	credential       azcore.TokenCredential
	options          service.ClientOptions
	retry            policy.RetryOptions
	now              func() time.Time
	pipeline         runtime.Pipeline
	blockSize        int64
	pageSize         int32
	buffers          chan []byte // for the chunks that are read ahead; nil ones are made when needed

	mu       sync.Mutex
	accounts map[string]*account
}

// account holds the state kept per storage account.
type account struct {
	name    string
	client  *service.Client
	key     delegation
	hostURL string
}

// New returns a Store. It sends nothing. It refuses settings that cannot work.
func New(c Config) (*Store, error) {
	if c.Credential == nil || c.Now == nil {
		panic("blobstore: missing dependency")
	}
	if c.Suffix == "" || strings.ContainsAny(c.Suffix, "/:@?# ") {
		return nil, errors.New("blobstore: the storage suffix must be a domain name such as core.windows.net")
	}
	if err := CheckLinkBase(c.LinkBase); err != nil {
		return nil, fmt.Errorf("blobstore: the link base %w", err)
	}
	if c.ClientOptions.Retry.RetryDelay == 0 {
		c.ClientOptions.Retry = retry
	}
	buffers := make(chan []byte, chunksAtOnce)
	for range chunksAtOnce {
		buffers <- nil
	}
	return &Store{suffix: c.Suffix, linkBase: strings.TrimRight(c.LinkBase, "/"), credential: c.Credential,
		options: service.ClientOptions{ClientOptions: c.ClientOptions}, retry: c.ClientOptions.Retry,
		now: c.Now, pipeline: newPipeline(c.Credential, &c.ClientOptions), blockSize: blockSize, pageSize: pageSize,
		buffers: buffers, accounts: map[string]*account{}}, nil
}

// CheckLinkBase returns an error if links must not begin with base: without
// {account} all accounts would be one, and a signed link over plain http is for
// everybody on the way. Only a loopback address may have http.
func CheckLinkBase(base string) error {
	u, err := url.Parse(strings.ReplaceAll(base, "{account}", "account"))
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || !strings.Contains(base, "{account}"):
		return errors.New("must be a URL with {account} in it, such as https://{account}.blob.core.windows.net")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && net.ParseIP(u.Hostname()).IsLoopback():
		return nil
	}
	return errors.New("must be https, except to a loopback address: links are signed")
}

// account returns the cached client of a storage account.
func (s *Store) account(name string) (*account, error) {
	if !airlock.IsAccountName(name) {
		return nil, &airlock.Fault{Kind: airlock.Operator, Code: "InvalidAccountName", Operation: "reach storage", Account: name,
			Err: errors.New("not the name of a storage account")}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accounts[name]; a != nil {
		return a, nil
	}
	host := "https://" + name + ".blob." + s.suffix
	client, err := service.NewClient(host+"/", s.credential, &s.options)
	if err != nil {
		return nil, faultOf("reach storage", name, err)
	}
	a := &account{name: name, client: client, hostURL: host, key: newDelegation()}
	s.accounts[name] = a
	return a, nil
}

// container returns the client of a container.
func (s *Store) container(accountName, name string) (*container.Client, error) {
	a, err := s.account(accountName)
	if err != nil {
		return nil, err
	}
	if name == "" || strings.ContainsAny(name, "/?#%.") {
		return nil, invalidName(accountName)
	}
	return a.client.NewContainerClient(name), nil
}

// blob returns the client of a blob.
func (s *Store) blob(c airlock.Container, name string) (*blob.Client, error) {
	client, err := s.blockBlob(c, name)
	if err != nil {
		return nil, err
	}
	return client.BlobClient(), nil
}

// blockBlob returns the client of a block blob.
func (s *Store) blockBlob(c airlock.Container, name string) (*blockblob.Client, error) {
	client, err := s.container(c.Account, string(c.Name))
	if err != nil {
		return nil, err
	}
	if !addressable(name) {
		return nil, invalidName(c.Account)
	}
	return client.NewBlockBlobClient(name), nil
}

func invalidName(account string) error {
	return &airlock.Fault{Kind: airlock.Permanent, Code: "InvalidName", Operation: "address a blob", Account: account,
		Err: errors.New("a name that no URL can carry safely")}
}
