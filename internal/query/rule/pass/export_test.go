package pass

// WithMemory lets customers take little memory together until the test ends.
func WithMemory(bytes int) (undo func()) {
	was := memory
	memory = bytes
	return func() { memory = was }
}
