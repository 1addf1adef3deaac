// Package eventgrid publishes the service's events to its custom topics, in the
// Event Grid schema that existing consumers know. It decides nothing: what an
// event holds was written with the decision it tells of, and is sent as it is.
package eventgrid
