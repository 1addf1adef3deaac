// Package keys holds the two keys of the service: the one that signs receipts and anchors
// (Signer, ECDSA P-256) and the one that seals the rows of the state (Sealer, HMAC-SHA-256).
// Either lives in Key Vault or, for the local cloud, in a file.
//
// The signing key never leaves Key Vault. The sealing key is a secret that this
// process has to hold; it is of a type that cannot be printed.
package keys
