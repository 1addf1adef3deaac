package ground

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

// The accounts that hold state and evidence; all others hold the bytes of requests.
const (
	StateAccount    = "stalstatelocal"
	EvidenceAccount = "stalevidencelocal"
)

// Ground is the storage of one local cloud.
type Ground struct {
	blobs  map[string]*service.Client // by account
	tables *aztables.ServiceClient    // of the state account
	key    []byte                     // of the state
}

// Open opens the storage of the local cloud in dir, which must be up.
func Open(dir string) (*Ground, error) {
	var keys map[string][]byte
	if err := read(filepath.Join(dir, "keys", "accounts.json"), &keys); err != nil {
		return nil, err
	}
	var ports struct{ AzuriteBlob, AzuriteTable int }
	if err := read(filepath.Join(dir, "ports.json"), &ports); err != nil {
		return nil, err
	}
	options := azcore.ClientOptions{Transport: transport(), Retry: policy.RetryOptions{MaxRetries: 5}}
	g := &Ground{blobs: map[string]*service.Client{}}
	for account, key := range keys {
		credential, err := service.NewSharedKeyCredential(account, base64.StdEncoding.EncodeToString(key))
		if err != nil {
			return nil, fmt.Errorf("ground: %w", err)
		}
		g.blobs[account], err = service.NewClientWithSharedKeyCredential(address(ports.AzuriteBlob, account), credential, &service.ClientOptions{ClientOptions: options})
		if err != nil {
			return nil, fmt.Errorf("ground: %w", err)
		}
	}
	credential, err := aztables.NewSharedKeyCredential(StateAccount, base64.StdEncoding.EncodeToString(keys[StateAccount]))
	if err != nil {
		return nil, fmt.Errorf("ground: %w", err)
	}
	g.tables, err = aztables.NewServiceClientWithSharedKey(address(ports.AzuriteTable, StateAccount), credential, &aztables.ClientOptions{ClientOptions: options})
	if err != nil {
		return nil, fmt.Errorf("ground: %w", err)
	}
	if g.key, err = sealKey(dir); err != nil {
		return nil, err
	}
	return g, nil
}

// Accounts lists the stage accounts: those that may hold bytes of requests.
func (g *Ground) Accounts() []string {
	var accounts []string
	for account := range g.blobs {
		if account != StateAccount && account != EvidenceAccount {
			accounts = append(accounts, account)
		}
	}
	slices.Sort(accounts)
	return accounts
}

func (g *Ground) container(account, name string) (*container.Client, error) {
	client := g.blobs[account]
	if client == nil {
		return nil, fmt.Errorf("ground: no storage account %q", account)
	}
	return client.NewContainerClient(name), nil
}

func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("ground: %s: %w", file, err)
	}
	return nil
}

func address(port int, account string) string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + "/" + account
}
