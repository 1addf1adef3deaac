package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/client"
)

func scopes(_ context.Context, a client.Audience) (string, error) { return "api://" + a.Workspace, nil }

func TestSplit(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"a b":             {"a", "b"},
		"  a\t b ":        {"a", "b"},
		`'/my dir/x' "b"`: {"/my dir/x", "b"},
		`a=''`:            {"a="},
		`'' b`:            {"", "b"},
		`x"y z"w`:         {"xy zw"},
	} {
		got, err := split(line)
		require.NoError(t, err)
		assert.Equal(t, want, got, line)
	}
	_, err := split(`a 'b`)
	assert.Error(t, err)
}

// Text from the service becomes one word of the command and nothing else.
func TestCommandTakesNoOptionsFromTheService(t *testing.T) {
	t.Parallel()
	c, err := newCommand(Config{Command: "get --for {workspace} --scope={scope}", Scope: scopes})
	require.NoError(t, err)
	words, err := c.fill(t.Context(), client.Audience{Workspace: "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11"})
	require.NoError(t, err)
	assert.Equal(t, []string{"get", "--for", "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11", "--scope=api://9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11"}, words)
	words, err = c.fill(t.Context(), client.Audience{})
	require.NoError(t, err)
	assert.Equal(t, "core", words[2])
	for _, bad := range []string{"-x", "a b", "$(id)", "a;b", "a\nb"} {
		_, err := c.fill(t.Context(), client.Audience{Workspace: bad})
		assert.Error(t, err, bad)
	}
}

func TestCommandFails(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"false", "/nothing/here", "echo two words", "true"} {
		c, err := newCommand(Config{Command: line})
		require.NoError(t, err)
		_, err = c.Token(t.Context(), client.Audience{}, false)
		_, isSignIn := errors.AsType[*client.SignInError](err)
		assert.True(t, isSignIn, "%s: %v", line, err)
	}
	_, err := newCommand(Config{Command: " "})
	assert.Error(t, err)
}

func TestClaims(t *testing.T) {
	t.Parallel()
	body := base64.RawURLEncoding.EncodeToString([]byte(`{"name":"Ada","roles":["R"],"exp":1764332400}`))
	said := Claims("x." + body + ".y")
	assert.Equal(t, "Ada", said.Name)
	assert.Equal(t, int64(1764332400), said.Expires.Unix())
	for _, token := range []string{"", "a.b", "a.%.c", "a." + base64.RawURLEncoding.EncodeToString([]byte("[]")) + ".c"} {
		assert.Equal(t, Said{}, Claims(token))
	}
}

// A token that was refused is not handed out again.
func TestFixed(t *testing.T) {
	t.Parallel()
	token, err := Fixed(" x\n").Token(t.Context(), client.Audience{}, false)
	require.NoError(t, err)
	assert.Equal(t, "x", token)
	_, err = Fixed("x").Token(t.Context(), client.Audience{}, true)
	assert.Error(t, err)
}
