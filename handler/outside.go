package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/handler/doctor"
	"example.org/airlock/handler/eventgrid"
	"example.org/airlock/handler/keys"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/notify"
	"example.org/airlock/handler/tablestore"
	"example.org/airlock/handler/workflow"
)

// outside is every service that the program reaches.
type outside struct {
	transport   *http.Client
	tables      *tablestore.Store
	blobs       *blobstore.Store
	evidence    *blobstore.Evidence
	deadLetters *blobstore.DeadLetters
	progress    *blobstore.Progress
	topics      *eventgrid.Topics
	signer      *keys.Signer
	sealer      *keys.Sealer
	directory   roles
}

// reach makes the clients. It makes no call.
func reach(c config, log *slog.Logger) (o outside, err error) {
	o.transport = azure.NewTransport()
	sdk := azcore.ClientOptions{Transport: o.transport}
	cred, err := managedIdentity(c.IdentityClientID)
	if err != nil {
		return o, err
	}
	if o.blobs, err = blobstore.New(blobstore.Config{Suffix: c.StorageSuffix, LinkBase: c.LinkBase, Credential: cred, ClientOptions: sdk, Now: time.Now}); err != nil {
		return o, err
	}
	o.evidence, o.deadLetters = blobstore.NewEvidence(o.blobs, c.Evidence), blobstore.NewDeadLetters(o.blobs, c.stateAccount())
	if o.sealer, err = keys.NewSealer(keys.Config{Location: c.StateKey, Credential: cred, ClientOptions: sdk}); err != nil {
		return o, err
	}
	o.progress = blobstore.NewProgress(o.blobs, c.stateAccount(), o.sealer)
	state := tablestore.Config{Endpoint: c.TableEndpoint, Credential: cred, ClientOptions: sdk, Reserved: c.reserved(), Seals: o.sealer,
		Damaged: alertDamage(log), Known: workflow.WasAnchored(o.evidence)}
	if o.tables, err = tablestore.New(state); err != nil {
		return o, err
	}
	if o.topics, err = eventgrid.New(eventgrid.Config{Endpoints: c.Topics, Credential: cred, ClientOptions: sdk}); err != nil {
		return o, err
	}
	if o.signer, err = keys.NewSigner(keys.Config{Location: c.SigningKey, Credential: cred, ClientOptions: sdk}); err != nil {
		return o, err
	}
	o.directory = directory(c, cred, sdk)
	return o, nil
}

// alertDamage tells operators of a row that is not to be believed.
func alertDamage(log *slog.Logger) func(context.Context, airlock.DamagedRow) {
	return func(ctx context.Context, row airlock.DamagedRow) {
		log.ErrorContext(ctx, "a row is not to be believed", "alert", logging.StateDamaged,
			"table", row.Table, "partition", row.Partition, "row", row.Key, "what", row.What)
	}
}

// managedIdentity is the only credential: there are no keys and no secrets.
func managedIdentity(clientID string) (azcore.TokenCredential, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{}
	if clientID != "" {
		options.ID = azidentity.ClientID(clientID)
	}
	return azidentity.NewManagedIdentityCredential(options)
}

// roles is the directory as its users want it.
type roles interface {
	workflow.Directory
	notify.Directory
	doctor.Directory
}

func directory(c config, cred azcore.TokenCredential, sdk azcore.ClientOptions) roles {
	if c.Directory == "contacts" {
		return notify.Contacts{}
	}
	return notify.NewGraph(notify.GraphConfig{Credential: cred, Endpoint: notify.DefaultGraph, ClientOptions: sdk})
}
