package main

import (
	"fmt"
	"net/url"
	"regexp"
)

// requestsOf is the part of a path whose tokens are a workspace's.
var requestsOf = regexp.MustCompile(`^/workspaces/(` + uuid + `)/(requests|history|check|people|findings)`)

// below is the workspace whose token a path is called with, "" for the core.
func below(path string) string {
	if m := requestsOf.FindStringSubmatch(path); m != nil {
		return m[1]
	}
	return ""
}

// splitQuery takes the query off a path.
func splitQuery(text string) (path string, query url.Values, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Host != "" || u.Fragment != "" {
		return "", nil, fmt.Errorf("%q is no path of the API", text)
	}
	query, err = url.ParseQuery(u.RawQuery)
	return u.Path, query, err
}
