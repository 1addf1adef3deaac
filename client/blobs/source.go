package blobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
)

// Source is a file on disk and the name that it gets in the request.
type Source struct {
	Path string
	Name string
	Size int64
}

// Sources finds the files that paths name. A file gets its own name; the files of a
// folder keep the folder's name and the path below it, with slashes; those of "." their
// path below it. leftOut are files that computers leave by themselves, which nobody
// meant to send. Symbolic links inside a folder are followed to files only.
func Sources(paths []string) (files []Source, leftOut []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil, fmt.Errorf("there is no file or folder %q", path)
		case err != nil:
			return nil, nil, err
		case info.IsDir():
			found, litter, err := folder(path)
			if err != nil {
				return nil, nil, err
			}
			files, leftOut = append(files, found...), append(leftOut, litter...)
		case !info.Mode().IsRegular():
			return nil, nil, fmt.Errorf("%q is no file that can be sent", path)
		default: // who names a file by itself means it
			files = append(files, Source{Path: path, Name: filepath.Base(path), Size: info.Size()})
		}
	}
	if len(files) == 0 {
		return nil, leftOut, errors.New("there are no files in what you named")
	}
	return files, leftOut, twice(files)
}

func folder(dir string) (files []Source, leftOut []string, err error) {
	prefix := filepath.Base(filepath.Clean(dir))
	if prefix == "." || prefix == ".." || prefix == string(filepath.Separator) {
		prefix = ""
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil || entry.IsDir() {
			return err
		}
		name := filepath.ToSlash(filepath.Join(prefix, below))
		info, err := os.Stat(path)
		switch {
		case err != nil && entry.Type()&fs.ModeSymlink != 0: // it leads nowhere
			leftOut = append(leftOut, name)
		case err != nil:
			return err
		case airlock.IsLitter(name), !info.Mode().IsRegular():
			leftOut = append(leftOut, name)
		default:
			files = append(files, Source{Path: path, Name: name, Size: info.Size()})
		}
		return nil
	})
	slices.SortFunc(files, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return files, leftOut, err
}

// twice refuses two files that would get one name.
func twice(files []Source) error {
	paths := map[string]string{}
	for _, f := range files {
		if before, ok := paths[f.Name]; ok {
			return fmt.Errorf("%q and %q would both be called %q in the request", before, f.Path, f.Name)
		}
		paths[f.Name] = f.Path
	}
	return nil
}
