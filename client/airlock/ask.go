package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// interactive reports whether somebody is there to be asked.
func (a *app) interactive() bool { return isTerminal(a.stdin) && isTerminal(a.stderr) }

// ask asks for a line; without somebody there it is an error that names the flag to
// give instead.
func (a *app) ask(question, instead string) (string, error) {
	if !a.interactive() {
		return "", wrongUsage("nobody is there to be asked; add %s", instead)
	}
	fmt.Fprint(a.stderr, question+" ")
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil {
		return "", wrongUsage("no answer; add %s", instead)
	}
	return strings.TrimSpace(line), nil
}

// confirm asks before something that cannot be taken back. Where nobody is there, the
// command line is the word.
func (a *app) confirm(yes bool, question string) error {
	if yes || !a.interactive() {
		return nil
	}
	answer, err := a.ask(question+" [y/N]", "--yes")
	if err != nil {
		return err
	}
	if answer != "y" && answer != "Y" && answer != "yes" {
		return fail(exitFailed, "nothing was done")
	}
	return nil
}

// maxText bounds a text that is read from a file or stdin; the service has its own limit.
const maxText = 64 << 10

// textOf is a text given by a flag, or in a file, or on stdin ("-").
func (a *app) textOf(text, file string) (string, error) {
	switch {
	case file == "":
		return text, nil
	case text != "":
		return "", wrongUsage("give the text or a file with it, not both")
	}
	var from = a.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", &exitError{exitUsage, err}
		}
		defer f.Close()
		from = f
	}
	body, err := io.ReadAll(io.LimitReader(from, maxText+1))
	if err == nil && len(body) > maxText {
		err = wrongUsage("the text is longer than %d bytes", maxText)
	}
	return strings.TrimSpace(string(body)), err
}
