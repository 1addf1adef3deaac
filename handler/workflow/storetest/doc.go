// Package storetest says what a store of requests does, as one suite of tests. The real
// store runs it on the emulator, and the stand-in of the workflow's own tests runs it as
// well: so the stand-in is not kinder than the store that it stands for.
package storetest
