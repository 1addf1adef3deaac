package story

import (
	"fmt"
	"strings"
)

func shortened(name string) string {
	if r := []rune(name); len(r) > 40 {
		return fmt.Sprintf("%s… (%d characters)", string(r[:30]), len(r))
	}
	return name
}

func sizeOf(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// filesInWords names one file and counts many.
func (p *Play) filesInWords() string {
	if len(p.files) == 1 {
		return shortened(p.files[0].Name)
	}
	return fmt.Sprintf("%d files", len(p.files))
}

func join(words []string) string { return strings.Join(words, ", ") }
