package recall

import (
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	lookForRoom = 250 * time.Millisecond
	leastRoom   = 8 << 20 // with which writing goes on
	tellOfRoom  = time.Minute
)

// room lets the engine wait on a full disk. By itself it would end the process: what it could not write to its log must not
// count. So the write waits until there is room, and with it whoever commits.
type room struct {
	folder  string
	log     *slog.Logger
	closing chan struct{}
	once    sync.Once
}

func newRoom(folder string, log *slog.Logger) *room {
	return &room{folder: folder, log: log, closing: make(chan struct{})}
}

// disk is the files' system, of which writes wait for room.
func (r *room) disk() vfs.FS { return vfs.OnDiskFull(vfs.Default, r.wait) }

func (r *room) wait() {
	r.log.Error("the disk is full: what is remembered of people waits for room", "folder", r.folder)
	look := time.NewTicker(lookForRoom)
	defer look.Stop()
	for looks := 1; ; looks++ {
		select {
		case <-r.closing:
			r.log.Warn("the server stops while the disk is full: what was not written is taken from the log again at the next start", "folder", r.folder)
			return
		case <-look.C:
		}
		if use, err := vfs.Default.GetDiskUsage(r.folder); err != nil || use.AvailBytes >= leastRoom {
			return
		}
		if looks%int(tellOfRoom/lookForRoom) == 0 {
			r.log.Error("the disk is still full", "folder", r.folder)
		}
	}
}

// released tells whether waiting has ended.
func (r *room) released() bool {
	select {
	case <-r.closing:
		return true
	default:
		return false
	}
}

// close ends waiting, for good.
func (r *room) close() { r.once.Do(func() { close(r.closing) }) }
