// Package identity stands in for Entra ID: the endpoint where a program in App Service gets tokens of its managed
// identity (Managed), and the OpenID Connect issuer of people's tokens (Issuer) with a fixed directory of personas.
//
// The two sign with different keys, so a token for a person never opens storage.
package identity
