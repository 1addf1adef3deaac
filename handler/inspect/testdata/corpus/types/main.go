// Command types says what mimetype takes files for: a second opinion about their types. It reads paths, one a line, and
// writes for each its media type and those that it is a kind of, tabs between them.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		kind, err := mimetype.DetectFile(lines.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		var kinds []string
		for k := kind; k != nil; k = k.Parent() {
			name, _, _ := strings.Cut(k.String(), ";")
			kinds = append(kinds, name)
		}
		fmt.Fprintln(out, strings.Join(kinds, "\t"))
	}
}
