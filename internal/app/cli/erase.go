package cli

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/market"
)

type receiptView struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	At       time.Time `json:"at"`
	Who      string    `json:"who"`
	Why      string    `json:"why"`
	State    string    `json:"state"`
	Stores   []struct {
		Store string `json:"store"`
		Table string `json:"table"`
		Rows  int64  `json:"rows"`
	} `json:"stores"`
	Trimmed uint64   `json:"log_trimmed_to"`
	Backups []string `json:"backups"`
}

func (e *env) eraseCommand() *cobra.Command {
	var why string
	var yes, receipts bool
	c := &cobra.Command{
		Use: "erase CUSTOMER", Short: "Forget a customer in every store, and get the receipt",
		Long: "Forgets a customer, named by any identity, in the records, the warehouse, the log and every index, and prints the receipt. It cannot be undone.\n" +
			"Events of hers that come later make a new customer. With --receipts the receipts there are are listed instead.",
		Args: takes(cobra.MaximumNArgs(1)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			if receipts {
				type list struct{ Items []receiptView }
				return answered(ctx, e, client, http.MethodGet, "/v1/erasures", nil, nil, func(v *list) { e.printReceipts(v.Items) })
			}
			if len(args) == 0 {
				return usagef("say whom to erase, e.g. `dangol erase email:kim@example.com`")
			}
			if !yes && !e.json && isTerminal(e.Streams.Out) && !e.sure(args[0]) {
				return usagef("nothing was erased")
			}
			in := map[string]string{"customer": args[0], "why": why}
			return answered(ctx, e, client, http.MethodPost, "/v1/erasures", nil, in, e.printReceipt)
		}),
	}
	c.Flags().StringVar(&why, "why", "", "why, for the receipt; do not name her")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask again")
	c.Flags().BoolVar(&receipts, "receipts", false, "list the receipts of earlier erasures")
	return c
}

// sure asks for the name again: what is erased does not come back.
func (e *env) sure(name string) bool {
	e.say("This forgets %s for good. Write the name again to go on:", harmless(name))
	line, err := bufio.NewReader(e.In).ReadString('\n')
	return err == nil && strings.TrimSpace(line) == name
}

func (e *env) printReceipt(r *receiptView) {
	e.print("%s  %s  %s", r.ID, r.At.Format(time.DateTime), harmless(r.Customer))
	rows := [][]cell{}
	for _, s := range r.Stores {
		if s.Rows > 0 {
			rows = append(rows, []cell{left(s.Store), left(s.Table), count(s.Rows)})
		}
	}
	e.table([]cell{left("store"), left("table"), right("erased")}, rows)
	if r.Trimmed > 0 {
		e.print("The log holds nothing up to message %s.", market.FormatNumber(int64(r.Trimmed)))
	}
	for _, b := range r.Backups {
		e.print("- %s", harmless(b))
	}
}

func (e *env) printReceipts(list []receiptView) {
	rows := [][]cell{}
	for _, r := range list {
		rows = append(rows, []cell{left(r.ID), left(r.At.Format(time.DateTime)), left(r.Customer), left(r.Who), left(r.Why), left(r.State)})
	}
	e.table([]cell{left("receipt"), left("at (UTC)"), left("customer"), left("who"), left("why"), left("state")}, rows)
}
