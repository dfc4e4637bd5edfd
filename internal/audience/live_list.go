package audience

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/dangol/dangol/internal/kit/fault"
)

// What a list of people may hold at most, and how many of its troubles are told one by one.
const (
	maxListRows     = 500_000
	maxListTroubles = 1000
	maxListCell     = 300
)

// The reasons for which a row of a list names nobody.
const (
	rowUnknown    = "unknown_person"
	rowEmpty      = "no_identity"
	rowUnreadable = "unreadable_row"
)

// RowTrouble is a row of a list that names nobody.
type RowTrouble struct {
	Row      int    `json:"row" doc:"the line of the file on which it begins; the first is 1, the header counts"`
	Value    string `json:"value" doc:"what stands there"`
	Reason   string `json:"reason" enum:"unknown_person,no_identity,unreadable_row"`
	Sentence string `json:"sentence"`
}

// listed are the people that a list names.
type listed struct {
	keys     []uint32
	rows     int // that name somebody or should
	troubles []RowTrouble
	troubled int // all of them, also those not told one by one
}

func (l *listed) trouble(row int, value, reason, sentence string) {
	if l.troubled++; len(l.troubles) < maxListTroubles {
		l.troubles = append(l.troubles, RowTrouble{Row: row, Value: shortCell(value), Reason: reason, Sentence: sentence})
	}
}

func shortCell(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return text
}

// headings are what columns of identities are called, and the kind of identity that stands in them; "" is any.
var headings = map[string]string{
	"identity": "", "person": "", "customer": "", "customer id": "", "user": "", "user id": "", "userid": "", "customerid": "", "id": "", "member id": "",
	"email": "email", "e mail": "email", "email address": "email", "mail": "email", "phone": "phone", "phone number": "phone", "mobile": "phone", "tel": "phone",
	"anonymous id": "anonymous", "anonymousid": "anonymous", "anon": "anonymous", "line": "line", "line id": "line", "kakao": "kakao", "kakao id": "kakao", "pos": "pos", "pos card": "pos",
	"고객": "", "고객번호": "", "고객 번호": "", "고객id": "", "회원": "", "회원번호": "", "아이디": "", "이메일": "email", "메일": "email", "전화": "phone", "전화번호": "phone", "휴대폰": "phone", "휴대폰번호": "phone", "연락처": "phone",
	"ลูกค้า": "", "รหัสลูกค้า": "", "รหัส": "", "อีเมล": "email", "โทรศัพท์": "phone", "เบอร์โทร": "phone", "เบอร์โทรศัพท์": "phone",
}

// column is where an identity stands in a row.
type column struct {
	at   int
	kind string // "" where the cell says it itself
}

// columnsOf reads a first row as a header; none where it is none.
func columnsOf(row []string) (columns []column) {
	for i, cell := range row {
		name := strings.Join(strings.FieldsFunc(strings.ToLower(cell), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " ")
		if kind, known := headings[name]; known {
			columns = append(columns, column{i, kind})
		}
	}
	return columns
}

// delimiterOf finds what parts the cells of the first line.
func delimiterOf(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, d := range []rune{',', ';', '\t'} {
		if n := strings.Count(line, string(d)); n > most {
			best, most = d, n
		}
	}
	return best
}

// readList finds the people whom a list names: CSV with commas, semicolons or tabs. Under a header the columns of identities
// count, in their order, until one names somebody; without one the first column does. What cannot be read as a whole is a
// fault; a row that names nobody is told and left out.
func readList(ctx context.Context, body []byte, resolve Resolve) (*listed, error) {
	text := string(bytes.TrimPrefix(body, []byte(byteOrderMark)))
	if !utf8.ValidString(text) {
		return nil, fault.New(fault.Invalid, "audience.list_encoding", "the list is not written in UTF-8").Then("Save it as CSV UTF-8 and send it again.")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = delimiterOf(text), -1, true
	l := &listed{troubles: []RowTrouble{}}
	columns := []column{{}}
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if err := l.unreadable(err); err != nil {
				return nil, err
			}
			continue
		}
		if first {
			if found := columnsOf(row); len(found) > 0 {
				columns = found
				continue
			}
		}
		if l.rows++; l.rows > maxListRows {
			return nil, fault.Newf(fault.TooLarge, "audience.list_too_long", "the list names more than %d people", maxListRows).Then("Send it in parts.")
		}
		line, _ := r.FieldPos(0)
		if err := l.take(ctx, row, line, columns, resolve); err != nil {
			return nil, err
		}
	}
	if l.rows == 0 && l.troubled == 0 {
		return nil, fault.New(fault.Invalid, "audience.empty_list", "the list names nobody").Then("Write one identity a row: 42, email:kim@example.com, +821012345678.")
	}
	return l, nil
}

// unreadable tells of a row that is no CSV. A quote that is never closed swallows all that follows, so nothing is taken.
func (l *listed) unreadable(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("list: %w", err)
	}
	if p.Line > p.StartLine {
		return fault.New(fault.Invalid, "audience.open_quote", "a quote is opened and never closed, so the rows after it cannot be told apart").
			At(fault.Place{Line: int64(p.StartLine)}).Then("Close the quote and send the list again; nothing was changed.")
	}
	l.rows++
	l.trouble(p.StartLine, "", rowUnreadable, "A quote stands where none can.")
	return nil
}

// take finds whom a row names.
func (l *listed) take(ctx context.Context, row []string, line int, columns []column, resolve Resolve) error {
	told := ""
	for _, c := range columns {
		if c.at >= len(row) {
			continue
		}
		cell := cellOf(row[c.at])
		if cell == "" {
			continue
		}
		if told == "" {
			told = cell
		}
		if len(cell) > maxListCell {
			continue
		}
		for _, ref := range refsOf(cell, c.kind) {
			key, _, err := resolve(ctx, ref)
			if err == nil {
				l.keys = append(l.keys, key)
				return nil
			}
			if fault.CodeOf(err) != fault.NotFound {
				return err
			}
		}
	}
	if told == "" {
		l.trouble(line, "", rowEmpty, "The row holds no identity.")
		return nil
	}
	l.trouble(line, told, rowUnknown, fmt.Sprintf("Nobody is known as %q.", shortCell(told)))
	return nil
}

// cellOf is what a cell says, without the mark by which exports keep spreadsheets from computing it.
func cellOf(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 1 && text[0] == '\'' && strings.ContainsRune("=+-@", rune(text[1])) {
		return text[1:]
	}
	return text
}

// refsOf are the identities that a cell can mean, the likeliest first.
func refsOf(cell, kind string) []string {
	if kind != "" {
		return []string{kind + ":" + strings.TrimPrefix(cell, kind+":"), cell}
	}
	if isPhone(cell) {
		return []string{cell, "phone:" + cell}
	}
	return []string{cell}
}

// isPhone reports whether a text is written like a telephone number.
func isPhone(text string) bool {
	digits := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, r == ' ', r == '-', r == '(', r == ')', r == '.':
		default:
			return false
		}
	}
	return digits >= 8 && digits <= 15
}
