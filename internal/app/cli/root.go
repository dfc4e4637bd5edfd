package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/foresee"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Env      func(string) string
}

// env is what every verb works with.
type env struct {
	Streams
	build   app.Build
	clock   clock.Clock
	out     *bufio.Writer
	started bool // the command line was understood; what fails from here on is not its usage

	data, server, key, lang string
	json, quiet             bool
}

// usage is an error of the command line itself.
type usage struct{ error }

func usagef(format string, args ...any) error { return usage{fmt.Errorf(format, args...)} }

// Main runs the command line and returns the exit status.
func Main(ctx context.Context, b app.Build, args []string, s Streams) int {
	e := &env{Streams: s, build: b, clock: clock.System(), out: bufio.NewWriterSize(s.Out, 1<<16)}
	root := e.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if flushing := e.out.Flush(); err == nil {
		err = flushing
	}
	return e.exit(err)
}

func (e *env) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "dangol",
		Short: "Know your regulars: from a file of orders to who is valuable, who leaves, and what to do",
		Long: "Dangol reads the orders a shop has and tells who its customers are, what they are worth, who has probably left,\n" +
			"how cohorts hold, and which group to act on first.\n\n" +
			"Start with:  dangol import orders FILE --dry-run",
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRun: func(*cobra.Command, []string) { e.started = true },
	}
	root.SetIn(e.In)
	root.SetOut(e.out)
	root.SetErr(e.Err)
	flags := root.PersistentFlags()
	flags.StringVar(&e.data, "data", "", "data folder (DANGOL_DATA; default ./dangol-data)")
	flags.StringVar(&e.server, "server", "", "speak to the server at this URL instead of the data folder (DANGOL_SERVER)")
	flags.StringVar(&e.key, "key", "", "API key for --server; DANGOL_KEY keeps it out of the list of processes")
	flags.BoolVar(&e.json, "json", false, "print JSON")
	flags.BoolVarP(&e.quiet, "quiet", "q", false, "no talk and no progress on standard error")
	flags.StringVar(&e.lang, "lang", "", "language of amounts: en, ko or th (default from LANG)")
	root.AddCommand(e.serveCommand(), e.importCommand(), e.analyzeCommand(), e.reportCommand(), e.forecastCommand(), e.customerCommand(), e.eraseCommand(), e.exportCommand(),
		e.summaryCommand(), e.statusCommand(), e.backupCommand(), e.restoreCommand(), e.keyCommand(), e.webhookCommand(), e.segmentCommand(), e.traitCommand(), e.tailCommand(), e.quarantineCommand(), e.replayCommand(), e.deadLetterCommand(), e.labCommand(), e.simulateCommand(), e.demoCommand(), e.openapiCommand(), e.configCommand(), e.versionCommand())
	root.AddCommand(foresee.Commands(e.foresight())...)
	return root
}

// exit prints what went wrong with the step that mends it, and gives the status.
func (e *env) exit(err error) int {
	var wrong usage
	var ended stopped
	var f *fault.Fault
	switch {
	case err == nil:
		return fault.ExitOK
	case errors.As(err, &f):
		e.complain(f)
		return fault.Exit(f.Code)
	case errors.As(err, &wrong), !e.started:
		_, _ = fmt.Fprintf(e.Err, "error: %v\n  → See `dangol --help`, or --help after any command.\n", err)
		return fault.ExitUsage
	case errors.As(err, &ended):
		_, _ = fmt.Fprintln(e.Err, ended.sentence)
		return fault.ExitFailure
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(e.Err, "stopped")
		return fault.ExitFailure
	default:
		_, _ = fmt.Fprintf(e.Err, "error: %v\n  → If this comes again, please report it with these words.\n", err)
		return fault.ExitFailure
	}
}

// longestError is how many columns of a message people are shown: a file without a header may have a line for a name.
const longestError = 1000

func (e *env) complain(f *fault.Fault) {
	text := f.Sentence
	if where := f.Where.String(); where != "" {
		text += " (" + where + ")"
	}
	if f.Code == fault.Internal && f.Unwrap() != nil {
		text += ": " + f.Unwrap().Error()
	}
	_, _ = fmt.Fprintln(e.Err, "error: "+cut(harmless(text), longestError))
	next := f.Next
	if next == "" && f.Code != fault.Internal {
		next = "See `dangol --help`, or --help after any command."
	} else if next == "" {
		next = "If this comes again, please report it with these words."
	}
	_, _ = fmt.Fprintln(e.Err, "  → "+cut(harmless(next), longestError))
}

// config is where the house is and how it is set.
func (e *env) config(flags app.Config) (app.Config, error) {
	flags.Data = e.data
	return app.Load(flags, e.Env)
}

func (e *env) options(flags app.Config) (app.Options, error) {
	c, err := e.config(flags)
	return app.Options{Config: c, Build: e.build, Log: e.logger(slog.LevelError, c.Log), Clock: e.clock}, err
}

func (e *env) logger(level slog.Level, form string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if form == "json" {
		return slog.New(slog.NewJSONHandler(e.Err, options))
	}
	return slog.New(slog.NewTextHandler(e.Err, options))
}

// within is with for reports: where there is no data folder they make none, for its name is likely mistyped.
func (e *env) within(ctx context.Context, verb func(ctx context.Context, c *app.Client) error) error {
	c, err := e.config(app.Config{})
	if err != nil {
		return err
	}
	if first(e.server, e.Env("DANGOL_SERVER")) == "" {
		if _, err := os.Stat(c.Data); errors.Is(err, os.ErrNotExist) {
			return fault.New(fault.NotFound, "app.no_data", "there is no such data folder").At(fault.Place{File: c.Data}).
				Then("Name the one that holds your data with --data DIR, or begin one with `dangol import orders FILE`.")
		}
	}
	return e.with(ctx, verb)
}

// with dials the house, runs the verb and hangs up.
func (e *env) with(ctx context.Context, verb func(ctx context.Context, c *app.Client) error) (err error) {
	o, err := e.options(app.Config{})
	if err != nil {
		return err
	}
	t := app.Target{Server: first(e.server, e.Env("DANGOL_SERVER")), Key: first(e.key, e.Env("DANGOL_KEY")), Options: o}
	c, err := app.Dial(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return verb(ctx, c)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// say talks to the person, not to a script.
func (e *env) say(format string, args ...any) {
	if !e.quiet {
		_ = e.out.Flush() // so that talk and data keep their order on a terminal
		_, _ = fmt.Fprintf(e.Err, format+"\n", args...)
	}
}

// print writes data.
func (e *env) print(format string, args ...any) { _, _ = fmt.Fprintf(e.out, format+"\n", args...) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colour says whether standard output takes colours.
func (e *env) colour() bool {
	return e.Env("NO_COLOR") == "" && e.Env("TERM") != "dumb" && isTerminal(e.Streams.Out)
}

func (e *env) language() market.Language {
	tag := first(e.lang, e.Env("LC_ALL"), e.Env("LANG"))
	tag, _, _ = strings.Cut(tag, ".")
	return market.Match(strings.ReplaceAll(tag, "_", "-"))
}

// takes wraps a check of the arguments so that its failure counts as wrong usage.
func takes(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usage{err}
		}
		return nil
	}
}

// oneOf is for commands that only hold others.
func oneOf(c *cobra.Command) *cobra.Command {
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("%s needs one of: %s", c.CommandPath(), strings.Join(names, ", "))
		}
		return usagef("%s knows no %q; it has: %s", c.CommandPath(), args[0], strings.Join(names, ", "))
	}
	return c
}
