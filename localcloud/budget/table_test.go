package budget

import "io"

func printComparisons(io.Writer) {}
