package audience

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/audience/live"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
)

var formats = map[string]struct{ clause, mime string }{
	"csv":     {"FORMAT csv, HEADER", "text/csv; charset=utf-8"},
	"ndjson":  {"FORMAT json", "application/x-ndjson"},
	"parquet": {"FORMAT parquet, COMPRESSION zstd", "application/vnd.apache.parquet"},
}

// days turns a stored day into a date.
func days(column string) string { return `(DATE '1970-01-01' + ` + column + `)` }

// exportQuery is the question behind an export; money comes out in major units as exact decimals.
func (s *Service) exportQuery(what, currency, format string) (string, error) {
	scale := market.Digits(currency)
	money := func(column string) string {
		return fmt.Sprintf(`(%s::DECIMAL(38,0) / %d)::DECIMAL(38,%d)`, column, int64(pow10(scale)), scale)
	}
	// A spreadsheet runs text that begins with = + - @ as a formula; a telephone number is a number to it, and to those who dial it.
	safe := func(column string) string {
		if format != "csv" {
			return column
		}
		return `CASE WHEN regexp_matches(` + column + `, '^([=+@\t\r]|-.)') AND NOT regexp_full_match(` + column + `, '\+[0-9]{6,15}') THEN '''' || ` + column + ` ELSE ` + column + ` END`
	}
	switch what {
	case "customers":
		columns := []string{safe("c.id") + " AS id", safe("c.name") + " AS name", safe("c.email") + " AS email", safe("c.phone") + " AS phone"}
		for _, col := range query.StateSchema() {
			switch col.Type {
			case query.TypeMoney:
				columns = append(columns, money("s."+col.Name)+" AS "+strings.TrimSuffix(col.Name, "_minor"))
			case query.TypeDay:
				columns = append(columns, days("s."+col.Name)+" AS "+col.Name)
			case query.TypeText:
				columns = append(columns, safe("s."+col.Name)+" AS "+col.Name)
			default:
				columns = append(columns, "s."+col.Name)
			}
		}
		return `SELECT ` + strings.Join(columns, ", ") + `, '` + currency + `' AS currency FROM customer_state s JOIN customer c ON c.key = s.customer_key ORDER BY s.customer_key`, nil
	case "orders":
		return `SELECT ` + safe("c.id") + ` AS customer, ` + safe("o.order_id") + ` AS order_id, make_timestamp(o.at_us) AS at_utc, ` + days("o.day") + ` AS day, CASE o.kind WHEN 1 THEN 'purchase' ELSE 'refund' END AS kind,
			o.lines, ` + money("o.base_minor") + ` AS amount, '` + currency + `' AS currency, o.currency AS original_currency, ` + safe("o.market") + ` AS market, ` + safe("o.channel") + ` AS channel, ` +
			days("o.promised_day") + ` AS promised_day, ` + days("o.delivered_day") + ` AS delivered_day, ` + days("o.paid_until_day") + ` AS paid_until_day FROM orders o JOIN customer c ON c.key = o.customer_key ORDER BY o.at_us`, nil
	case "lines":
		return `SELECT ` + safe("c.id") + ` AS customer, ` + safe("l.order_id") + ` AS order_id, make_timestamp(l.at_us) AS at_utc, ` + days("l.day") + ` AS day, CASE l.kind WHEN 1 THEN 'purchase' ELSE 'refund' END AS kind, ` +
			safe("p.id") + ` AS product, ` + safe("p.name") + ` AS product_name, ` + safe("p.category") + ` AS category, l.quantity_milli / 1000 AS quantity, ` + money("l.base_minor") + ` AS amount, '` + currency + `' AS currency
			FROM order_line l JOIN customer c ON c.key = l.customer_key LEFT JOIN product p ON p.key = l.product_key ORDER BY l.at_us`, nil
	}
	if what == "segments" {
		return s.membersQuery(safe)
	}
	return "", fault.Newf(fault.NotFound, "audience.unknown_export", "there is nothing called %q to export", what).
		At(fault.Place{Field: "what", Value: what}).Then("Choose customers, orders, lines or segments.")
}

