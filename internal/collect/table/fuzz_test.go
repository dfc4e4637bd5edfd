package table

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// check reads any bytes and holds the package to what it promises of them.
func check(t *testing.T, name string, raw []byte) {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	tab, err := Open(context.Background(), path, Options{})
	if err != nil {
		return
	}
	r, err := readTable(t, tab)
	if err != nil {
		return
	}
	last := int64(0)
	for i, row := range r.rows {
		if len(row) != len(r.columns) {
			t.Fatalf("row %d has %d cells beside %d columns", i, len(row), len(r.columns))
		}
		if r.lines[i] < last || r.lines[i] < 1 || r.lines[i] > int64(bytes.Count(raw, []byte{'\n'})+bytes.Count(raw, []byte{'\r'})+1) {
			t.Fatalf("row %d at line %d after line %d", i, r.lines[i], last)
		}
		last = r.lines[i]
		for _, c := range row {
			if !utf8.ValidString(c) || strings.IndexByte(c, 0) >= 0 {
				t.Fatalf("cell %q is not clean text", c)
			}
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\n\"1\n\";2\n", "\"a", "\"a\"\"", "a,\"b\nc,d\n", "\xFF\xFEa\x00,\x00b\x00\n\x00", "a\r1\r2\r", "sep=;\na;b\n1;2", ",,,\n,,\n", "\"\"\"\"\"\n\"x\",\"\"\n1,2", "\x00\x00,\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { check(t, "x.csv", raw) })
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":{"b":[{"c":1},{"d":"\u00e9"}]}}`, "[{\"a\":1},\n{\"a\":2}]", `{"a":"\ud83d\ude00"}`, `{"a":[[[`, "{}\n{\"x\":null}", `{"a":1,"a":2}`, `{"items":[{"x":1},2]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { check(t, "x.jsonl", append([]byte("{"), raw...)) })
}

func FuzzText(f *testing.F) {
	for _, s := range []string{" 1 2 3\n 4 5 6\n", "id   name\n1    a b\n2    c\n3    d e\n", "한 국\n1 2\n3 4"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { check(t, "x.txt", raw) })
}

func FuzzHeader(f *testing.F) {
	f.Add("id,day", "1,2024-01-01", "2,2024-01-02")
	f.Add("1,2", "3,4", "")
	f.Fuzz(func(t *testing.T, a, b, c string) { check(t, "x.csv", []byte(a+"\n"+b+"\n"+c+"\n")) })
}

// What the standard library writes, this package reads back, whatever the cells hold.
func TestReadsWhatOthersWrite(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.IntRange(2, 6).Draw(rt, "width")
		cell := rapid.StringOfN(rapid.RuneFrom([]rune("ab0159 ,;\"\n|-.é한ไ\t")), 0, 12, -1)
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 40).Draw(rt, "rows")
		var w bytes.Buffer
		cw := csv.NewWriter(&w)
		_ = cw.Write(strings.Split("head,b,c,d,e,f", ",")[:width])
		_ = cw.WriteAll(rows)
		path := filepath.Join(dir, "x.csv")
		if err := os.WriteFile(path, w.Bytes(), 0o600); err != nil {
			rt.Fatal(err)
		}
		yes := true
		tab, err := Open(context.Background(), path, Options{Delimiter: ",", Header: &yes, Encoding: "utf-8"})
		if err != nil {
			rt.Fatal(err)
		}
		pass, err := tab.Rows(context.Background())
		if err != nil {
			rt.Fatal(err)
		}
		defer pass.Close()
		var b Batch
		var got [][]string
		for {
			err := pass.Next(&b)
			for i := range b.Len() {
				got = append(got, append([]string{}, b.Row(i)...))
			}
			if len(b.Malformed()) > 0 {
				rt.Fatalf("malformed %+v in %q", b.Malformed(), w.String())
			}
			if errors.Is(err, io.EOF) {
				break
			}
		}
		if len(got) != len(rows) {
			rt.Fatalf("%d rows of %d from %q", len(got), len(rows), w.String())
		}
		for i := range rows {
			for j := range rows[i] {
				if got[i][j] != rows[i][j] {
					rt.Fatalf("cell %d,%d is %q, want %q", i, j, got[i][j], rows[i][j])
				}
			}
		}
	})
}
