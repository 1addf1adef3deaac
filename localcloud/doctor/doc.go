// Package doctor holds tests that break a local cloud, one thing at a time, and hold the doctor of the production binary
// to naming each.
package doctor
