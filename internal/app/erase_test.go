package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/collect"
	"github.com/dangol/dangol/internal/collect/flow"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/profile"
)

// holding lists the files of a folder that hold a text, but for the warehouse's: the engine keeps the bytes of deleted rows until it
// writes over them, as the receipt says.
func holding(t *testing.T, folder string, texts ...string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // the engines drop files as they like
			return nil
		}
		if err != nil || d.IsDir() || d.Name() == warehouseName {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENXIO) { // ENXIO is the socket
			return err
		}
		for _, text := range texts {
			if bytes.Contains(b, []byte(text)) {
				names = append(names, strings.TrimPrefix(path, folder)+": "+text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestAnErasedPersonIsInNoFile erases somebody of whom events wait in the log, rows were set aside by an import, and a damaged log
// of the warehouse is left.
func TestAnErasedPersonIsInNoFile(t *testing.T) {
	data := t.TempDir()
	a := openIn(t, data)
	ctx := context.Background()
	live := &a.rooms.live
	put := func(calls ...[]byte) {
		t.Helper()
		if err := live.gate.Put(ctx, "key", calls); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "orders.csv")
	rows := "order_id,customer_id,order_date,sku,quantity,unit_price,currency\n"
	for i := range 40 {
		rows += fmt.Sprintf("%d,c%d,2026-01-%02d,tea,1,9.50,EUR\n", i, i%9, 1+i%28)
	}
	rows += "50,Kim.Secret@example.com,2026-01-02,tea,1,many,EUR\n51,lee@example.com,2026-01-02,tea,1,many,EUR\n"
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.rooms.collect.Import(ctx, file, "orders.csv", collect.Options{}, &job.Progress{}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, warehouseName+".wal.damaged"), []byte("kim.secret@example.com"), 0o600); err != nil {
		t.Fatal(err)
	}
	put([]byte(`{"type":"identify","userId":"kim77","messageId":"i","traits":{"email":"kim.secret@example.com","phone":"+82 10-1234-5678","plan":"gold"}}`))
	if err := live.flow.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		var calls [][]byte
		for j := range 1000 {
			calls = append(calls, fmt.Appendf(nil, `{"type":"track","event":"Viewed","userId":"kim77","messageId":"m%d-%d","properties":{"a":1}}`, i, j))
		}
		put(calls...)
	}
	r, err := a.rooms.profile.Erase(ctx, "kim77", "me", "asked")
	if err != nil {
		t.Fatal(err)
	}
	if items, by, err := live.flow.Quarantine(ctx, flow.Filter{Limit: 10}); err != nil || len(items) > 0 {
		t.Errorf("set aside after the receipt: %v %v", by, err)
	}
	for _, e := range []profile.Erased{{Store: "files", Table: "rejects", Rows: 1}, {Store: "files", Table: "damaged log of the warehouse", Rows: 1}} {
		if !slices.Contains(r.Stores, e) {
			t.Errorf("the receipt does not tell of %+v: %+v", e, r.Stores)
		}
	}
	if r.LogTrimmed != live.bus.Last() {
		t.Errorf("the log is trimmed up to %d of %d", r.LogTrimmed, live.bus.Last())
	}
	if _, book, err := a.rooms.audience.Engine().Catalogue(ctx); err != nil || len(book.AttributeEntry().Properties["plan"].Samples) > 0 {
		t.Errorf("samples are left, %v", err)
	}
	hers := []string{"kim.secret@example.com", "Kim.Secret@example.com", "kim77", "1012345678"}
	for looks := 0; len(holding(t, data, hers...)) > 0; looks++ {
		if looks > 100 {
			t.Errorf("while it runs she is in %q", holding(t, data, hers...))
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if left := holding(t, data, hers...); len(left) > 0 {
		t.Errorf("she is in %q", left)
	}
	if len(holding(t, filepath.Join(data, rejectsName), "lee@example.com")) != 1 {
		t.Error("another's row went with hers")
	}
}
