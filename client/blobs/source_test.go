package blobs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func names(files []Source) (all []string) {
	for _, f := range files {
		all = append(all, f.Name)
	}
	return all
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"out/b.csv", "out/a.csv", "out/sub/c.csv", "out/.DS_Store", "other/a.csv", ".DS_Store"} {
		write(t, name, "x")
	}
	require.NoError(t, os.Symlink("../other", "out/link")) // to a folder: not followed
	require.NoError(t, os.Symlink("nowhere", "out/lost"))
	files, leftOut, err := Sources([]string{"out", "other/a.csv"})
	require.NoError(t, err)
	assert.Equal(t, []string{"out/a.csv", "out/b.csv", "out/sub/c.csv", "a.csv"}, names(files))
	assert.Equal(t, []string{"out/.DS_Store", "out/link", "out/lost"}, leftOut)

	t.Chdir("out")
	files, _, err = Sources([]string{"."})
	require.NoError(t, err)
	assert.Equal(t, []string{"a.csv", "b.csv", "sub/c.csv"}, names(files))
	t.Chdir(dir)

	for _, paths := range [][]string{{"nothing"}, {"out/a.csv", "other/a.csv"}, {"/dev/null"}, {t.TempDir()}} {
		_, _, err := Sources(paths)
		assert.Error(t, err, paths)
	}
	files, _, err = Sources([]string{".DS_Store"}) // who names it by itself means it
	require.NoError(t, err)
	assert.Equal(t, []string{".DS_Store"}, names(files))
}

// A blob has at most 50,000 blocks, and small files small ones.
func TestBlockSize(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1, smallBlock, largeFile, largeFile + 1, 50 << 30, 4 << 40} {
		assert.LessOrEqual(t, (size+blockSize(size)-1)/blockSize(size), int64(maxBlocks))
	}
	assert.Equal(t, int64(smallBlock), blockSize(largeFile))
}

// The ids of one blob have one length, whatever the place and the checksum.
func TestBlockID(t *testing.T) {
	t.Parallel()
	assert.Len(t, blockID(0, 0), 32)
	assert.Len(t, blockID(49_999, ^airlock.CRC64(0)), 32)
	assert.NotEqual(t, blockID(0, 1), blockID(1, 0))
	assert.NotEqual(t, blockID(1, 1), blockID(1, 2))
}

// Names that lead out of the folder, or mean something else on some system, are never written.
func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "..", ".", "../a", "a/../../b", "/etc/passwd", `..\a`, `a\b`, "C:/a", "C:a", "a/", "a//b", "a.", "a ", "a/..", "a:b", "a\x00b", "a\nb", "\u202ea", "．．/a"} {
		assert.NotEmpty(t, CheckName(name), "%q", name)
	}
	for _, name := range []string{"a.csv", "sub/a.csv", "gr\u00f6\u00dfe.csv", "a..b"} {
		assert.Empty(t, CheckName(name), "%q", name)
	}
}

// A link in the folder does not lead out of it.
func TestFolderStaysInside(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "sub")))
	require.NoError(t, os.Symlink(filepath.Join(outside, "sums.part"), filepath.Join(dir, ".sums.part")))
	f, err := OpenFolder(dir)
	require.NoError(t, err)
	defer f.Close()
	require.Error(t, f.Write("sub/x", []byte("x")))
	require.Error(t, f.Write("sums", []byte("x")))
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// A link to one file is used for that one alone.
func TestLinkToOneFile(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://a.example/c/sub/gr%C3%B6%C3%9Fe%20%2B1.csv?sr=b&sig=x%2Fy", "https://a.example/c/sub/gr%c3%b6%c3%9fe%20+1.csv?sr=b&sig=x%2Fy"} {
		got, err := above(address, "sub/gr\u00f6\u00dfe +1.csv")
		require.NoError(t, err)
		assert.Equal(t, "https://a.example/c?sr=b&sig=x%2Fy", got)
	}
	_, err := above("https://a.example/c/other.csv?sig=x", "a.csv")
	assert.ErrorContains(t, err, "another file")
}
