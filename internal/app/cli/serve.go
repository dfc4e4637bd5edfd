package cli

import (
	"log/slog"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
)

func (e *env) serveCommand() *cobra.Command {
	var flags app.Config
	c := &cobra.Command{
		Use: "serve", Short: "Serve the console and the API until stopped",
		Long: "Serves the console, the API under /v1 and its documentation under /docs.\n" +
			"On loopback it is open to this machine's user while no API key exists; on any other address it needs one first.",
		Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return e.serve(c, flags) },
	}
	c.Flags().StringVar(&flags.Addr, "addr", "", "address to listen on (DANGOL_ADDR; default 127.0.0.1:8080)")
	c.Flags().StringVar(&flags.Log, "log", "", "form of the log: text or json (DANGOL_LOG; default text)")
	return c
}

func (e *env) serve(c *cobra.Command, flags app.Config) error {
	o, err := e.options(flags)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if e.quiet {
		level = slog.LevelWarn
	}
	o.Log = e.logger(level, o.Config.Log)
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return app.Serve(ctx, o, func(url string) {
		e.print("Dangol is serving at %s", url)
		_ = e.out.Flush()
		e.say("The data folder is %s. Stop with Ctrl-C.", o.Config.Data)
	})
}
