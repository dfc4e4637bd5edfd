//go:build unix

package recall

import (
	"syscall"
	"unsafe"
)

// allocate takes memory from the system, outside Go's heap: a filter lives long, holds no pointers, and would only make the
// collector wait for twice its size before it works.
func allocate(words int) ([]uint64, func() error, error) {
	b, err := syscall.Mmap(-1, 0, words*8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, nil, err
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), words), func() error { return syscall.Munmap(b) }, nil //nolint:gosec // page-aligned
}
