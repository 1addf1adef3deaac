package inspect

// CutAt makes scanners read n bytes at a time, until the function returned is called.
func CutAt(n int) (restore func()) {
	before := chunk
	chunk = n
	return func() { chunk = before }
}
