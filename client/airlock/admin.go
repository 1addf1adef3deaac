package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
)

func (a *app) adminCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "admin",
		Short: "Look after an airlock: health, doctor, parked events, reconcile",
		Example: `  airlock admin health
  airlock admin doctor
  airlock admin parked list`,
	}
	health := &cobra.Command{Use: "health", Short: "Show the service's health", Long: "Show the service's health. The exit code is 3 unless it is well.", Example: "  airlock admin health", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.health(c.Context()) }}
	doctor := &cobra.Command{Use: "doctor", Short: "Examine accounts, topics, keys, roles and registry, and say what mends them", Example: "  airlock admin doctor", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.doctor(c.Context()) }}
	reconcile := &cobra.Command{Use: "reconcile", Short: "Do now what is due", Long: "Do now what the reconciler does every few minutes, and look for containers that no request claims.", Example: "  airlock admin reconcile", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.operate(c.Context(), http.MethodPost, "reconcile", nil)
		}}
	parked := &cobra.Command{Use: "parked", Short: "Events that could not be handled", Example: "  airlock admin parked list\n  airlock admin parked redrive 0f6c2c1e-…"}
	list := &cobra.Command{Use: "list", Short: "List the parked events", Example: "  airlock admin parked list", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.parked(c.Context()) }}
	parked.AddCommand(list, a.redriveCommand("redrive", "Hand a parked event to its function once more", false), a.redriveCommand("discard", "Forget a parked event", true))
	c.AddCommand(health, doctor, reconcile, parked)
	return c
}

func (a *app) redriveCommand(name, short string, discard bool) *cobra.Command {
	return &cobra.Command{Use: name + " EVENT", Short: short, Example: "  airlock admin parked " + name + " 0f6c2c1e-…", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id := strings.ToLower(args[0])
			if !wholeID.MatchString(id) {
				return wrongUsage("%q is no id of an event; `airlock admin parked list` shows them", args[0])
			}
			return a.operate(c.Context(), http.MethodPost, "parked-events/"+id+"/redrive", map[string]bool{"discard": discard})
		}}
}

// operate makes a call that operators make and shows its answer as it is.
func (a *app) operate(ctx context.Context, method, name string, body any) error {
	api, err := a.connect()
	if err != nil {
		return err
	}
	raw, err := api.Operate(ctx, method, name, body)
	if err != nil {
		return err
	}
	return a.showRaw(raw)
}

// showRaw shows an answer of which nobody made a table.
func (a *app) showRaw(raw json.RawMessage) error {
	res := result{objects: []json.RawMessage{raw}}
	if a.flags.output == "table" && a.flags.jq == "" {
		return a.writeJSON(raw)
	}
	return a.show(res)
}

func (a *app) health(ctx context.Context) error {
	api, err := a.connect()
	if err != nil {
		return err
	}
	raw, err := api.Health(ctx)
	if err != nil {
		return err
	}
	var h struct {
		Status   string `json:"status"`
		Build    struct{ Version, Commit string }
		Services []struct{ Service, Status, Message string }
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	res := result{objects: []json.RawMessage{raw}, table: table{head: []string{"PART", "STATUS", "WHAT"}, elastic: 2}}
	for _, s := range h.Services {
		res.table.add(s.Service, s.Status, s.Message)
	}
	if err := a.show(res); err != nil {
		return err
	}
	a.say("The service is %s; it is version %s (%s).", h.Status, h.Build.Version, h.Build.Commit)
	if h.Status != "ok" {
		return &exitError{exitUnavailable, errSaid}
	}
	return nil
}

func (a *app) doctor(ctx context.Context) error {
	api, err := a.connect()
	if err != nil {
		return err
	}
	raw, err := api.Operate(ctx, http.MethodGet, "doctor", nil)
	if err != nil {
		return err
	}
	var d struct {
		Well     bool `json:"well"`
		Findings []struct{ State, About, Check, Says, Fix string }
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	res := result{objects: []json.RawMessage{raw}, table: table{head: []string{"STATE", "ABOUT", "CHECK", "SAYS", "WHAT MENDS IT"}, elastic: 3}}
	for _, f := range d.Findings {
		res.table.add(f.State, f.About, f.Check, f.Says, f.Fix)
	}
	if err := a.show(res); err != nil {
		return err
	}
	if !d.Well {
		return fail(exitFailed, "something is wrong, see above")
	}
	return nil
}

func (a *app) parked(ctx context.Context) error {
	api, err := a.connect()
	if err != nil {
		return err
	}
	raw, err := api.Operate(ctx, http.MethodGet, "parked-events", nil)
	if err != nil {
		return err
	}
	var list struct {
		Events []json.RawMessage `json:"parkedEvents"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	res := result{list: true, table: table{head: []string{"ID", "FUNCTION", "WHEN", "REASON"}, elastic: 3}}
	for _, raw := range list.Events {
		var e struct{ ID, Function, At, Reason string }
		if err := json.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("the answer cannot be read: %w", err)
		}
		res.objects, res.ids = append(res.objects, raw), append(res.ids, e.ID)
		res.table.add(e.ID, e.Function, e.At, e.Reason)
	}
	if len(list.Events) == 0 {
		a.say("No event is parked.")
	}
	return a.show(res)
}

func (a *app) apiCommand() *cobra.Command {
	data := ""
	c := &cobra.Command{
		Use:   "api METHOD PATH",
		Short: "Call the API with your sign-in",
		Long: `Call the API, e.g. for what no command does, and print the answer. PATH begins behind /api.
{workspace} in it becomes the id of the workspace in use. A path below a workspace is
called with a token of that workspace, all others with one of the TRE.`,
		Example: `  airlock api GET /workspaces/{workspace}/requests --jq '.airlockRequests | length'
  airlock api POST /workspaces/{workspace}/requests/ID/claim
  airlock api PUT /workspaces/{workspace} -d @document.json`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.callAPI(c.Context(), strings.ToUpper(args[0]), args[1], data)
		},
	}
	c.Flags().StringVarP(&data, "data", "d", "", "JSON to send, or @FILE, or @- for stdin")
	return c
}

func (a *app) callAPI(ctx context.Context, method, path, data string) error {
	api, err := a.connect()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(path, "/") {
		return wrongUsage("PATH begins with a slash, e.g. /workspaces")
	}
	if strings.Contains(path, "{workspace}") {
		id, err := a.workspaceOf(ctx, "")
		if err != nil {
			return err
		}
		path = strings.ReplaceAll(path, "{workspace}", id)
	}
	call := client.Call{Method: method, For: client.Audience{Workspace: below(path)}}
	if call.Path, call.Query, err = splitQuery(path); err != nil {
		return &exitError{exitUsage, err}
	}
	if call.Body, err = a.body(data); err != nil {
		return err
	}
	answer, err := api.Do(ctx, call)
	if err != nil {
		return err
	}
	if !json.Valid(answer.Raw) { // an archive, a page
		_, err := a.stdout.Write(answer.Raw)
		return err
	}
	return a.showRaw(answer.Raw)
}

// body is the JSON to send, nil for none.
func (a *app) body(data string) (any, error) {
	if data == "" {
		return nil, nil
	}
	text := data
	if file, ok := strings.CutPrefix(data, "@"); ok {
		var err error
		if text, err = a.textOf("", file); err != nil {
			return nil, err
		}
	}
	if !json.Valid([]byte(text)) {
		return nil, wrongUsage("what is sent has to be JSON")
	}
	return json.RawMessage(text), nil
}
