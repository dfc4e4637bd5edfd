package patient

import "syscall"

// Niceness is from -20 to 19. Ten more give a thread about a tenth of what another gets that wants the same core, and all of a core
// that nobody wants.
const (
	nicer   = 10
	nicest  = 19
	counted = 20 // what the system call tells is this less the niceness
)

// yield lowers the priority of the calling thread; on Linux each has its own. Where that is refused, it works at the common one.
func yield() {
	thread := syscall.Gettid()
	if p, err := syscall.Getpriority(syscall.PRIO_PROCESS, thread); err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, thread, min(counted-p+nicer, nicest))
	}
}
