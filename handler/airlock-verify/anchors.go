package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

func anchorsCommand(args []string, r *report) error {
	set := flag.NewFlagSet("anchors", flag.ContinueOnError)
	var keyFiles repeated
	set.Var(&keyFiles, "keys", "")
	trails := set.String("trails", "", "")
	dirs, err := options(set, args)
	if err != nil {
		return err
	}
	if len(dirs) != 1 || len(keyFiles) == 0 {
		return fmt.Errorf("anchors needs one directory and --keys: %w", errUsage)
	}
	keys, err := readKeys(keyFiles)
	if err != nil {
		return err
	}
	l := &log{keys: keys, report: r}
	if err := l.read(os.DirFS(dirs[0])); err != nil {
		return err
	}
	l.checkChain()
	l.checkHeads()
	if *trails == "" {
		return nil
	}
	return l.checkTrails(*trails)
}

var anchorName = regexp.MustCompile(`^(\d{12,18})\.json$`)

// entriesOf lists the numbers of the entries in dir, ascending.
func entriesOf(dir fs.FS) ([]int, error) {
	list, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range list {
		if m := anchorName.FindStringSubmatch(e.Name()); m != nil {
			n, _ := strconv.Atoi(m[1]) // at most 18 digits
			if entryName(n) == e.Name() {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func entryName(n int) string { return fmt.Sprintf("%012d.json", n) }

// checkTrails compares every trail in dir with its anchors.
func (l *log) checkTrails(dir string) error {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".json" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("there are no trails (*.json) in " + dir)
	}
	seen := map[string]bool{}
	for _, file := range files {
		t, err := readTrail(file)
		if err != nil {
			return err
		}
		seen[t.name()] = true
		t.check(l.report)
		t.checkAnchored(l, t.exported())
	}
	absent := map[string]bool{}
	for _, h := range l.heads {
		if !seen[h.Trail] {
			absent[h.Trail] = true
		}
	}
	if len(absent) > 0 {
		l.note("there is no trail here of %s that the log has anchored", count(len(absent), "request"))
	}
	return nil
}
