package cli

import (
	"context"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
)

type consentView struct {
	Purpose string    `json:"purpose"`
	Channel string    `json:"channel"`
	State   string    `json:"state"`
	At      time.Time `json:"at"`
	Source  string    `json:"source"`
	Proof   string    `json:"proof"`
}

func (e *env) printConsents(list []consentView) {
	rows := make([][]cell, 0, len(list))
	for _, c := range list {
		rows = append(rows, []cell{left(c.Purpose), left(c.Channel), left(c.State), left(c.At.Format(time.DateTime)), left(c.Source), left(c.Proof)})
	}
	e.table([]cell{left("consent to"), left("by"), left("state"), left("since (UTC)"), left("said at"), left("proof")}, rows)
}

func (e *env) customerConsent() *cobra.Command {
	var purpose, channel, source, proof string
	c := &cobra.Command{
		Use: "consent CUSTOMER given|withdrawn|unknown", Short: "Write down that a customer gave or withdrew consent", Args: takes(cobra.ExactArgs(2)),
		RunE: e.talk(func(ctx context.Context, client *app.Client, args []string) error {
			if channel == "" {
				return usagef("say by which channel with --channel email (or sms, push, line, kakao, phone, post, all)")
			}
			in := map[string]string{"purpose": purpose, "channel": channel, "state": args[1], "source": source, "proof": proof}
			type list struct {
				Items []consentView
				Hint  string
			}
			return answered(ctx, e, client, http.MethodPut, "/v1/customers/"+escape(args[0])+"/consents", nil, in, func(v *list) {
				e.printConsents(v.Items)
				if v.Hint != "" {
					e.say("%s", v.Hint)
				}
			})
		}),
	}
	c.Flags().StringVar(&purpose, "purpose", "marketing", "what for")
	c.Flags().StringVar(&channel, "channel", "", "by which channel: email, sms, push, line, kakao, phone, post, or all")
	c.Flags().StringVar(&source, "source", "command line", "where she said it")
	c.Flags().StringVar(&proof, "proof", "", "what shows it: the text she saw, a link, an address")
	return c
}
