// Package fault sees every call that a program makes to the local cloud – storage, Event Grid, Graph – names and numbers
// it, keeps a log, and lets single calls go wrong: refused, dropped, done without an answer, delayed, or with the caller
// killed before or after the work. With the log a test learns how many calls a story takes; with the numbers it can
// then break each of them in turn.
package fault
