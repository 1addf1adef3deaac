package eventgrid

import (
	"errors"
	"net/http"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

const publish = "publish events"

var errNoTopic = errors.New("no endpoint is known")

// meanings says what Event Grid's answers mean: an unclear one passes.
var meanings = []azure.Meaning{
	{Status: http.StatusUnauthorized, Kind: airlock.Operator},
	{Status: http.StatusForbidden, Kind: airlock.Operator}, // the role EventGrid Data Sender, or public access, is missing
	{Status: http.StatusNotFound, Kind: airlock.Operator},  // the endpoint is no topic
	{Status: http.StatusMethodNotAllowed, Kind: airlock.Operator},
	{Status: http.StatusGone, Kind: airlock.Operator},
	{Status: http.StatusBadRequest, Kind: airlock.Permanent},
	{Status: http.StatusRequestEntityTooLarge, Kind: airlock.Permanent},
	{Kind: airlock.Transient},
}

func faultOf(topic airlock.Topic, err error) error {
	return azure.Fault(publish, string(topic), err, meanings)
}
