// Package show prints tables, shades and small charts on a terminal.
package show

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/dangol/dangol/internal/market"
)

// Cell is one field of a table; shade from 0 to 1 colours it, below 0 leaves it plain.
type Cell struct {
	text  string
	right bool
	shade float64
}

// Text is what the field says.
func (c Cell) Text() string { return c.text }

// Left is a text.
func Left(s string) Cell { return Cell{text: Harmless(s), shade: -1} }

// Right is a text at the right edge.
func Right(s string) Cell { return Cell{text: Harmless(s), right: true, shade: -1} }

// Count is a whole number.
func Count(n int64) Cell { return Right(market.FormatNumber(n)) }

// Share is a share in percent.
func Share(x float64) Cell { return Right(Percent(x)) }

// Number is a number of four digits that matter.
func Number(x float64) Cell { return Right(Short(x)) }

// Heat is a text on a shade from 0 to 1.
func Heat(s string, x float64) Cell { return Cell{text: s, right: true, shade: x} }

// Harmless keeps what stands in a file, such as a customer's name, from steering the terminal.
func Harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || bidirectional(r) {
			return '·'
		}
		return r
	}, s)
}

// bidirectional letters turn round the order in which the rest of a line is shown.
func bidirectional(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// Percent writes a share.
func Percent(x float64) string { return strconv.FormatFloat(100*x, 'f', 1, 64) + "%" }

// Short prints a number as people read it: four digits that matter.
func Short(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "–"
	case x == math.Trunc(x) && math.Abs(x) < 1e15:
		return market.FormatNumber(int64(x))
	case math.Abs(x) >= 1000:
		return market.FormatNumber(int64(math.Round(x)))
	default:
		return strconv.FormatFloat(x, 'g', 4, 64)
	}
}

// Maybe is a number that may be missing.
func Maybe(x *float64, form func(float64) string) Cell {
	if x == nil {
		return Right("–")
	}
	return Right(form(*x))
}

// DisplayWidth counts the columns of a terminal: wide letters take two, marks above and below letters none.
func DisplayWidth(s string) int {
	n := 0
	for _, r := range s {
		switch k := width.LookupRune(r).Kind(); {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) || unicode.Is(unicode.Cf, r):
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// Printer writes to where a command's data go.
type Printer struct {
	Out    io.Writer
	Colour bool
}

// Print writes a line.
func (p Printer) Print(format string, args ...any) { _, _ = fmt.Fprintf(p.Out, format+"\n", args...) }

// Table prints rows under a head in aligned columns.
func (p Printer) Table(head []Cell, rows [][]Cell) {
	widths := make([]int, len(head))
	for _, row := range append([][]Cell{head}, rows...) {
		for i, c := range row {
			widths[i] = max(widths[i], DisplayWidth(c.text))
		}
	}
	colour := p.Colour
	line := func(row []Cell, bold bool) {
		var b strings.Builder
		for i, c := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-DisplayWidth(c.text))
			text := c.text + pad
			if c.right {
				text = pad + c.text
			}
			switch {
			case colour && bold:
				text = "\x1b[1m" + text + "\x1b[0m"
			case colour && c.shade >= 0:
				text = shaded(text, c.shade)
			}
			b.WriteString(text)
		}
		p.Print("%s", strings.TrimRight(b.String(), " "))
	}
	line(head, true)
	for _, row := range rows {
		line(row, false)
	}
}

// The shades run from pale to deep blue of the 256 colours, with an ink that stays readable on each.
var shades = []struct{ back, ink int }{{195, 16}, {153, 16}, {117, 16}, {75, 16}, {33, 231}, {26, 231}, {19, 231}}

func shaded(text string, x float64) string {
	s := shades[min(len(shades)-1, int(min(1, x)*float64(len(shades))))]
	return "\x1b[48;5;" + strconv.Itoa(s.back) + ";38;5;" + strconv.Itoa(s.ink) + "m" + text + "\x1b[0m"
}

// sparkWidth is how many columns a series may take.
const sparkWidth = 72

// thinned takes means of neighbours until a series fits one line.
func thinned(values []float64) []float64 {
	for len(values) > sparkWidth {
		half := make([]float64, 0, len(values)/2+1)
		for i := 0; i < len(values); i += 2 {
			pair := values[i:min(i+2, len(values))]
			sum := 0.0
			for _, v := range pair {
				sum += v
			}
			half = append(half, sum/float64(len(pair)))
		}
		values = half
	}
	return values
}

// Spark draws a series in one line.
func Spark(values []float64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	top := 0.0
	values = thinned(values)
	for _, v := range values {
		top = max(top, v)
	}
	var b strings.Builder
	for _, v := range values {
		i := 0
		if top > 0 {
			i = int(math.Round(max(0, v) / top * float64(len(bars)-1)))
		}
		b.WriteRune(bars[i])
	}
	return b.String()
}
