// Package chtest runs SQL on ClickHouse inside a test. The engine is the real one, libchdb.so, which test/chdb.sh
// fetches into test/.cache/chdb; DANGOL_CHDB names another file. Where it is missing tests are skipped and say so, or
// fail when DANGOL_REQUIRE_ENGINES=1.
package chtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Engine is a ClickHouse in this process. It keeps all in one folder, so there is one for all tests of a process;
// each caller takes a database of its own. It is safe for use by several goroutines, one statement at a time.
type Engine struct {
	mu   sync.Mutex
	conn unsafe.Pointer
}

var library struct {
	once   sync.Once
	engine *Engine
	err    error
}

var errMissing = errors.New("libchdb.so is not here: run test/chdb.sh, or set DANGOL_CHDB to its path")

// Open returns the engine, or skips the test.
func Open(tb testing.TB) *Engine {
	tb.Helper()
	library.once.Do(func() { library.engine, library.err = load() })
	switch {
	case library.err == nil:
		return library.engine
	case errors.Is(library.err, errMissing) && os.Getenv("DANGOL_REQUIRE_ENGINES") != "1":
		tb.Skipf("SKIPPED, not tested on ClickHouse: %v", library.err)
	default:
		tb.Fatal(library.err)
	}
	return nil
}

// path finds the library: where DANGOL_CHDB says, else in test/.cache/chdb above the working folder.
func path() (string, error) {
	if p := os.Getenv("DANGOL_CHDB"); p != "" {
		if _, err := os.Stat(p); err != nil {
			return "", fmt.Errorf("DANGOL_CHDB: %w", err)
		}
		return p, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		p := filepath.Join(dir, "test", ".cache", "chdb", "libchdb.so")
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	return "", errMissing
}

// The C interface; a connection is a pointer to a pointer.
var (
	chdbConnect       func(argc int32, argv unsafe.Pointer) *unsafe.Pointer
	chdbQueryN        func(conn, query unsafe.Pointer, queryLen uintptr, format unsafe.Pointer, formatLen uintptr) unsafe.Pointer
	chdbDestroyResult func(result unsafe.Pointer)
	chdbResultBuffer  func(result unsafe.Pointer) *byte
	chdbResultLength  func(result unsafe.Pointer) uintptr
	chdbResultError   func(result unsafe.Pointer) *byte
	chdbSignals       func(enabled int32)
)

func load() (*Engine, error) {
	file, err := path()
	if err != nil {
		return nil, err
	}
	lib, err := purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	purego.RegisterLibFunc(&chdbConnect, lib, "chdb_connect")
	purego.RegisterLibFunc(&chdbQueryN, lib, "chdb_query_n")
	purego.RegisterLibFunc(&chdbDestroyResult, lib, "chdb_destroy_query_result")
	purego.RegisterLibFunc(&chdbResultBuffer, lib, "chdb_result_buffer")
	purego.RegisterLibFunc(&chdbResultLength, lib, "chdb_result_length")
	purego.RegisterLibFunc(&chdbResultError, lib, "chdb_result_error")
	// Its handlers would take over those of Go, which needs its own to stop goroutines and to report crashes.
	purego.RegisterLibFunc(&chdbSignals, lib, "chdb_set_signal_handlers_enabled")
	chdbSignals(0)
	dir, err := os.MkdirTemp("", "dangol-chdb-")
	if err != nil {
		return nil, err
	}
	words := []string{"clickhouse", "--path=" + dir, "--join_use_nulls=1", "--aggregate_functions_null_for_empty=0"}
	argv := make([]*byte, len(words)+1)
	for i, w := range words {
		argv[i] = &append([]byte(w), 0)[0]
	}
	conn := chdbConnect(int32(len(words)), unsafe.Pointer(&argv[0]))
	runtime.KeepAlive(argv)
	if conn == nil {
		return nil, fmt.Errorf("%s: the engine does not start", file)
	}
	return &Engine{conn: *conn}, nil
}

// Exec runs statements that answer nothing, separated by ; at the ends of lines.
func (e *Engine) Exec(text string) error {
	for _, one := range strings.Split(text, ";\n") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		if _, err := e.run(strings.TrimSuffix(strings.TrimSpace(one), ";"), "Null"); err != nil {
			return err
		}
	}
	return nil
}

// Query answers a question in rows: json.Number, string, bool or nil. $1, $2 ... stand for args, as in the driver.
func (e *Engine) Query(text string, args ...any) ([][]any, error) {
	full, err := inline(text, args)
	if err != nil {
		return nil, err
	}
	out, err := e.run(full, "JSONCompactEachRow")
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(out))
	d.UseNumber()
	var rows [][]any
	for {
		var row []any
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, fmt.Errorf("chdb: %w", err)
		}
		rows = append(rows, row)
	}
}

func (e *Engine) run(text, format string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	query, form := append([]byte(text), 0), append([]byte(format), 0)
	r := chdbQueryN(e.conn, unsafe.Pointer(&query[0]), uintptr(len(text)), unsafe.Pointer(&form[0]), uintptr(len(format)))
	runtime.KeepAlive(query)
	runtime.KeepAlive(form)
	if r == nil {
		return nil, errors.New("chdb: no answer")
	}
	defer chdbDestroyResult(r)
	if p := chdbResultError(r); p != nil {
		return nil, fmt.Errorf("chdb: %.1000s in:\n%.2000s", cString(p), text)
	}
	n := chdbResultLength(r)
	if n == 0 {
		return nil, nil
	}
	return bytes.Clone(unsafe.Slice(chdbResultBuffer(r), n)), nil
}

func cString(p *byte) string {
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}

// inline puts arguments into the text, outside of quotes, as the driver does.
func inline(text string, args []any) (string, error) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\'':
			quoted = !quoted
		case c == '\\' && quoted && i+1 < len(text):
			b.WriteByte(c)
			i++
			c = text[i]
		case c == '$' && !quoted:
			end := i + 1
			for end < len(text) && text[end] >= '0' && text[end] <= '9' {
				end++
			}
			n, err := strconv.Atoi(text[i+1 : end])
			if err != nil || n < 1 || n > len(args) {
				return "", fmt.Errorf("chdb: no argument %s", text[i:end])
			}
			lit, err := Literal(args[n-1])
			if err != nil {
				return "", err
			}
			b.WriteString(lit)
			i = end - 1
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// Literal writes a value in ClickHouse's SQL.
func Literal(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "NULL", nil
	case string:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`).Replace(v) + "'", nil
	case bool, int, int64, int32, uint8, uint32, uint64, float64:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("chdb: no literal for a %T", v)
}
