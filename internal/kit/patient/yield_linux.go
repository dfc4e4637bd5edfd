package patient

import "syscall"

// niceness gives a thread about a tenth of what another gets that wants the same core, and all of a core that nobody wants.
const niceness = 10

// yield lowers the priority of the calling thread; on Linux each has its own. Where that is refused, it works at the common one.
func yield() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness) }
