// Package httpapi is the airlock's HTTP API: the routes of the existing AzureTRE
// contract with the additions of this product, under /api.
//
// One table (routes.go) names every route with its function folder, its action
// and whose tokens it takes; router, OpenAPI document and the folders under
// functions/ are held against it in tests. A call passes, in this order:
//
//	router.go    the exact path and method, nothing cleaned or redirected
//	admission.go genuine token -> workspace -> audience -> role
//	body.go      media type, size, time; strictjson.go: the JSON itself
//	the route's handler, which asks the Service
//	problems.go  every error becomes a problem document, by one table
//
// Package airlock, in the service, decides whether a caller may act on a request in
// its present status. The edge only says which role is missing altogether.
package httpapi