// membersQuery lists every segment's members. A file statement takes no arguments, so the rules' own are written in.
func (s *Service) membersQuery(safe func(string) string) (string, error) {
	parts := make([]string, 0, 32)
	for _, seg := range segments() {
		where, args, err := query.RenderCondition(seg.Rule, query.StateSchema(), s.dialect, "s", 1)
		if err != nil {
			return "", err
		}
		for i := len(args); i > 0; i-- {
			literal, err := literal(args[i-1])
			if err != nil {
				return "", err
			}
			where = strings.ReplaceAll(where, "$"+strconv.Itoa(i), literal)
		}
		parts = append(parts, `SELECT '`+seg.Slug+`' AS segment, `+safe("c.id")+` AS customer, `+safe("c.name")+` AS name, `+safe("c.email")+` AS email
			FROM customer_state s JOIN customer c ON c.key = s.customer_key WHERE `+where)
	}
	for _, own := range s.followed() {
		bits := bitsOf(s.engine.Recall.Members(own.Key))
		parts = append(parts, `SELECT '`+own.Slug+`' AS segment, `+safe("c.id")+` AS customer, `+safe("c.name")+` AS name, `+safe("c.email")+` AS email
			FROM customer c WHERE `+isMember("c.key", blobLiteral(bits), len(bits)))
	}
	return strings.Join(parts, ` UNION ALL `), nil
}

// followed are the segments that the workspace defined, in the order in which it did.
func (s *Service) followed() []live.Segment {
	if s.engine == nil {
		return nil
	}
	return slices.DeleteFunc(s.engine.Segments(), func(d live.Segment) bool { return d.Key >= builtInFrom })
}

// literal writes an argument of a built-in rule as SQL.
func literal(v any) (string, error) {
	switch x := v.(type) {
	case string:
		return "'" + strings.ReplaceAll(x, "'", "''") + "'", nil
	case bool, int, int32, int64, float64:
		return fmt.Sprint(x), nil
	}
	return "", fmt.Errorf("a rule holds a value of the type %T", v)
}

// Export writes what is asked to a file that the caller removes.
func (s *Service) Export(ctx context.Context, what, format, folder string) (string, error) {
	currency, _, err := s.money(ctx)
	if err != nil {
		return "", err
	}
	text, err := s.exportQuery(what, currency, format)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	f, err := os.CreateTemp(folder, "export-")
	if err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	path := f.Name()
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	rows, err := s.warehouse.Ask(ctx, `COPY (`+text+`) TO '`+strings.ReplaceAll(path, "'", "''")+`' (`+formats[format].clause+`)`)
	if err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	if err := drain(rows); err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return path, nil
}

func drain(rows *sql.Rows) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
	}
	return rows.Err()
}

// RegisterExport adds the downloads; scratch is a folder for files on their way.
func RegisterExport(api *rest.API, s *Service, scratch string) {
	rest.Register(api, rest.Op{ID: "export", Method: http.MethodGet, Path: "/v1/export/{what}", Tag: "Export", Summary: "Customers, orders, lines or the members of segments as CSV, JSON lines or Parquet", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			AsOfInput
			What   string `path:"what" enum:"customers,orders,lines,segments"`
			Format string `query:"format" default:"csv" enum:"csv,ndjson,parquet"`
		},
		) (*huma.StreamResponse, error) {
			if in.AsOf != "" && (in.What == "orders" || in.What == "lines") {
				return nil, fault.Newf(fault.Invalid, "audience.as_of_unused", "%s are as they came, not as of a day", in.What).
					At(fault.Place{Field: "as_of", Value: in.AsOf}).Then("Leave as_of away.")
			}
			if err := s.Kept(ctx, in.AsOf); err != nil {
				return nil, err
			}
			path, err := s.Export(ctx, in.What, in.Format, filepath.Join(scratch, "tmp"))
			if err != nil {
				return nil, err
			}
			f, err := os.Open(path)
			if err != nil {
				return nil, errors.Join(fmt.Errorf("export: %w", err), os.Remove(path))
			}
			return exported(f, in.What, in.Format)
		})
}

// exported sends the file and then removes it.
func exported(f *os.File, what, format string) (*huma.StreamResponse, error) {
	drop := func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("export: %w", err), drop())
	}
	header := map[string]string{
		"Content-Length": strconv.FormatInt(info.Size(), 10), "Content-Type": formats[format].mime,
		"Content-Disposition": `attachment; filename="dangol-` + what + `.` + format + `"`,
	}
	return rest.Download(header, func(_ context.Context, w io.Writer) (err error) {
		defer func() { err = errors.Join(err, drop()) }()
		_, err = io.Copy(w, f)
		return err
	}), nil
}
