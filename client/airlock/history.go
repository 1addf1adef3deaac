package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/client/proof"
	"example.org/airlock/handler/airlock"
)

// trail is an audit trail as the API answers it.
type trail struct {
	RequestID    string            `json:"requestId"`
	WorkspaceID  string            `json:"workspaceId"`
	Head         proof.Head        `json:"head"`
	Records      []json.RawMessage `json:"records"`
	Next         *string           `json:"nextPage"`
	Verification struct {
		OK       bool `json:"ok"`
		Problems []struct {
			Seq  int    `json:"seq"`
			What string `json:"what"`
		} `json:"problems"`
	} `json:"verification"`
}

// record is the visible part of an audit record.
type record struct {
	proof.Record
	Said struct {
		At     string `json:"at"`
		Action string `json:"action"`
		From   string `json:"from"`
		To     string `json:"to"`
		Reason string `json:"reason"`
		Actor  struct {
			Name, ID, Kind, Component string
		} `json:"actor"`
		Security bool `json:"security"`
	} `json:"record"`
}

func (a *app) historyCommand() *cobra.Command {
	verify, security := false, false
	c := &cobra.Command{
		Use:   "history ID",
		Short: "Show a request's audit trail, and verify it",
		Long: `Show everything that happened to a request, in order. With --verify the chain is recomputed
here from the stored records: an edited, removed or added record shows. (What the service
itself says about the chain is not asked. For auditors there is a separate program,
airlock-verify, which also checks anchors, receipts and signatures.)`,
		Example: `  airlock history @last
  airlock history @last --verify
  airlock history @last --security`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.history(c.Context(), args[0], verify, security) },
	}
	c.Flags().BoolVar(&verify, "verify", false, "recompute the chain here")
	c.Flags().BoolVar(&security, "security", false, "only what an auditor reads first: refusals, changed bytes")
	return c
}

func (a *app) history(ctx context.Context, id string, verify, security bool) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	t, err := a.trail(ctx, r)
	if err != nil {
		return err
	}
	res := result{list: true, table: table{head: []string{"#", "WHEN (UTC)", "WHO", "WHAT", "FROM", "TO", "REASON"}, elastic: 6, optional: []int{4, 5}}}
	var chain []proof.Record
	for _, raw := range t.Records {
		var rec record
		if err := json.Unmarshal(raw, &rec); err != nil {
			return fmt.Errorf("the audit trail cannot be read: %w", err)
		}
		chain = append(chain, rec.Record)
		if s := rec.Said; !security || s.Security {
			res.objects, res.ids = append(res.objects, raw), append(res.ids, fmt.Sprint(rec.Seq))
			at, _, _ := strings.Cut(strings.TrimSuffix(s.At, "Z"), ".")
			res.table.add(fmt.Sprint(rec.Seq), at, first(s.Actor.Name, s.Actor.ID, s.Actor.Component, s.Actor.Kind), s.Action, s.From, s.To, s.Reason)
		}
	}
	if err := a.show(res); err != nil || !verify {
		return err
	}
	return a.verifyChain(t, r, chain)
}

// trail gets all pages of a trail.
func (a *app) trail(ctx context.Context, r client.Ref) (trail, error) {
	var whole trail
	query := url.Values{}
	for {
		raw, err := a.api.Sub(ctx, r, "history", query)
		if err != nil {
			return whole, err
		}
		page := trail{}
		if err := json.Unmarshal(raw, &page); err != nil {
			return whole, fmt.Errorf("the audit trail cannot be read: %w", err)
		}
		page.Records = append(whole.Records, page.Records...)
		whole = page
		if page.Next == nil {
			return whole, nil
		}
		query.Set("page", *page.Next)
	}
}

