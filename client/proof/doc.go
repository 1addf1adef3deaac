// Package proof checks what an airlock signed: receipts and the chain of an audit
// trail. It does no I/O. (airlock-verify is the independent program that auditors use;
// this is for whoever downloads files.)
package proof
