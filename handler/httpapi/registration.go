package httpapi

import (
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// whenCalled answers for a route. huma reads the types of the route when it is called
// for the first time, not at the start: an instance starts often, and is asked for few
// of its routes. Each route has a huma of its own, because a registry of types is not
// safe for concurrent use while it grows. A route that cannot be read panics with every
// call of it; a test reads all.
func (a *API) whenCalled(rt route) http.HandlerFunc {
	read := sync.OnceValue(func() http.HandlerFunc {
		handler, _ := a.read(rt)
		return handler
	})
	return func(w http.ResponseWriter, r *http.Request) { read()(w, r) }
}

// read has huma read the types of a route. It returns what answers the route, and the
// types by which huma judges its input.
func (a *API) read(rt route) (http.HandlerFunc, huma.Registry) {
	var answering slot
	registry := newRegistry()
	alone := huma.NewAPI(settings(&huma.OpenAPI{Components: &huma.Components{Schemas: registry}}), humago.NewAdapter(&answering, prefix))
	rt.handler(a, alone, operation(rt), rt)
	if _, has := registry.Map()["Policy"]; has {
		describePolicy(registry)
	}
	return answering.handler, registry
}

// slot takes what huma would give to a mux: the handler of one route.
type slot struct{ handler http.HandlerFunc }

// HandleFunc keeps the handler. The pattern is the route's own, which the router knows.
func (s *slot) HandleFunc(_ string, handler func(http.ResponseWriter, *http.Request)) {
	s.handler = handler
}

// ServeHTTP is there because huma's adapter asks for it.
func (s *slot) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler(w, r) }
