package main

import (
	"github.com/spf13/cobra"
)

// Groups of commands, in the order of a newcomer's day.
const (
	groupRequest = "request"
	groupReview  = "review"
	groupSetUp   = "setup"
	groupProof   = "proof"
	groupAdmin   = "admin"
)

const environment = `  AIRLOCK_TOKEN        a bearer token, instead of any sign-in
  AIRLOCK_CONTEXT      the context to use, as --context
  AIRLOCK_URL          an airlock without a context; sign-in as with --azure-cli
  AIRLOCK_WORKSPACE    the workspace, as -w (TRECLI_WORKSPACE_ID is read as well)
  AIRLOCK_OUTPUT       the form of results, as -o (TRECLI_OUTPUT is read as well)
  NO_COLOR             no bold text
  XDG_CONFIG_HOME      where the contexts are kept (default ~/.config)
  XDG_STATE_HOME       where tokens and known ids are kept (default ~/.local/state)
  HTTPS_PROXY, SSL_CERT_FILE, EDITOR   as elsewhere
`

// root is the whole command line.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "airlock",
		Short: "Bring data into and out of a research environment",
		Long: `airlock brings data into and out of the workspaces of a Trusted Research Environment.

A request goes through these hands:

  you        open it, upload files, submit it       airlock new … --submit
  airlock    copies the files and scans them         airlock watch @last
  a manager  looks at them and decides               airlock review @last
  you        download what was released              airlock download @last

A request is named by its id, by the first six or more characters of an id you have
seen, by its address in a mail or in the browser, or by @last: the one you used last.`,
		Example: `  airlock login https://airlock.example.org/api
  airlock new export -w genomics --title "Blood counts" --reason "For the paper" results/*.csv --submit
  airlock watch @last
  airlock download @last released/`,
		Version:           version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: a.prepare,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate("airlock {{.Version}}\n")
	f := root.PersistentFlags()
	f.StringVarP(&a.flags.output, "output", "o", "", "form of the result: table, json, jsonl, id or none")
	f.StringVarP(&a.flags.workspace, "workspace", "w", "", "workspace, by name or id (default: the one in use, see 'airlock workspace use')")
	f.StringVar(&a.flags.context, "context", "", "which airlock and which sign-in, see 'airlock context list'")
	f.StringVar(&a.flags.jq, "jq", "", "filter the JSON result with a jq expression")
	f.BoolVar(&a.flags.noColor, "no-color", false, "no bold text (NO_COLOR does the same)")
	f.BoolVar(&a.flags.debug, "debug", false, "write a line for every call to stderr, without tokens and signatures")
	root.AddGroup(&cobra.Group{ID: groupRequest, Title: "Your requests:"}, &cobra.Group{ID: groupReview, Title: "Reviewing:"},
		&cobra.Group{ID: groupProof, Title: "Evidence:"}, &cobra.Group{ID: groupSetUp, Title: "Signing in and choosing:"}, &cobra.Group{ID: groupAdmin, Title: "Running an airlock:"})
	a.add(root, groupRequest, a.newCommand, a.checkCommand, a.uploadCommand, a.filesCommand, a.submitCommand, a.listCommand, a.showCommand, a.watchCommand, a.downloadCommand, a.linkCommand, a.cancelCommand, a.retryCommand, a.editCommand, a.commentCommand, a.turnsCommand)
	a.add(root, groupReview, a.reviewCommand, a.findingsCommand, a.claimCommand, a.revokeCommand)
	a.add(root, groupProof, a.historyCommand, a.receiptCommand, a.verifyCommand)
	a.add(root, groupSetUp, a.loginCommand, a.logoutCommand, a.whoamiCommand, a.contextCommand, a.workspaceCommand, a.versionCommand, a.manCommand)
	a.add(root, groupAdmin, a.policyCommand, a.adminCommand, a.giveUpCommand, a.apiCommand)
	root.SetHelpCommandGroupID(groupSetUp)
	root.SetCompletionCommandGroupID(groupSetUp)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return wrongUsage("%w; `%s --help` lists the flags", err, c.CommandPath())
	})
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp))
	_ = root.RegisterFlagCompletionFunc("workspace", a.completeWorkspaces)
	_ = root.RegisterFlagCompletionFunc("context", a.completeContexts)
	root.AddCommand(&cobra.Command{Use: "environment", Short: "Which environment variables count", Long: "Which environment variables count:\n\n" + environment})
	root.AddCommand(&cobra.Command{Use: "exit-codes", Short: "What exit codes mean", Long: "What exit codes mean:\n\n" + exitCodes})
	return root
}

// add adds commands to a group. Wrong arguments are wrong usage, wherever they stand.
func (a *app) add(parent *cobra.Command, group string, makers ...func() *cobra.Command) {
	for _, maker := range makers {
		c := maker()
		c.GroupID = group
		a.strictArgs(c)
		parent.AddCommand(c)
	}
}

// strictArgs gives errors about arguments their exit code, and a command that only has
// others below it an error for words that it does not know.
func (a *app) strictArgs(c *cobra.Command) {
	check, run := c.Args, c.RunE
	c.Args = func(c *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		if err := check(c, args); err != nil {
			return wrongUsage("too few or too many words: write `%s`; `%s --help` shows more", c.UseLine(), c.CommandPath())
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		a.running = true
		switch {
		case run != nil:
			return run(c, args)
		case len(args) > 0:
			return wrongUsage("there is no command %q; `%s --help` lists those there are", args[0], c.CommandPath())
		}
		return c.Help()
	}
	for _, below := range c.Commands() {
		a.strictArgs(below)
	}
}
