package load

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is what the system tells of one.
type Process struct {
	CPU    time.Duration
	Memory int64
}

// Usage tells of a process on this machine; of pid 0 nothing.
func Usage(pid int) (p Process) {
	if pid == 0 {
		return p
	}
	if pid == os.Getpid() {
		var u syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
			p.CPU = time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
		return p
	}
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	stat, _ := os.ReadFile(filepath.Join(folder, "stat"))
	if _, rest, ok := strings.Cut(string(stat), ") "); ok {
		if f := strings.Fields(rest); len(f) > 13 {
			user, _ := strconv.ParseInt(f[11], 10, 64)
			system, _ := strconv.ParseInt(f[12], 10, 64)
			p.CPU = time.Duration(user+system) * 10 * time.Millisecond
		}
	}
	status, _ := os.ReadFile(filepath.Join(folder, "status"))
	if _, rest, ok := strings.Cut(string(status), "VmRSS:"); ok {
		if f := strings.Fields(rest); len(f) > 0 {
			kb, _ := strconv.ParseInt(f[0], 10, 64)
			p.Memory = kb << 10
		}
	}
	return p
}
