package eventgrid

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/eventgrid/azeventgrid"

	"example.org/airlock/handler/airlock"
)

// batchTime is how long one batch may take with all its tries. Nobody waits for
// more: an unpublished event stays in the outbox.
const batchTime = 10 * time.Second

var retry = policy.RetryOptions{MaxRetries: 2, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: time.Second, TryTimeout: 4 * time.Second}

// Topics publishes to the custom topics. It is safe for concurrent use.
type Topics struct {
	clients map[airlock.Topic]*azeventgrid.Client
}

// Config holds the dependencies of Topics.
type Config struct {
	// Endpoints look like https://NAME.REGION-1.eventgrid.azure.net/api/events.
	Endpoints map[airlock.Topic]string
	// Credential is the managed identity. There are no keys of topics.
	Credential azcore.TokenCredential
	// ClientOptions may bring a transport. Retry is set here, unless it has a delay.
	ClientOptions azcore.ClientOptions
}

// New returns a publisher to the topics. It sends nothing. It panics on a
// missing dependency and refuses settings that cannot work.
func New(c Config) (*Topics, error) {
	if c.Credential == nil {
		panic("eventgrid: missing dependency")
	}
	options := c.ClientOptions
	if options.Retry.RetryDelay == 0 {
		options.Retry = retry
	}
	t := &Topics{clients: map[airlock.Topic]*azeventgrid.Client{}}
	for _, topic := range airlock.Topics() {
		u, err := url.Parse(c.Endpoints[topic])
		if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
			return nil, fmt.Errorf("eventgrid: the endpoint of topic %s must be a URL like https://NAME.REGION-1.eventgrid.azure.net/api/events", topic)
		}
		client, err := azeventgrid.NewClient(u.String(), c.Credential, &azeventgrid.ClientOptions{ClientOptions: options})
		if err != nil {
			return nil, fmt.Errorf("eventgrid: topic %s: %w", topic, err)
		}
		t.clients[topic] = client
	}
	return t, nil
}

// Publish sends events to a topic, in as few batches as fit; nil means all of
// them are with Event Grid. After an *airlock.Fault some may have been sent: they
// are sent again with the same ids. An event that is too large for Event Grid is
// a permanent fault and does not keep the others back.
func (t *Topics) Publish(ctx context.Context, topic airlock.Topic, events []airlock.Event) error {
	client := t.clients[topic]
	if client == nil {
		return &airlock.Fault{Kind: airlock.Permanent, Code: "NoSuchTopic", Operation: publish, Account: string(topic), Err: errNoTopic}
	}
	batches, tooLarge := split(events)
	for _, batch := range batches {
		if err := send(ctx, client, batch); err != nil {
			return faultOf(topic, err)
		}
	}
	if tooLarge > 0 {
		return &airlock.Fault{Kind: airlock.Permanent, Code: "EventTooLarge", Operation: publish, Account: string(topic),
			Err: fmt.Errorf("%d of %d events are above Event Grid's limit", tooLarge, len(events))}
	}
	return nil
}

func send(ctx context.Context, client *azeventgrid.Client, batch []azeventgrid.Event) error {
	ctx, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	_, err := client.PublishEvents(ctx, batch, nil)
	return err
}
