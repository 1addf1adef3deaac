// Package notify decides who is told about a request and finds their addresses.
//
// A decision leaves a notice in the outbox. When the notice is published, and
// only then, Fill turns it into the airlockNotification event: the rule table
// (rules.go) or the workspace's policy says who, the directory (graph.go or
// contacts.go) says where they are reached, package wording says what. A notifier, for
// instance the Logic App in infra/notifier, sends it.
//
// Nothing here is on the path of a request: without mail addresses, without the
// directory, without the notifier, requests go on.
package notify
