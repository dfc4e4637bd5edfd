package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

// importOptions say how to read a file; the API's words.
type importOptions struct {
	Columns      map[string]string `json:"columns,omitempty"`
	DateFormat   string            `json:"date_format,omitempty"`
	TZ           string            `json:"tz,omitempty"`
	Currency     string            `json:"currency,omitempty"`
	DecimalComma *bool             `json:"decimal_comma,omitempty"`
	Market       string            `json:"market,omitempty"`
	Sheet        string            `json:"sheet,omitempty"`
	Delimiter    string            `json:"delimiter,omitempty"`
	Header       *bool             `json:"header,omitempty"`
	Encoding     string            `json:"encoding,omitempty"`
	BaseCurrency string            `json:"base_currency,omitempty"`
	Rates        map[string]string `json:"rates,omitempty"`
	Simulated    bool              `json:"simulated,omitempty"`
}

type importRequest struct {
	Upload  string        `json:"upload,omitempty"`
	Path    string        `json:"path,omitempty"`
	Options importOptions `json:"options"`
	Whole   bool          `json:"whole,omitempty"`
}

type importFlags struct {
	importOptions
	columns      []string
	rates        []string
	decimalComma bool
	noHeader     bool
	dryRun       bool
}

func (e *env) importCommand() *cobra.Command {
	c := &cobra.Command{Use: "import", Short: "Take data in"}
	c.AddCommand(e.importOrders())
	return oneOf(c)
}

func (e *env) importOrders() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use: "orders FILE...", Short: "Import orders: CSV, TSV, JSON lines, Parquet, Excel, fixed-width text, or these as .gz",
		Long: "Imports files of orders, one row an order or one row a line of an order. A file goes in whole or not at all, and\n" +
			"importing it again changes nothing. What cannot be read is set aside, counted by reason, and written to a rejects\n" +
			"file. A FILE of - is standard input.\n\n" +
			"Columns are recognised by header and content. --columns overrides, by header or by number counted from 1:\n" +
			"  --columns customer=CustomerID,order=InvoiceNo,at=InvoiceDate,product=StockCode,quantity=Quantity,price=UnitPrice",
		Example: "  dangol import orders orders.csv --dry-run\n  dangol import orders cdnow.txt --columns customer=1,at=2,quantity=3,amount=4 --currency USD",
		Args:    takes(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.settle(c); err != nil {
				return err
			}
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error { return e.importFiles(ctx, client, args, &f) })
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.columns, "columns", nil, "role=header or role=number, with commas between")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show the mapping, ten rows and the totals; change nothing")
	flags.StringVar(&f.DateFormat, "date-format", "", "dmy, mdy, ymd or a pattern such as %d.%m.%Y, where a date could mean two days")
	flags.StringVar(&f.TZ, "tz", "", "time zone of times written without one, e.g. Asia/Seoul")
	flags.StringVar(&f.Currency, "currency", "", "currency of rows that name none, e.g. KRW")
	flags.BoolVar(&f.decimalComma, "decimal-comma", false, "12,50 is twelve and a half (=false: it is not)")
	flags.StringVar(&f.Market, "market", "", "market of rows that name none, e.g. KR")
	flags.StringVar(&f.Sheet, "sheet", "", "sheet of an Excel file")
	flags.BoolVar(&f.noHeader, "no-header", false, "the first row is data")
	flags.StringVar(&f.Delimiter, "delimiter", "", "what stands between columns, e.g. ';' or tab")
	flags.StringVar(&f.Encoding, "encoding", "", "of the text, e.g. euc-kr or windows-874 (default: found by looking)")
	flags.StringVar(&f.BaseCurrency, "base-currency", "", "currency of reports, fixed by the first import, or named once where that had none")
	flags.StringSliceVar(&f.rates, "rate", nil, "units of another currency for one of the base currency, e.g. THB=0.026")
	flags.BoolVar(&f.Simulated, "simulated", false, "mark the data as simulated")
	return c
}

// settle turns the flags into options.
func (f *importFlags) settle(c *cobra.Command) error {
	var err error
	if f.Columns, err = pairs("--columns", "customer=CustomerID", f.columns); err != nil {
		return err
	}
	if f.Rates, err = pairs("--rate", "THB=0.026", f.rates); err != nil {
		return err
	}
	if c.Flags().Changed("decimal-comma") {
		f.DecimalComma = &f.decimalComma
	}
	if c.Flags().Changed("no-header") {
		header := !f.noHeader
		f.Header = &header
	}
	if f.Delimiter == "tab" || f.Delimiter == `\t` {
		f.Delimiter = "\t"
	}
	return nil
}

