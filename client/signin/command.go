package signin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.org/airlock/client"
)

// command gets tokens from the output of a program.
type command struct {
	words []string
	scope func(context.Context, client.Audience) (string, error)

	mu   sync.Mutex
	kept map[client.Audience]kept
}

// kept is a token for as long as it is surely good.
type kept struct {
	token string
	until time.Time
}

// core is how a token command is told that no workspace is meant.
const core = "core"

// harmless are texts that can stand in a command line without being taken for anything
// else: ids and scopes are, and they come from the service.
var harmless = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:/._-]*$`)

// newCommand returns a source for a command line with the places {workspace} (an id, or
// the word core) and {scope}. No shell is involved: words end at blanks, and quotes
// keep blanks in them.
func newCommand(c Config) (*command, error) {
	words, err := split(c.Command)
	if err != nil || len(words) == 0 {
		return nil, &client.SignInError{Why: fmt.Sprintf("the token command %q cannot be run", c.Command), Err: err}
	}
	return &command{words: words, scope: c.Scope, kept: map[client.Audience]kept{}}, nil
}

// split cuts a command line into words.
func split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, open = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if open || word.Len() > 0 {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if open || word.Len() > 0 {
		words = append(words, word.String())
	}
	return words, nil
}

// Token implements client.Tokens.
func (c *command) Token(ctx context.Context, a client.Audience, fresh bool) (string, error) {
	c.mu.Lock()
	k := c.kept[a]
	c.mu.Unlock()
	if !fresh && time.Now().Before(k.until) {
		return k.token, nil
	}
	words, err := c.fill(ctx, a) // may ask the service, with another token
	if err != nil {
		return "", err
	}
	token, err := output(ctx, words)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[a] = kept{token, Claims(token).Expires.Add(-time.Minute)}
	return token, nil
}

// output runs the command and returns the token it prints.
func output(ctx context.Context, words []string) (string, error) {
	line := strings.Join(words, " ")
	var stdout, stderr bytes.Buffer
	run := exec.CommandContext(ctx, words[0], words[1:]...)
	run.Stdout, run.Stderr = &stdout, &stderr
	if err := run.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", &client.SignInError{Why: fmt.Sprintf("the token command %q failed: %s", line, strings.TrimSpace(stderr.String())), Err: err}
	}
	token := strings.TrimSpace(stdout.String())
	if token == "" || strings.ContainsAny(token, " \t\r\n") {
		return "", &client.SignInError{Why: fmt.Sprintf("the token command %q has to print a token and nothing else", line)}
	}
	return token, nil
}

// fill replaces the placeholders.
func (c *command) fill(ctx context.Context, a client.Audience) ([]string, error) {
	workspace, scope := a.Workspace, ""
	if workspace == "" {
		workspace = core
	}
	if strings.Contains(strings.Join(c.words, " "), "{scope}") {
		var err error
		if scope, err = c.scope(ctx, a); err != nil {
			return nil, err
		}
	}
	words := make([]string, len(c.words))
	for i, word := range c.words {
		for place, value := range map[string]string{"{workspace}": workspace, "{scope}": scope} {
			if !strings.Contains(word, place) {
				continue
			}
			if !harmless.MatchString(value) {
				return nil, &client.SignInError{Why: fmt.Sprintf("the service names a scope or workspace that a token command is not told: %q", value)}
			}
			word = strings.ReplaceAll(word, place, value)
		}
		words[i] = word
	}
	return words, nil
}
