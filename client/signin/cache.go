package signin

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"
)

// fileCache keeps tokens in a file that only its owner can read, as the Azure CLI does
// on Linux. Where it cannot be written, tokens are good for this run of the program.
type fileCache struct {
	file string
	lost error // why the tokens could not be kept
}

// Replace implements cache.ExportReplace.
func (f *fileCache) Replace(_ context.Context, c cache.Unmarshaler, _ cache.ReplaceHints) error {
	body, err := os.ReadFile(f.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		body, err = unprotect(body)
	}
	if err != nil {
		return err
	}
	return c.Unmarshal(body)
}

// Export implements cache.ExportReplace. A token that was got is a token, kept or not.
func (f *fileCache) Export(_ context.Context, c cache.Marshaler, _ cache.ExportHints) error {
	body, err := c.Marshal()
	if err == nil {
		body, err = protect(body)
	}
	if err == nil {
		err = f.write(body)
	}
	f.lost = err
	return nil
}

// write replaces the file in one step.
func (f *fileCache) write(body []byte) error {
	if err := os.MkdirAll(filepath.Dir(f.file), 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(f.file), "tokens-*") // 0600
	if err != nil {
		return err
	}
	_, err = next.Write(body)
	if err = errors.Join(err, next.Close()); err == nil {
		err = os.Rename(next.Name(), f.file)
	}
	if err != nil {
		_ = os.Remove(next.Name())
	}
	return err
}
