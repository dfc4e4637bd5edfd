package app

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/dangol/dangol/internal/kit/fault"
)

var errInUse = fault.New(fault.Conflict, "app.data_in_use", "another dangol has this data folder open").
	Then("Let it finish or stop it, or use another folder with --data.")

// lockFolder makes the data folder and holds it for this process; the system lets go of it when the process ends,
// however it ends.
func lockFolder(c Config) (release func() error, err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "app.no_folder", "the data folder cannot be made").
			At(fault.Place{File: c.Data}).Then("Check that this user may write there, or name another with --data.").Because(err)
	}
	f, err := os.OpenFile(c.path("dangol.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "app.no_folder", "the data folder cannot be written").
			At(fault.Place{File: c.Data}).Then("Check that this user may write there, or name another with --data.").Because(err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, errInUse.At(fault.Place{File: c.Data}).Because(fmt.Errorf("flock: %w", err))
	}
	return f.Close, nil
}
