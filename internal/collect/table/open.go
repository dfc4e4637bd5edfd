package table

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

const (
	headBytes = 1 << 20  // looked at to find format, delimiter, header
	farBytes  = 16 << 20 // searched for the first character beyond ASCII
)

// Open looks at the file's beginning and says how to read it. It holds no file open.
func Open(ctx context.Context, path string, o Options) (*Table, error) {
	name := o.Name
	if name == "" {
		name = filepath.Base(path)
	}
	size, err := statFile(path, name)
	if err != nil {
		return nil, err
	}
	t := &Table{path: path, info: Info{Name: name, Bytes: size, Format: o.Format}}
	if err := t.open(ctx, o); err != nil {
		return nil, t.unreadable(err)
	}
	if len(t.columns) > MaxColumns {
		return nil, fault.Newf(fault.TooLarge, "collect.too_many_columns", "The file has %d columns; at most %d can be read", len(t.columns), MaxColumns).
			At(fault.Place{File: name}).Then("Check the delimiter, or remove columns that are not needed")
	}
	t.bytesRead.Store(0)
	return t, nil
}

func (t *Table) open(ctx context.Context, o Options) error {
	if err := t.findCompression(ctx); err != nil {
		return err
	}
	head, more, err := t.look(ctx)
	if err != nil {
		return err
	}
	if len(head) == 0 {
		return emptyFile(t.info.Name)
	}
	if t.info.Format == "" {
		t.info.Format = formatOf(head, t.info.Name)
	}
	switch t.info.Format {
	case Parquet:
		return t.openParquet(ctx)
	case XLSX:
		return t.openXLSX(ctx, o)
	case "xls":
		return fault.New(fault.Invalid, "collect.old_excel", "Excel files of before 2007 (.xls) cannot be read").At(fault.Place{File: t.info.Name}).Then("Save it as .xlsx or CSV")
	case CSV, TSV, JSONL, Text:
		return t.openLines(head, more, o)
	}
	return fault.Newf(fault.Invalid, "collect.unknown_format", "The format %q is not known", string(t.info.Format)).Then("Use csv, tsv, jsonl, parquet, xlsx or text")
}

