// Package blobstore keeps the data of requests in Azure Blob Storage: containers,
// server-side copies, hashes and links (Store), and the append-only evidence
// (Evidence).
//
// Bytes never pass through this process except to be hashed, in a buffer of
// fixed size. Every call may be repeated: the SDK itself tries again when an
// answer gets lost, so a 409, 412 or 404 may be our own earlier success and is
// judged by what storage holds, never by the code alone.
//
// ETags are kept without their quotes. Errors are airlock.ErrGone,
// *airlock.IntegrityError and *airlock.Fault, nothing else (errors.go).
package blobstore
