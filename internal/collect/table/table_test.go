package table

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"

	"github.com/dangol/dangol/internal/kit/fault"
)

// read gives all rows and malformed lines of a file of the given name and bytes.
type read struct {
	info    Info
	columns []string
	rows    [][]string
	lines   []int64
	bad     []int64
}

func readFile(t testing.TB, name string, content []byte, o Options) (read, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	tab, err := Open(context.Background(), path, o)
	if err != nil {
		return read{}, err
	}
	return readTable(t, tab)
}

func readTable(t testing.TB, tab *Table) (read, error) {
	t.Helper()
	r := read{info: tab.Info(), columns: tab.Columns()}
	rows, err := tab.Rows(context.Background())
	if err != nil {
		return r, err
	}
	defer rows.Close()
	var b Batch
	for {
		err := rows.Next(&b)
		for i := range b.Len() {
			row := make([]string, 0, len(b.Row(i)))
			for _, c := range b.Row(i) {
				row = append(row, strings.Clone(c))
			}
			r.rows, r.lines = append(r.rows, row), append(r.lines, b.Line(i))
		}
		for _, m := range b.Malformed() {
			r.bad = append(r.bad, m.Line)
		}
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, err
		}
	}
}

func mustRead(t testing.TB, name, content string, o Options) read {
	t.Helper()
	r, err := readFile(t, name, []byte(content), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDelimiters(t *testing.T) {
	want := [][]string{{"1", "a b", "2,5"}, {"2", "c", "3,5"}, {"3", "d", "4,5"}}
	for _, c := range []struct{ name, content, delimiter string }{
		{"comma", "id,name,price\n1,a b,\"2,5\"\n2,c,\"3,5\"\n3,d,\"4,5\"\n", ","},
		{"semicolon", "id;name;price\n1;a b;2,5\n2;c;3,5\n3;d;4,5\n", ";"},
		{"pipe", "id|name|price\n1|a b|2,5\n2|c|3,5\n3|d|4,5", "|"},
		{"tab", "id\tname\tprice\r\n1\ta b\t2,5\r\n2\tc\t3,5\r\n3\td\t4,5\r\n", "\t"},
		{"excel's own hint", "sep=;\nid;name;price\n1;a b;2,5\n2;c;3,5\n3;d;4,5\n", ";"},
		{"old Macintosh", "id,name,price\r1,a b,\"2,5\"\r2,c,\"3,5\"\r3,d,\"4,5\"\r", ","},
		{"blank lines", "\nid,name,price\n\n1,a b,\"2,5\"\n\n2,c,\"3,5\"\n3,d,\"4,5\"\n\n", ","},
		{"a title above", "Orders of March,,\n,,\nid,name,price\n1,a b,\"2,5\"\n2,c,\"3,5\"\n3,d,\"4,5\"\n", ","},
		{"empty cells behind", "id,name,price,,\n1,a b,\"2,5\",,\n2,c,\"3,5\",,\n3,d,\"4,5\",,\n", ","},
		{"spaces before quotes", "id, name, price\n1, \"a b\", \"2,5\"\n2, c, \"3,5\"\n3, d, \"4,5\"\n", ","},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := mustRead(t, "x.csv", c.content, Options{})
			if r.info.Delimiter != c.delimiter || !r.info.HasHeader {
				t.Errorf("found %+v", r.info)
			}
			for i := range r.rows {
				for j := range r.rows[i] {
					r.rows[i][j] = strings.TrimSpace(r.rows[i][j])
				}
				r.rows[i] = r.rows[i][:3]
			}
			if diff := cmp.Diff(want, r.rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"id", "name", "price"}, r.columns[:3]); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeaderless(t *testing.T) {
	r := mustRead(t, "x.csv", "A17,2024-03-05,12.50\nA18,2024-03-06,7.00\n", Options{})
	if diff := cmp.Diff([]string{"column 1", "column 2", "column 3"}, r.columns); diff != "" || len(r.rows) != 2 || r.info.HasHeader {
		t.Errorf("columns %q, %d rows, header %v", r.columns, len(r.rows), r.info.HasHeader)
	}
	yes, no := true, false
	if r := mustRead(t, "x.csv", "A17,2024-03-05\nA18,2024-03-06\n", Options{Header: &yes}); len(r.rows) != 1 || r.columns[0] != "A17" {
		t.Errorf("with a header by order: %q %q", r.columns, r.rows)
	}
	if r := mustRead(t, "x.csv", "id,day\nA18,2024-03-06\n", Options{Header: &no}); len(r.rows) != 2 {
		t.Errorf("without a header by order: %q", r.rows)
	}
}

func TestMalformedRowsDoNotSpread(t *testing.T) {
	content := "id,name,n\n" + // 1
		"1,fine,1\n" + // 2
		"2,\"two\nlines\",2\n" + // 3-4
		"3,\"never closed,3\n" + // 5: set aside
		"4,fine,4\n" + // 6
		"5,too,many,cells\n" + // 7: set aside
		"6,few\n" + // 8: set aside
		"7,\"say \"\"hi\"\"\",7\n" + // 9
		"8,\"text\" after,8\n" + // 10: set aside
		"9,in\"side,9\n" + // 11
		"\"10,stray,10\n" + // 12: set aside
		"11,\"\",11" // 13, no newline at the end
	r := mustRead(t, "x.csv", content, Options{})
	want := [][]string{{"1", "fine", "1"}, {"2", "two\nlines", "2"}, {"4", "fine", "4"}, {"7", `say "hi"`, "7"}, {"9", `in"side`, "9"}, {"11", "", "11"}}
	if diff := cmp.Diff(want, r.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{2, 3, 6, 9, 11, 13}, r.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{5, 7, 8, 10, 12}, r.bad); diff != "" {
		t.Errorf("malformed (-want +got):\n%s", diff)
	}
}

func TestRowsAcrossChunks(t *testing.T) {
	var w bytes.Buffer
	w.WriteString("id,text,n\n")
	long := strings.Repeat("long ", 60_000) // rows of 300 kB beside chunks of 512 kB
	const n = 40
	for i := range n {
		w.WriteString(strings.Repeat("x", i))
		w.WriteString(",\"" + long + "\n\"\"end\"\"\",7\n")
	}
	r := mustRead(t, "x.csv", w.String(), Options{})
	if len(r.rows) != n || len(r.bad) != 0 {
		t.Fatalf("%d rows, malformed %v", len(r.rows), r.bad)
	}
	for i, row := range r.rows {
		if len(row[0]) != i || row[1] != long+"\n\"end\"" || r.lines[i] != int64(2+2*i) {
			t.Fatalf("row %d at line %d: %d characters of id, %d of text", i, r.lines[i], len(row[0]), len(row[1]))
		}
	}
}

func TestOverlong(t *testing.T) {
	content := "id,text\n1,a\n2," + strings.Repeat("y", MaxCellBytes+10) + "\n3,b\n" + strings.Repeat("z", MaxRowBytes+100_000) + "\n4,c\n"
	r := mustRead(t, "x.csv", content, Options{})
	if diff := cmp.Diff([][]string{{"1", "a"}, {"3", "b"}, {"4", "c"}}, r.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{3, 5}, r.bad); diff != "" {
		t.Errorf("malformed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{2, 4, 6}, r.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestEncodings(t *testing.T) {
	koreanText := "주문번호,고객명,상품명,금액\n1,김민수,딸기 우유,12000\n2,이영희,뷁 향수,9000\n"
	thaiText := "หมายเลขคำสั่งซื้อ,ชื่อลูกค้า,ยอดรวม\n1,สมชาย ใจดี,250.00\n2,ขวัญใจ เก่งกล้า,120.50\n"
	westernText := "Bestellung;Kunde;Betrag\n1;Jürgen Müller;12,50 €\n2;José Peña;8,00 €\n3;Zoë Ångström;7,20 €\n"
	for _, c := range []struct {
		name, want, text string
		enc              encoding.Encoding
		bom              string
	}{
		{"utf-8", "utf-8", koreanText, nil, ""},
		{"utf-8 with mark", "utf-8", thaiText, nil, "\xEF\xBB\xBF"},
		{"utf-16 little with mark", "utf-16le", koreanText, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), ""},
		{"utf-16 big with mark", "utf-16be", thaiText, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), ""},
		{"utf-16 without mark", "utf-16le", westernText, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), ""},
		{"cp949", "euc-kr", koreanText, korean.EUCKR, ""},
		{"tis-620", "windows-874", thaiText, charmap.Windows874, ""},
		{"latin", "windows-1252", westernText, charmap.Windows1252, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := []byte(c.text)
			if c.enc != nil {
				var err error
				if raw, err = c.enc.NewEncoder().Bytes(raw); err != nil {
					t.Fatal(err)
				}
			}
			plain := mustRead(t, "x.csv", c.text, Options{})
			r := mustRead(t, "x.csv", c.bom+string(raw), Options{})
			if r.info.Encoding != c.want {
				t.Errorf("encoding %q, want %q", r.info.Encoding, c.want)
			}
			if diff := cmp.Diff(append([][]string{plain.columns}, plain.rows...), append([][]string{r.columns}, r.rows...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A long ASCII beginning must not hide the encoding of what follows.
func TestEncodingFarIn(t *testing.T) {
	tail, err := korean.EUCKR.NewEncoder().String("9,김민수\n")
	if err != nil {
		t.Fatal(err)
	}
	r := mustRead(t, "x.csv", "id,name\n"+strings.Repeat("1,somebody with a name\n", 100_000)+tail, Options{})
	if got := r.rows[len(r.rows)-1][1]; got != "김민수" || r.info.Encoding != "euc-kr" {
		t.Errorf("read %q as %s", got, r.info.Encoding)
	}
}

func TestInvalidBytesBecomeValid(t *testing.T) {
	r := mustRead(t, "x.csv", "id,name\n1,\xED\x95\x9C\xEA\xB5\xAD\n2,bro\xFFken\n3,nu\x00l\n", Options{Encoding: "utf-8"})
	if diff := cmp.Diff([][]string{{"1", "한국"}, {"2", "bro\uFFFDken"}, {"3", "nul"}}, r.rows); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCompressed(t *testing.T) {
	content := "id,day\n1,2024-03-05\n2,2024-03-06\n"
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	_, _ = g.Write([]byte(content))
	_ = g.Close()
	z, _ := zstd.NewWriter(&zst)
	_, _ = z.Write([]byte(content))
	_ = z.Close()
	for name, raw := range map[string][]byte{"gz": gz.Bytes(), "zst": zst.Bytes()} {
		r, err := readFile(t, "x.csv."+name, raw, Options{})
		if err != nil || len(r.rows) != 2 || r.info.Compression != name || r.info.Format != CSV {
			t.Errorf("%s: %v %+v", name, err, r)
		}
	}
	_, err := readFile(t, "x.csv.gz", gz.Bytes()[:gz.Len()-10], Options{})
	if f := fault.From(err); f.Reason != "collect.unreadable_file" || f.Next == "" {
		t.Errorf("a file that breaks off: %v", err)
	}
}

func TestText(t *testing.T) {
	r := mustRead(t, "x.txt", " customer_id  date cds  value\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n", Options{})
	if diff := cmp.Diff([][]string{{"00001", "19970101", "1", "11.77"}, {"00002", "19970112", "1", "12.00"}}, r.rows); diff != "" || r.info.Format != Text || r.columns[0] != "customer_id" {
		t.Errorf("%+v\n%s", r, diff)
	}
	fixed := mustRead(t, "x.txt", strings.Join([]string{
		"id    name             town      total",
		"1     Anna Schmidt     Ulm        12.50",
		"2     Bo               New York    7.00",
		"3     Cem Ali Kaya                 9.10",
		"",
	}, "\n"), Options{})
	if diff := cmp.Diff([][]string{{"1", "Anna Schmidt", "Ulm", "12.50"}, {"2", "Bo", "New York", "7.00"}, {"3", "Cem Ali Kaya", "", "9.10"}}, fixed.rows); diff != "" {
		t.Errorf("fixed (-want +got):\n%s", diff)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name, content, reason string
		o                     Options
	}{
		{"x.csv", "", "collect.empty_file", Options{}},
		{"x.csv", "\n \n", "collect.empty_file", Options{}},
		{"x.csv", "a,b\n1,2\n", "collect.bad_delimiter", Options{Delimiter: "ab"}},
		{"x.csv", "a,b\n1,2\n", "collect.unknown_encoding", Options{Encoding: "klingon"}},
		{"x.csv", strings.Repeat("a,", 10_001) + "b\n", "collect.too_many_columns", Options{}},
		{"x.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "collect.old_excel", Options{}},
		{"x.parquet", "PAR1 and then nothing of use PAR1", "collect.unreadable_file", Options{}},
		{"x.xlsx", "PK\x03\x04 and then nothing of use", "collect.unreadable_file", Options{}},
		{"x.jsonl", "{\"a\":\n", "collect.not_json", Options{}},
	} {
		_, err := readFile(t, c.name, []byte(c.content), c.o)
		if f := fault.From(err); f.Reason != c.reason || (f.Next == "" && f.Reason != "collect.empty_file") {
			t.Errorf("%s %.20q: %v (%s), want %s", c.name, c.content, err, f.Reason, c.reason)
		}
	}
	if _, err := Open(context.Background(), filepath.Join(t.TempDir(), "nowhere.csv"), Options{}); fault.From(err).Reason != "collect.no_such_file" {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open(context.Background(), t.TempDir(), Options{}); fault.From(err).Reason != "collect.unreadable_file" {
		t.Errorf("a folder: %v", err)
	}
}

func TestCancelled(t *testing.T) {
	tab, err := Open(context.Background(), retailLike(t, 100), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	rows, err := tab.Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := rows.Next(&Batch{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancelling: %v", err)
	}
	_ = rows.Close()
}
