package main

import (
	"net/url"
	"strings"

	"example.org/airlock/handler/httpapi"
)

// entra is the authority of Microsoft's public cloud.
const entra = "https://login.microsoftonline.com/"

// signIn returns the settings with which the portal and the command line sign in. The authority is the issuer
// of the tokens that the API takes. MSAL takes none without TLS: an issuer on this machine,
// as in a local cloud, goes by Entra's name, and its endpoints say where it is.
func signIn(c config) httpapi.SignIn {
	s := httpapi.SignIn{ClientID: c.APIClientID, Authority: strings.TrimSuffix(strings.TrimSuffix(c.TokenIssuer, "/"), "/v2.0"), LinkHosts: []string{linkHost(c.LinkBase)}}
	if strings.HasPrefix(c.TokenIssuer, "http:") {
		endpoint := func(name string) string { return s.Authority + "/oauth2/v2.0/" + name }
		s.Endpoints = &httpapi.SignInEndpoints{Issuer: c.TokenIssuer, Authorization: endpoint("authorize"), Token: endpoint("token"), EndSession: endpoint("logout"),
			Device: endpoint("devicecode"), Keys: s.Authority + "/discovery/v2.0/keys"}
		s.Authority = entra + c.TenantID
	}
	if u, err := url.Parse(s.Authority); err == nil { // readConfig has seen to it
		s.KnownAuthorities = []string{u.Host}
	}
	return s
}

// linkHost is the origin of links, with * for the account where its name is part of the
// host, as a Content-Security-Policy writes it.
func linkHost(linkBase string) string {
	scheme, rest, _ := strings.Cut(linkBase, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + strings.Replace(host, "{account}", "*", 1)
}
