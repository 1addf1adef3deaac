package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"example.org/airlock/localcloud/chaos"
)

// breakThings plays stories while everything goes wrong, and fails if the inquest finds anything.
func breakThings(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("chaos", stderr)
	set.Lookup("dir").Usage = "where the clouds keep their state, which then stays (default: a temporary directory, kept if something is found)"
	set.Lookup("dir").DefValue = ""
	*dir = ""
	seed := set.Uint64("seed", uint64(time.Now().UnixNano()%1e6), "decides what goes wrong when")
	requests := set.Int("requests", 300, "requests of the storm; 0 for none")
	crash := set.String("crash", "sample", "crash at all points, at a sample of them, or none; or at one, such as import-approved/before/EntityTransaction-3")
	lanes := set.Int("lanes", 3, "local clouds that crash side by side")
	tamper := set.Bool("tamper", true, "try the attacks on bytes and records")
	insiders := set.Int("insiders", 100, "requests of the storm in which insiders do damage; 0 for none")
	bombs := set.String("bombs", "few", "upload all files that are made to break a reader, a few of them, or none")
	minutes := set.Float64("minutes", 30, "begin nothing new after this time")
	root := set.String("root", "", "repository with host.json, functions and build (default: the one this program was built in)")
	if err := parse(set, args); err != nil {
		return err
	}
	own, _, err := ownCloud(*root, ".")
	if err != nil {
		return err
	}
	temporary := *dir == ""
	if temporary {
		if *dir, err = os.MkdirTemp("", "airlock-chaos-"); err != nil {
			return err
		}
	}
	if *dir, err = filepath.Abs(*dir); err != nil {
		return err
	}
	o := chaos.Options{Seed: *seed, Requests: *requests, Crash: *crash, Lanes: *lanes, Storm: *requests > 0, Tamper: *tamper, Insiders: *insiders, Dark: *requests > 0, Bombs: *bombs, Memory: true,
		Until: time.Now().Add(time.Duration(*minutes * float64(time.Minute))), Cloud: own, Dir: *dir, Progress: stderr}
	if program := filepath.Join(own.Root, "build", "airlock-verify"); exists(program) {
		o.Verifier = program
	}
	if *crash != "all" && *crash != "sample" && *crash != "none" {
		o.Only = *crash
	}
	fmt.Fprintf(stderr, "chaos: seed %d, logs below %s\n", *seed, *dir)
	results, err := chaos.Run(ctx, o)
	clean := chaos.Report(stdout, results, func(f chaos.Finding) string { return f.Repeat(*seed, *requests, *insiders) })
	fmt.Fprintf(stdout, "\nThe same again: build/localcloud chaos --seed %d --requests %d --crash %s --tamper=%v --insiders %d --bombs %s\n", *seed, *requests, *crash, *tamper, *insiders, *bombs)
	if err == nil && !clean {
		err = errors.New("chaos found something; the logs are below " + *dir)
	}
	if err == nil && temporary {
		err = os.RemoveAll(*dir)
	}
	return err
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