func pairs(flag, like string, values []string) (map[string]string, error) {
	if len(values) == 0 {
		return nil, nil
	}
	out := map[string]string{}
	for _, v := range values {
		name, value, ok := strings.Cut(v, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || value == "" && flag != "--columns" { // an empty column unsets its role
			return nil, usagef("%s %q is not like %s", flag, v, like)
		}
		out[name] = value
	}
	return out, nil
}

func (e *env) importFiles(ctx context.Context, c *app.Client, files []string, f *importFlags) error {
	// A misspelt name is told before anything is taken in.
	for _, file := range files {
		if err := readable(file); err != nil {
			return err
		}
	}
	if f.BaseCurrency != "" && !f.dryRun {
		if err := e.nameCurrency(ctx, c, f.BaseCurrency); err != nil {
			return err
		}
	}
	var results []json.RawMessage
	for i, file := range files {
		raw, err := e.importFile(ctx, c, file, f)
		if raw != nil {
			results = append(results, raw)
		}
		if err != nil {
			if !f.dryRun {
				err = besides(err, files, i)
			}
			return errors.Join(err, e.printResults(results, len(files)))
		}
	}
	if !e.json && !f.dryRun {
		e.say("Next: dangol summary")
	}
	return e.printResults(results, len(files))
}

// nameCurrency gives what came without a currency the one it is in, where there is such.
func (e *env) nameCurrency(ctx context.Context, c *app.Client, code string) error {
	var s app.Status
	if err := c.Call(ctx, http.MethodGet, "/v1/status", nil, nil, &s); err != nil || s.Lines == 0 || s.Currency != market.None || code == market.None {
		return err
	}
	if err := c.Call(ctx, http.MethodPut, "/v1/settings", nil, market.Settings{Currency: code}, nil); err != nil {
		return err
	}
	e.say("What came without a currency is in %s from now on.", code)
	return nil
}

func (e *env) importFile(ctx context.Context, c *app.Client, file string, f *importFlags) (json.RawMessage, error) {
	request, err := e.source(ctx, c, file)
	if err != nil {
		return nil, err
	}
	request.Options = f.importOptions
	if f.dryRun {
		request.Whole = true
		return e.dryRun(ctx, c, file, request)
	}
	raw, err := e.work(ctx, c, "/v1/imports", request)
	if err != nil {
		return nil, inFile(err, file)
	}
	if !e.json {
		return raw, e.printImport(file, raw)
	}
	return raw, nil
}

// besides says what became of the other files when the one at i failed.
func besides(err error, files []string, i int) error {
	if len(files) == 1 {
		return err
	}
	kept, left := strings.Join(files[:i], ", "), strings.Join(files[i+1:], ", ")
	var also string
	switch {
	case i == 0:
		also = "None of the files was taken in."
	case left == "":
		also = "Taken in before it, and kept: " + kept + "."
	default:
		also = "Taken in before it, and kept: " + kept + ". Not begun: " + left + "."
	}
	also += " The same command again takes nothing in twice."
	var f *fault.Fault
	var ended stopped
	switch {
	case errors.As(err, &ended):
		return stopped{files[i] + ": " + ended.sentence + ". " + also}
	case errors.As(err, &f):
		return f.Then(strings.TrimSpace(f.Next + " " + also))
	}
	return err
}

// printResults prints one object for one file, and for several a list of those that were taken in.
func (e *env) printResults(results []json.RawMessage, files int) error {
	if !e.json || len(results) == 0 {
		return nil
	}
	if files == 1 {
		return e.printJSON(results[0], nil)
	}
	all, err := json.Marshal(results)
	return e.printJSON(all, err)
}

// inFile adds the file's name where the fault does not say it.
func inFile(err error, file string) error {
	var f *fault.Fault
	if errors.As(err, &f) && f.Where.File == "" && f.Code != fault.Internal {
		where := f.Where
		where.File = file
		return f.At(where)
	}
	return err
}

// readable tells early what would stop every import.
func readable(file string) error {
	if file == "-" {
		return nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return unreadable(file, err)
	}
	if info.IsDir() {
		return fault.New(fault.Invalid, "app.folder", "this is a folder, not a file").At(fault.Place{File: file}).
			Then("Name the files in it: dangol import orders " + filepath.Join(file, "*.csv"))
	}
	if !info.Mode().IsRegular() {
		return nil // to open a pipe twice would lose what is in it
	}
	f, err := os.Open(file)
	if err != nil {
		return unreadable(file, err)
	}
	return f.Close()
}

func unreadable(file string, err error) error {
	f := fault.New(fault.NotFound, "app.no_file", "there is no such file").Then("Check its name, and in which folder you are.")
	switch {
	case errors.Is(err, os.ErrPermission):
		f = fault.New(fault.Invalid, "app.may_not_read", "you may not read this file").Then("Ask its owner, or change its permissions: chmod u+r " + file)
	case !errors.Is(err, os.ErrNotExist):
		f = fault.New(fault.Invalid, "app.unreadable_file", "this file cannot be opened").Then("Check that it is a file and that its disk is there.")
	}
	return f.At(fault.Place{File: file}).Because(err)
}

// source says where the house finds the file: by its path if it shares our disk, else it is sent, as a pipe is.
func (e *env) source(ctx context.Context, c *app.Client, file string) (importRequest, error) {
	if file == "-" {
		return e.upload(ctx, c, "stdin.csv", e.In)
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return importRequest{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return importRequest{}, unreadable(file, err)
	}
	if c.Local() && info.Mode().IsRegular() {
		return importRequest{Path: path}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return importRequest{}, unreadable(file, err)
	}
	defer func() { _ = f.Close() }()
	if !c.Local() {
		e.say("Sending %s …", file)
	}
	return e.upload(ctx, c, filepath.Base(file), f)
}

func (e *env) upload(ctx context.Context, c *app.Client, name string, body io.Reader) (r importRequest, err error) {
	// The transport closes what it can; the caller's file is closed by the caller.
	answer, err := c.Stream(ctx, http.MethodPost, "/v1/uploads", params("name", name), "application/octet-stream", io.NopCloser(body))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	var out struct{ Upload string }
	err = json.NewDecoder(answer).Decode(&out)
	return importRequest{Upload: out.Upload}, err
}
