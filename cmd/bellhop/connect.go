package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/program"
)

// connection holds the flags of connect.
type connection struct {
	app.Connect
	passwordStdin, cookieStdin, tokenStdin bool
}

func (t *tool) connectCommand() *cobra.Command {
	var c connection
	cmd := &cobra.Command{
		Use:   "connect URL",
		Short: "Sign in to a DefectDojo server",
		Long: `Sign in to a DefectDojo server and keep the account; for an account that is
there already, sign in again. It works with and without a running bell.

There are three ways:

    --username NAME         with a password, asked for on the terminal or sent
                            with --password-stdin; Bellhop renews the session
    --session-cookie-stdin  with the value of the session cookie of a browser
                            that is signed in (single sign-on); it lasts as
                            long as the server lets it
    --token-stdin           with an API v2 token; DefectDojo keeps its list of
                            alerts from a token, so Bellhop watches the
                            server's objects and tells what happens there

A secret is never an argument, since others can read those. It is kept in the
keyring of the system or, without one, in an encrypted file.

With --json the account: "id", "url", "username", "sign_in", ...`,
		Example: `  bellhop connect https://dojo.example.com --username ann
  pass dojo | bellhop connect dojo.example.com --username ann --password-stdin
  bellhop connect https://dojo.example.com/dojo --session-cookie-stdin < cookie`,
		Args: takes(1, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			c.URL = args[0]
			if err := t.completeConnect(&c); err != nil {
				return err
			}
			account, err := t.connect(cmd.Context(), c.Connect)
			if err != nil {
				return err
			}
			return t.sayConnected(account)
		}),
	}
	f := cmd.Flags()
	f.StringVarP(&c.Username, "username", "u", "", "your `name` on the server")
	f.BoolVar(&c.passwordStdin, "password-stdin", false, "read the password from standard input")
	f.BoolVar(&c.cookieStdin, "session-cookie-stdin", false, "read the session cookie's value from standard input")
	f.StringVar(&c.CookieName, "cookie-name", "", "the session cookie's `name`, where it is not sessionid")
	f.BoolVar(&c.tokenStdin, "token-stdin", false, "read an API v2 token from standard input")
	f.StringVar(&c.CAFile, "ca", "", "trust the certificate authorities in this PEM `file` as well")
	f.StringVar(&c.ClientCert, "client-cert", "", "show the server this certificate, a PEM `file`")
	f.StringVar(&c.ClientKey, "client-key", "", "the key of the client certificate, a PEM `file`")
	f.StringVar(&c.Proxy, "proxy", "", "a proxy's `URL`, or none; default is the system's")
	f.BoolVar(&c.Insecure, "insecure", false, "do not check the server's certificate (dangerous)")
	cmd.MarkFlagsMutuallyExclusive("password-stdin", "session-cookie-stdin", "token-stdin")
	cmd.MarkFlagsRequiredTogether("client-cert", "client-key")
	return cmd
}

// completeConnect checks the flags and fetches the secret.
func (t *tool) completeConnect(c *connection) error {
	var err error
	if c.URL, err = app.BaseURL(c.URL); err != nil {
		return err
	}
	if err := checkProxy(c.Proxy); err != nil {
		return err
	}
	for _, file := range []*string{&c.CAFile, &c.ClientCert, &c.ClientKey} {
		if *file == "" {
			continue
		}
		// The bell's current folder is another one.
		if *file, err = filepath.Abs(*file); err != nil {
			return fmt.Errorf("find the file: %w", err)
		}
	}
	switch {
	case c.cookieStdin:
		c.SignIn = app.SignInSession
		c.Session, err = t.secret(true, "session cookie", "--session-cookie-stdin")
	case c.tokenStdin:
		c.SignIn = app.SignInToken
		c.Token, err = t.secret(true, "API token", "--token-stdin")
	default:
		c.SignIn = app.SignInPassword
		if c.Username, err = t.username(c.Username); err != nil {
			return err
		}
		c.Password, err = t.secret(c.passwordStdin, "password", "--password-stdin")
	}
	return err
}

// checkProxy refuses a proxy's password among the arguments.
func checkProxy(proxy string) error {
	if proxy == "" || proxy == "none" {
		return nil
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" {
		return usage("The proxy is not an address.", "Give it as http://proxy.example.com:3128, or none.")
	}
	if u.User != nil {
		return usage("The proxy's address carries a user name or password, which others could read.", "Leave them out.")
	}
	return nil
}

// username asks for the name where it was not given.
func (t *tool) username(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if !t.canAsk() {
		return "", usage("The user name is missing.", "Say --username, or see `bellhop connect --help` for the other ways to sign in.")
	}
	if err := t.ask("User name: "); err != nil {
		return "", err
	}
	// One byte at a time: what follows the line is the password.
	line, err := bufio.NewReaderSize(oneByte{t.in}, 16).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the user name: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		return "", usage("The user name is empty.", "Say --username.")
	}
	return line, nil
}

// oneByte reads no further than it is asked to.
type oneByte struct{ r io.Reader }

// Read implements [io.Reader].
func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

// connect lets the running bell sign in, or does it here under the bell's lock.
func (t *tool) connect(ctx context.Context, c app.Connect) (app.Account, error) {
	live := func() (account app.Account, err error) {
		err = t.withBell(ctx, func(ctx context.Context, bell *control.Client) error {
			var err error
			account, err = bell.Connect(ctx, c)
			return err
		})
		return account, err
	}
	account, err := live()
	if !errors.Is(err, app.ErrNotRunning) {
		return account, err
	}
	o, err := t.options(t.logger())
	if err != nil {
		return app.Account{}, err
	}
	account, err = program.Connect(ctx, o, c)
	if errors.Is(err, control.ErrAlreadyRunning) { // it was started meanwhile
		return live()
	}
	return account, err
}

func (t *tool) sayConnected(a app.Account) error {
	lines := []string{"Connected: " + a.Name() + "."}
	if a.SignIn == app.SignInToken {
		lines = append(lines, "DefectDojo keeps its list of alerts from an API token. Bellhop watches the server's objects instead and tells what happens; for the list itself, sign in with a password or a session cookie.")
	}
	if a.Insecure {
		lines = append(lines, "The server's certificate is not checked: anyone on the way can read and change what it sends.")
	}
	if c, err := t.bell(); err == nil {
		c.Close()
	} else {
		lines = append(lines, "Start the bell with `bellhop`.")
	}
	return t.say(a, lines...)
}
