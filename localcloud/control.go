package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"example.org/airlock/localcloud/cloud"
)

// call makes a request to the control port of the cloud in dir and copies the answer's text to stdout.
func call(ctx context.Context, dir, method, path string, stdout io.Writer) error {
	e, err := cloud.ReadEndpoints(dir)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, e.Control+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the local cloud in %s does not answer: %w", dir, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(text)))
	}
	_, err = io.Copy(stdout, resp.Body)
	return err
}

// mail lists the mails the Logic App would have sent.
func mail(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("mail", stderr)
	if err := parse(set, args); err != nil {
		return err
	}
	return call(ctx, *dir, http.MethodGet, "/logicapp/mails", stdout)
}

// verdict says what Defender finds in the next request's files, or in all.
func verdict(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("verdict", stderr)
	words := map[string]*bool{}
	for word, meaning := range map[string]string{"clean": "no threats", "malicious": "malware", "error": "the scan fails",
		"none": "no verdict ever comes", "auto": "what the file deserves: malware for the EICAR test file only"} {
		words[word] = set.Bool(word, false, meaning)
	}
	blob := set.String("blob", "", "only for blobs whose account/container/name contains this")
	always := set.Bool("always", false, "for all requests until --auto, not just for the next one")
	if err := parse(set, args); err != nil {
		return err
	}
	var chosen []string
	set.Visit(func(f *flag.Flag) {
		if b := words[f.Name]; b != nil && *b {
			chosen = append(chosen, f.Name)
		}
	})
	if len(chosen) != 1 {
		return errors.New("say one of --clean, --malicious, --error, --none, --auto")
	}
	query := url.Values{"verdict": chosen, "blob": {*blob}, "last": {strconv.FormatBool(*always)}}
	return call(ctx, *dir, http.MethodPost, "/defender/verdict?"+query.Encode(), stdout)
}

// kill kills the handler, not the cloud.
func kill(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("kill", stderr)
	if err := parse(set, args); err != nil {
		return err
	}
	return call(ctx, *dir, http.MethodPost, "/handler/kill", stdout)
}

// events stops and starts the delivery of events.
func events(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] != "pause" && args[0] != "resume" {
		return errors.New("say pause or resume")
	}
	set, dir := flags("events", stderr)
	if err := parse(set, args[1:]); err != nil {
		return err
	}
	return call(ctx, *dir, http.MethodPost, "/events/"+args[0], stdout)
}
