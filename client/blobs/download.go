package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"example.org/airlock/handler/airlock"
)

// Wanted is a file to download and what its bytes have to be.
type Wanted struct {
	Name   string
	Size   int64
	SHA256 string // "": not known, which only the size can be held against
}

// MismatchError says that bytes are not those that were expected.
type MismatchError struct{ Name, Want, Got string }

// Error implements error.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%q is not the file that was released: expected %s, got %s. Nothing of it was kept; tell your TRE's operators", e.Name, e.Want, e.Got)
}

// NameError says that a file cannot get the name that it has.
type NameError struct{ Name, Why string }

// Error implements error.
func (e *NameError) Error() string {
	return fmt.Sprintf("the file %q is not written: its name %s", e.Name, e.Why)
}

// Folder is the folder that files are downloaded to. Nothing is ever written outside.
type Folder struct{ root *os.Root }

// OpenFolder opens a folder, and makes it if need be.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	return &Folder{root}, err
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// CheckName returns why a name is not written on this system, "" for no reason.
func CheckName(name string) string {
	if bad := airlock.CheckFileName(name, airlock.UnicodeNames); bad != "" {
		return bad
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) { // on Windows also names of devices
		return "means something else on this system"
	}
	return ""
}

// partOf is the name of a file that is not complete. No file of a request has a name
// that begins with a dot, so it is never one of those.
func partOf(name string) string {
	dir, base := filepath.Split(name)
	return dir + "." + base + ".part"
}

// Download writes a file below the folder: to .NAME.part while it arrives, under its
// name once its bytes are those that were wanted. A file that is there with these very
// bytes is left alone; one with others is not touched. It returns the SHA-256.
func (c *Container) Download(ctx context.Context, w Wanted, to *Folder, moved func(n int64)) (sum string, err error) {
	if bad := CheckName(w.Name); bad != "" {
		return "", &NameError{w.Name, bad}
	}
	name := filepath.FromSlash(w.Name)
	if sum, there, err := to.lies(name); err != nil || there {
		return sum, existing(w, sum, err)
	}
	if dir := path.Dir(w.Name); dir != "." {
		if err := to.root.MkdirAll(filepath.FromSlash(dir), 0o750); err != nil {
			return "", err
		}
	}
	file, err := to.root.Create(partOf(name))
	if err != nil {
		return "", err
	}
	sum, err = c.Fetch(ctx, w, file, moved)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = to.root.Rename(partOf(name), name)
	}
	if err != nil {
		return "", errors.Join(err, to.root.Remove(partOf(name)))
	}
	return sum, nil
}

// lies hashes a file that is there already.
func (f *Folder) lies(name string) (sum string, there bool, err error) {
	file, err := f.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return hex.EncodeToString(hash.Sum(nil)), true, err
}

func existing(w Wanted, sum string, err error) error {
	if err != nil || w.SHA256 != "" && sum == w.SHA256 {
		return err
	}
	return fmt.Errorf("%q is there already with other content; name another folder, or move it away", w.Name)
}

// Fetch writes a blob to a file and compares it on the way. It returns the SHA-256, and a
// *MismatchError for other bytes than were wanted, of which some are written by then.
func (c *Container) Fetch(ctx context.Context, w Wanted, file io.Writer, moved func(int64)) (string, error) {
	var body io.ReadCloser
	err := c.with(ctx, func(client *container.Client) error {
		got, err := client.NewBlobClient(w.Name).DownloadStream(ctx, nil)
		if err == nil {
			body = got.NewRetryReader(ctx, &blob.RetryReaderOptions{MaxRetries: 5})
		}
		return err
	})
	if refusal, ok := errors.AsType[*StorageError](err); ok && refusal.Code == string(bloberror.BlobNotFound) {
		return "", &MismatchError{w.Name, "the file", "none: it is not there any more"}
	}
	if err != nil {
		return "", err
	}
	defer body.Close()
	hash := sha256.New()
	// One byte more than expected is enough to know.
	n, err := io.Copy(io.MultiWriter(file, hash, counter(moved)), io.LimitReader(body, w.Size+1))
	if err != nil {
		return "", c.explain(ctx, err)
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	switch {
	case n != w.Size:
		return "", &MismatchError{w.Name, fmt.Sprintf("%d bytes", w.Size), fmt.Sprintf("%d or more", n)}
	case w.SHA256 != "" && sum != w.SHA256:
		return "", &MismatchError{w.Name, "SHA-256 " + w.SHA256, sum}
	}
	return sum, nil
}

// counter tells of what is written to it.
type counter func(int64)

// Write implements io.Writer.
func (c counter) Write(b []byte) (int, error) {
	if c != nil {
		c(int64(len(b)))
	}
	return len(b), nil
}

// Write writes a small file of evidence beside the files, in one step.
func (f *Folder) Write(name string, content []byte) error {
	if err := f.root.WriteFile(partOf(name), content, 0o600); err != nil {
		return errors.Join(err, f.root.Remove(partOf(name)))
	}
	return f.root.Rename(partOf(name), name)
}
