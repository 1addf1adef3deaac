package keys

// NewSecret shows the type that holds a sealing key.
func NewSecret(b []byte) any { return newSecret(b) }
