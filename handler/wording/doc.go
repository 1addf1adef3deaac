// Package wording says in words how a request stands: what has happened, what happens
// next, and who holds it. Mails, the API, the portal and the command line say the same,
// because all of them take it from here.
package wording
