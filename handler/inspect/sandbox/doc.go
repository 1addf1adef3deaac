// Package sandbox runs the inspection of files in a child process that has
// nothing: no environment, no files, no network of use, little memory and little
// time. Files are hostile, and a scanner may have a fault: the child dies of it,
// and its parent lives.
//
// The child is the parent's own program, started with Argument. It reads the file
// by asking its parent for ranges over a pipe.
package sandbox
