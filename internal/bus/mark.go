package bus

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// markName is a file that tells up to where messages were acknowledged, beside the engine's own. When the end of the log is
// lost, the engine goes on before it and says nothing; the mark shows that something is missing, and how much.
const markName = "acknowledged"

// mark is written with each acknowledgement and not synced: after a loss of power it may be older than the log, which does no
// harm. The number is written twice, once inverted, so that half a write is not taken for one.
type mark struct {
	mu   sync.Mutex
	file *os.File
	last uint64
}

func openMark(dir string) (*mark, error) {
	f, err := os.OpenFile(filepath.Join(dir, markName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	m := &mark{file: f}
	var b [16]byte
	if n, _ := f.ReadAt(b[:], 0); n == len(b) {
		if seq := binary.LittleEndian.Uint64(b[:]); seq == ^binary.LittleEndian.Uint64(b[8:]) {
			m.last = seq
		}
	}
	return m, nil
}

// raise notes that everything up to seq is acknowledged. That it cannot be written is no reason to refuse events.
func (m *mark) raise(seq uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if seq <= m.last {
		return
	}
	m.last = seq
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], seq)
	binary.LittleEndian.PutUint64(b[8:], ^seq)
	_, _ = m.file.WriteAt(b[:], 0)
}

func (m *mark) close() error {
	if m == nil {
		return nil
	}
	return m.file.Close()
}

// checkMark tells when the log ends before what was acknowledged, and returns behind what number it must go on.
func (b *Bus) checkMark(ctx context.Context) uint64 {
	last, floor := b.durable.Load(), b.mark.last
	if floor > last {
		b.o.Log.WarnContext(ctx, "the end of the event log is damaged: acknowledged messages are lost that no stage may have taken",
			"messages", floor-last, "from", last+1, "to", floor)
	}
	return floor
}

// openMark makes the folder of the log and opens its mark.
func (b *Bus) openMark() (err error) {
	if err = os.MkdirAll(b.o.Dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	b.mark, err = openMark(b.o.Dir)
	return err
}