// findCompression looks at the magic bytes: names lie.
func (t *Table) findCompression(ctx context.Context) error {
	src, err := openSource(ctx, t.path, "", &t.bytesRead)
	if err != nil {
		return err
	}
	defer src.close() //nolint:errcheck // only read from
	var magic [4]byte
	n, err := io.ReadFull(src, magic[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	switch m := magic[:n]; {
	case bytes.HasPrefix(m, []byte{0x1f, 0x8b}):
		t.info.Compression = "gz"
	case bytes.HasPrefix(m, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		t.info.Compression = "zst"
	}
	return nil
}

// look reads the head of the file and, when that is pure ASCII, some text around the first character that is not.
func (t *Table) look(ctx context.Context) (head, more []byte, err error) {
	src, err := openSource(ctx, t.path, t.info.Compression, &t.bytesRead)
	if err != nil {
		return nil, nil, err
	}
	defer src.close() //nolint:errcheck // only read from
	head, err = io.ReadAll(io.LimitReader(src, headBytes))
	if err != nil && len(head) == 0 {
		return nil, nil, err
	}
	if err != nil || len(head) < headBytes || !ascii(head) || formatOf(head, t.info.Name) == Parquet || formatOf(head, t.info.Name) == XLSX {
		return head, nil, nil
	}
	buf := make([]byte, 256<<10)
	for read := 0; read < farBytes; {
		n, err := io.ReadFull(src, buf)
		read += n
		if i := firstHigh(buf[:n]); i >= 0 {
			return head, buf[i:n], nil
		}
		if err != nil {
			break
		}
	}
	return head, nil, nil
}

// formatOf tells the format from magic bytes, then from the name.
func formatOf(head []byte, name string) Format {
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return Parquet
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return XLSX
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return "xls"
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	if bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[{")) || (bytes.HasPrefix(text, []byte("[")) && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte("{"))) {
		return JSONL
	}
	name = strings.ToLower(name)
	for _, c := range []string{".gz", ".zst", ".gzip"} {
		name = strings.TrimSuffix(name, c)
	}
	switch filepath.Ext(name) {
	case ".jsonl", ".ndjson":
		return JSONL
	case ".tsv", ".tab":
		return TSV
	}
	return CSV // or Text: the delimiter tells
}

// openLines settles encoding, delimiter and header of the formats that are lines of text.
func (t *Table) openLines(head, more []byte, o Options) error {
	name, bom := detectEncoding(head, more)
	if o.Encoding != "" {
		var err error
		if name, err = encodingNamed(o.Encoding); err != nil {
			return err
		}
	}
	t.info.Encoding = name
	if err := foreign(head, name, t.info.Name); err != nil {
		return err
	}
	sample, err := io.ReadAll(decoded(bytes.NewReader(head[bom:]), name))
	if err != nil {
		return err
	}
	macintosh := bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0
	if macintosh {
		sample = bytes.ReplaceAll(sample, []byte{'\r'}, []byte{'\n'})
	}
	if i := bytes.LastIndexByte(sample, '\n'); i >= 0 && len(head) >= headBytes {
		sample = sample[:i+1]
	}
	if len(bytes.TrimSpace(sample)) == 0 {
		return emptyFile(t.info.Name)
	}
	if formatOf(sample, t.info.Name) == JSONL && o.Format == "" {
		t.info.Format = JSONL
	}
	split, err := t.findSplitter(sample, o)
	if err != nil {
		return err
	}
	t.start = func(ctx context.Context) (pass, error) {
		src, err := openSource(ctx, t.path, t.info.Compression, &t.bytesRead)
		if err != nil {
			return nil, err
		}
		if _, err := io.CopyN(io.Discard, src, int64(bom)); err != nil {
			return nil, errors.Join(err, src.close())
		}
		r := decoded(src, name)
		if macintosh {
			r = returnsToFeeds{r}
		}
		return newLinePass(r, src.close, split(), name == "utf-8"), nil
	}
	return nil
}

// findSplitter settles how lines become cells, and with it the columns.
func (t *Table) findSplitter(sample []byte, o Options) (func() splitter, error) {
	if t.info.Format == JSONL {
		return t.findJSON(sample)
	}
	if len(sample) > 256<<10 {
		if i := bytes.LastIndexByte(sample[:256<<10], '\n'); i > 0 {
			sample = sample[:i+1]
		}
	}
	text, delim, err := t.findCut(sample, o)
	if err != nil {
		return nil, err
	}
	split := text
	t.info.Format = Text
	if split == nil {
		split = &csvSplitter{delim: delim}
		t.info.Delimiter = string(delim)
		t.info.Format = CSV
		if delim == '\t' {
			t.info.Format = TSV
		}
	} else {
		t.info.Delimiter = " "
	}
	rows := looseRows(sample, split, sampleRows)
	t.setColumns(rows, o.Header)
	return func() splitter { return split }, nil
}

// findCut is the delimiter, or the splitter of a text without one.
func (t *Table) findCut(sample []byte, o Options) (text splitter, delim byte, err error) {
	if o.Delimiter != "" {
		delim, err = delimiterNamed(o.Delimiter)
		if err != nil || delim != ' ' {
			return nil, delim, err
		}
		return spaceSplitter{}, 0, nil
	}
	if t.info.Format == TSV {
		return nil, '\t', nil
	}
	if t.info.Format != Text {
		delim = findDelimiter(sample)
	}
	if delim == 0 {
		if text = findText(sample); text == nil {
			delim = ','
		}
	}
	return text, delim, nil
}

// setColumns finds the header among the first rows, names the columns and marks where the data begin.
func (t *Table) setColumns(rows []looseRow, want *bool) {
	body := rows
	if len(rows) > 1 {
		body = rows[1:]
	}
	width, _ := shapeOf(body)
	before, header := findHeader(rows, width, want)
	if header != nil && before == len(rows) {
		width = len(header)
	}
	t.info.HasHeader = header != nil
	t.columns = columnNames(header, width)
	switch {
	case before == 0:
		t.dataRow = 0
	case before < len(rows):
		t.dataRow = rows[before].line
	default:
		t.dataRow = rows[before-1].line + 1
	}
}
