package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/cli/browser"

	"example.org/airlock/client"
)

// Person gets the tokens of somebody who signed in, all from one refresh token.
type Person struct {
	app     public.Client
	account string
	cache   *fileCache // nil: tokens are kept in memory
	line    *line
	scope   func(context.Context, client.Audience) (string, error)
}

func newUser(c Config) (*Person, error) {
	if c.ClientID == "" {
		return nil, &client.SignInError{Why: "the service does not say which application people sign in with; ask your TRE for its id and add --client-id ID, or use --azure-cli"}
	}
	authority := c.Authority
	if authority == "" {
		authority = "https://login.microsoftonline.com/" + c.Tenant
	}
	person := &Person{account: c.Account, line: newLine(c.HTTP), scope: c.Scope}
	options := []public.Option{public.WithAuthority(authority), public.WithHTTPClient(person.line.client())}
	if c.CacheFile != "" {
		person.cache = &fileCache{file: c.CacheFile}
		options = append(options, public.WithCache(person.cache))
	}
	var err error
	if person.app, err = public.New(c.ClientID, options...); err != nil {
		return nil, &client.SignInError{Why: "sign-in is not possible with what the service says", Err: err}
	}
	return person, nil
}

func (p *Person) scopes(ctx context.Context, a client.Audience) ([]string, error) {
	scope, err := p.scope(ctx, a)
	return []string{scope + "/user_impersonation"}, err
}

// Token implements client.Tokens, without asking anybody anything.
func (p *Person) Token(ctx context.Context, a client.Audience, _ bool) (string, error) {
	scopes, err := p.scopes(ctx, a)
	if err != nil {
		return "", err
	}
	account, err := p.signedIn(ctx)
	if err != nil {
		return "", err
	}
	result, err := p.app.AcquireTokenSilent(ctx, scopes, public.WithSilentAccount(account))
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && p.line.cut() != nil:
		return "", p.line.cut()
	case err != nil:
		return "", &client.SignInError{Why: "your sign-in has ended, or does not reach this workspace; sign in again with `airlock login`", Err: brief(err)}
	}
	return result.AccessToken, nil
}

func (p *Person) signedIn(ctx context.Context) (public.Account, error) {
	accounts, err := p.app.Accounts(ctx)
	if err != nil {
		return public.Account{}, &client.SignInError{Why: "the tokens kept on this machine cannot be read; sign in again with `airlock login`", Err: err}
	}
	for _, account := range accounts {
		if p.account == "" || account.HomeAccountID == p.account {
			return account, nil
		}
	}
	return public.Account{}, &client.SignInError{Why: "nobody is signed in; sign in with `airlock login`"}
}

// SignIn asks the person: in the browser, or with a code to type elsewhere. say gets
// what they have to do. It returns the id of the account.
func (p *Person) SignIn(ctx context.Context, a client.Audience, deviceCode bool, say io.Writer) (account string, err error) {
	scopes, err := p.scopes(ctx, a)
	if err != nil {
		return "", err
	}
	var result public.AuthResult
	if deviceCode {
		var code public.DeviceCode
		if code, err = p.app.AcquireTokenByDeviceCode(ctx, scopes); err == nil {
			fmt.Fprintf(say, "Open %s in a browser and type the code %s\n", code.Result.VerificationURL, code.Result.UserCode)
			result, err = code.AuthenticationResult(ctx)
		}
	} else {
		fmt.Fprintln(say, "Sign in in the browser that opens now. If none opens, stop with Ctrl+C and add --device-code.")
		browser.Stdout, browser.Stderr = io.Discard, io.Discard
		result, err = p.app.AcquireTokenInteractive(ctx, scopes, public.WithOpenURL(browser.OpenURL))
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil && p.line.cut() != nil {
		return "", p.line.cut()
	}
	if err != nil {
		return "", &client.SignInError{Why: "the sign-in did not succeed", Err: brief(err)}
	}
	if p.cache != nil && p.cache.lost != nil {
		return "", fmt.Errorf("you are signed in, but your tokens cannot be kept; make room for them, or name another folder with XDG_STATE_HOME=DIR: %w", p.cache.lost)
	}
	p.account = result.Account.HomeAccountID
	return p.account, nil
}

// SignOut forgets the tokens kept on this machine.
func (p *Person) SignOut(ctx context.Context) error {
	account, err := p.signedIn(ctx)
	if err != nil {
		return nil //nolint:nilerror // nobody is signed in, as wanted
	}
	return p.app.RemoveAccount(ctx, account)
}

// brief keeps the first line of an error: MSAL's hold whole requests and answers.
func brief(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return errors.New(line)
}
