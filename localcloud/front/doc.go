// Package front is the local cloud's storage front and the proxy that leads programs to it.
//
// A program keeps using production host names: HTTPS_PROXY leads it to Proxy, which ends TLS with a certificate of the
// local CA and hands the request to the handler registered for its host. Front takes requests for storage
// (https://ACCOUNT.blob.core.windows.net, .table.) and, on a path-style address, people's requests with a link. It
// decides whether a request may pass, forwards it to Azurite with a signature of its own, puts production names back
// into the answer, and tells of every blob that was created.
//
// Azurite by itself is no security boundary: it does not check tokens, its user delegation keys can be forged, and it
// copies within an account without asking. So the front checks everything itself and Azurite sees only account-key
// signatures, which nobody else can make.
package front