func (a *app) verifyChain(t trail, r client.Ref, chain []proof.Record) error {
	wrong, hidden := proof.CheckChain(r.Workspace, r.Request, chain, t.Head)
	for _, line := range wrong {
		a.say("WRONG  %s", line)
	}
	if len(wrong) > 0 {
		return fail(exitUnverified, "the audit trail is not right; do not rely on it, and tell your TRE's operators")
	}
	a.say("The chain of %d records is right; it ends with %s.", len(chain), t.Head.Hash)
	if hidden > 0 {
		a.say("%d records name files that you may not see yet: of them only the places in the chain were checked.", hidden)
	}
	return nil
}

func (a *app) receiptCommand() *cobra.Command {
	out := ""
	var keys string
	c := &cobra.Command{
		Use:   "receipt ID",
		Short: "Get the signed receipt of a release",
		Long: `Get the receipt that the airlock signed when the request was released, and check its
signature: which files with which checksums, who decided, what the scan said. Hand it on
with the files; anybody can verify it with airlock-verify and the airlock's public keys.`,
		Example: `  airlock receipt @last
  airlock receipt @last -O release.json`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.receipt(c.Context(), args[0], out, keys) },
	}
	c.Flags().StringVarP(&out, "out-file", "O", "", "write the receipt to this file, as it was signed")
	c.Flags().StringVar(&keys, "public-key", "", "file with the keys to believe (default: those that the airlock publishes)")
	return c
}

func (a *app) receipt(ctx context.Context, id, out, keyFile string) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	stored, said, err := a.signedReceipt(ctx, r, keyFile)
	if err != nil {
		return err
	}
	a.say("The receipt is signed by the airlock.")
	if out != "" {
		return replaceFile(out, stored)
	}
	var f facts
	f.add("Receipt", said.Title)
	f.add("Request", said.Request)
	f.add("What", said.Type+" of workspace "+said.Workspace.DisplayName)
	f.add("Released", moment(said.Released))
	lines := ""
	for _, file := range said.Files {
		lines += fmt.Sprintf("%s  %s  sha256 %s\n", oneLine(file.Name), size(file.Size), first(file.SHA256, "none: too large to hash"))
	}
	f.add("Files", lines)
	return a.show(result{objects: []json.RawMessage{stored}, ids: []string{r.Request}, text: f.b.String()})
}

// receiptWithin is how long the receipt of an approved request is waited for: the airlock signs
// it when the reviewed copies are gone, a moment after the release.
const receiptWithin = 30 * time.Second

// storedReceipt gets a receipt as it was signed. Where the request is approved it waits for it.
func (a *app) storedReceipt(ctx context.Context, r client.Ref) (json.RawMessage, error) {
	for until := time.Now().Add(receiptWithin); ; {
		stored, err := a.api.Sub(ctx, r, "receipt", nil)
		if p, refused := errors.AsType[*client.Problem](err); !refused || p.Code != client.CodeNoReceipt || time.Now().After(until) {
			return stored, err
		}
		e, _, unread := a.api.Get(ctx, r, "")
		if unread != nil || e.Request.Status != string(airlock.Approved) {
			return nil, err
		}
		if err := pauseFor(ctx, time.Second/2); err != nil {
			return nil, err
		}
	}
}

// signedReceipt gets a receipt and checks that it is signed, and about this request.
func (a *app) signedReceipt(ctx context.Context, r client.Ref, keyFile string) (stored json.RawMessage, said proof.Receipt, err error) {
	if stored, err = a.storedReceipt(ctx, r); err != nil {
		return nil, said, err
	}
	var set []byte
	if keyFile != "" {
		set, err = os.ReadFile(keyFile)
	} else {
		set, err = a.api.ReceiptKeys(ctx)
	}
	if err != nil {
		return nil, said, err
	}
	keys, err := proof.ParseKeys(set)
	if err == nil {
		said, err = proof.OpenReceipt(stored, keys)
	}
	if err == nil && (said.Request != r.Request || said.Workspace.ID != r.Workspace) {
		err = fmt.Errorf("the receipt is about another request: %s", said.Request)
	}
	if err != nil {
		return nil, said, &exitError{exitUnverified, err}
	}
	return stored, said, nil
}
