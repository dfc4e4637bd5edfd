package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

var (
	exports       = []string{"customers", "orders", "lines", "segments"}
	exportFormats = []string{"csv", "ndjson", "parquet"}
)

func (e *env) exportCommand() *cobra.Command {
	var format, file string
	var p period
	c := &cobra.Command{
		Use: "export " + strings.Join(exports, "|"), Short: "Write customers, orders, lines or segments out, whole",
		Args: takes(cobra.ExactArgs(1)), ValidArgs: exports,
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(exports, args[0]) {
				return usagef("export knows no %q; it has: %s", args[0], strings.Join(exports, ", "))
			}
			if e.json && !c.Flags().Changed("format") {
				format = "ndjson"
			}
			if !slices.Contains(exportFormats, format) {
				return usagef("--format knows no %q; it has: %s", format, strings.Join(exportFormats, ", "))
			}
			if format == "parquet" && file == "" && isTerminal(e.Streams.Out) {
				return usagef("parquet is not text; give a file with --out FILE")
			}
			analysed := args[0] == "customers" || args[0] == "segments"
			if p.asOf != "" && !analysed {
				return usagef("--as-of is for customers and segments; orders and lines are as they came")
			}
			return e.with(c.Context(), func(ctx context.Context, client *app.Client) error {
				if analysed {
					if err := e.freshen(ctx, client, p.asOf); err != nil {
						return err
					}
				}
				return e.download(ctx, client, "/v1/export/"+args[0], params("format", format, "as_of", p.asOf).Encode(), file)
			})
		},
	}
	p.asOfFlag(c)
	c.Flags().StringVar(&format, "format", "csv", "csv, ndjson or parquet")
	c.Flags().StringVarP(&file, "out", "o", "", "file to write, which must not exist (default: standard output)")
	return c
}

// download streams an answer to standard output, or into a new file that is whole or not there.
func (e *env) download(ctx context.Context, c *app.Client, path, query, file string) (err error) {
	answer, err := c.Stream(ctx, http.MethodGet, path+"?"+query, nil, "", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	if file == "" {
		_, err = io.Copy(e.out, answer)
		return cutOff(ctx, err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.New(fault.Invalid, "app.cannot_write", "the file cannot be made").At(fault.Place{File: file}).
			Then("Name a file that does not exist, in a folder where you may write.").Because(err)
	}
	n, err := io.Copy(f, answer)
	if err = errors.Join(cutOff(ctx, err), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", file, err), os.Remove(file))
	}
	e.say("Wrote %s (%s bytes).", file, market.FormatNumber(n))
	return nil
}

// cutOff words the end of an answer that came before its last byte; what is written elsewhere fails in its own words.
func cutOff(ctx context.Context, err error) error {
	var disk *os.PathError
	if err == nil || ctx.Err() != nil || errors.As(err, &disk) {
		return err
	}
	return fault.New(fault.Unavailable, "app.cut_off", "the answer broke off; what came of it is not the whole").
		Then("Ask again. If it comes again, the server's log says why.").Because(err)
}
