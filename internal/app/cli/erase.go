package cli

import (
	"bufio"
	"context"
	"io"
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
			"On a terminal it asks first; where standard input is none and gives a line, that line is the answer: y goes on, anything else stops. --yes asks nothing.\n" +
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
			if !yes {
				if err := e.agreed(args[0]); err != nil {
					return err
				}
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

// agreed asks a person on a terminal, and heeds what a pipe answers unasked. A script that answers nothing means what it says.
func (e *env) agreed(name string) error {
	if !e.json && isTerminal(e.Streams.Out) {
		if e.sure(name) {
			return nil
		}
		return usagef("nothing was erased")
	}
	if isTerminal(e.In) {
		return nil
	}
	switch line, given := e.answer(); {
	case !given, strings.EqualFold(line, "y"), strings.EqualFold(line, "yes"), line == name:
		return nil
	default:
		return usagef("nothing was erased: standard input answered %q, not y; --yes goes on without an answer", cut(harmless(line), 40))
	}
}

const (
	answerPatience = 2 * time.Second // for a pipe that is open and may never say anything
	longestAnswer  = 1 << 10
)

// answer is the line that standard input gives, if it gives one.
func (e *env) answer() (line string, given bool) {
	heard := make(chan string, 1)
	go func() {
		if line, given := oneAnswer(e.In); given {
			heard <- line
		}
		close(heard)
	}()
	select {
	case line, given = <-heard:
		return line, given
	case <-time.After(answerPatience):
		return "", false
	}
}

// oneAnswer reads no further than the line: what follows is the caller's, as the rest of a list in a loop of a shell.
func oneAnswer(in io.Reader) (line string, given bool) {
	var text []byte
	for one := make([]byte, 1); len(text) < longestAnswer; {
		n, err := in.Read(one)
		if n > 0 && one[0] == '\n' {
			return strings.TrimSpace(string(text)), true
		}
		text = append(text, one[:n]...)
		if err != nil {
			break
		}
	}
	return strings.TrimSpace(string(text)), len(text) > 0
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
