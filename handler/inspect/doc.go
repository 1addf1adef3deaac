// Package inspect looks inside files and says what a person should look at:
// small counts, hidden sheets, code in pickles, personal data, bombs. It decides
// nothing: the policy of a workspace maps findings to actions.
//
// The package is pure. It reads bytes through a Source, knows no clock of its
// own, no network, no file system and nothing of the airlock, so that the
// service, its child process and the command line run the same code.
//
// A finding carries no data: it names a rule, a place in numbers, and how often.
// Values, headers, JSON keys, sheet names and member names never leave.
//
// Files are hostile. No scanner recurses over the depth of its input, allocates
// by a size that the input claims, or runs a tokeniser of the standard library on
// a whole file: those take as much memory as the longest token.
//
// Work is done in steps. The state between two steps is JSON of at most 1 MiB
// from which any process can go on. The same bytes give the same report, byte for
// byte, wherever the steps were cut.
//
// One file is inspected so:
//
//	file := inspect.NewFile(name, size, inspect.DefaultLimits()) // or inspect.Resume(name, kept)
//	done, err := file.Step(source, late)                         // until late says so
//	kept, err := file.State()                                    // to go on elsewhere
//	judged := ruleSet.Apply(file.Report())                       // once done
package inspect
