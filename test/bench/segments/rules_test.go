package segments

import (
	"testing"
	"time"

	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
)

// fifty are rules as a shop writes them.
var fifty = []string{
	`{"did":"Order Completed","window":{"last":"30d"}}`,
	`{"did_not":"Order Completed","window":{"last":"60d"}}`,
	`{"and":[{"did":"Order Completed"},{"did_not":"Order Completed","window":{"last":"90d"}}]}`,
	`{"did":"Product Viewed","times":{">=":3},"window":{"last":"7d"}}`,
	`{"did":"Product Viewed","where":[{"property":"category","op":"=","value":"tea"}],"times":{">=":2},"window":{"last":"30d"}}`,
	`{"and":[{"did":"Product Viewed","where":[{"property":"category","op":"=","value":"tea"}],"window":{"last":"30d"}},{"did_not":"Product Bought","where":[{"property":"category","op":"=","value":"tea"}],"window":{"last":"30d"}}]}`,
	`{"sequence":[{"did":"Checkout Started"},{"did_not":"Order Completed","within":"1d"}],"window":{"last":"7d"}}`,
	`{"sequence":[{"did":"Product Added"},{"did_not":"Order Completed","within":"3d"}],"window":{"last":"14d"}}`,
	`{"sequence":[{"did":"Email Link Clicked"},{"did":"Order Completed","within":"2d"}],"window":{"last":"90d"}}`,
	`{"did":"Product Added","window":{"last":"3d"}}`,
	`{"and":[{"did":"Product Added","window":{"last":"3d"}},{"did_not":"Checkout Started","window":{"last":"3d"}}]}`,
	`{"did":"Email Opened","times":{">=":3},"window":{"last":"30d"}}`,
	`{"and":[{"did":"Email Opened","window":{"last":"90d"}},{"did_not":"Email Link Clicked","window":{"last":"90d"}}]}`,
	`{"did_not":"Email Opened","window":{"last":"180d"}}`,
	`{"did":"Products Searched","where":[{"property":"query","op":"contains","value":"birthday"}],"window":{"last":"30d"}}`,
	`{"trait":"orders","op":">=","value":2}`,
	`{"trait":"orders","op":"=","value":1}`,
	`{"trait":"spend","op":">=","value":500}`,
	`{"trait":"spend_365d","op":">=","value":1000}`,
	`{"trait":"avg_order_value","op":">","value":400}`,
	`{"trait":"days_since_last_order","op":">","value":120}`,
	`{"trait":"favourite_category","op":"=","value":"tea"}`,
	`{"trait":"coupon_share","op":">=","value":0.5}`,
	`{"trait":"spend_trend","op":"<","value":-0.3}`,
	`{"trait":"refund_rate","op":">","value":0.3}`,
	`{"trait":{"take":"sum","of":"Order Completed","property":"revenue","where":[{"property":"channel","op":"=","value":"app"}],"window":{"last":"90d"}},"op":">=","value":100}`,
	`{"trait":{"take":"max","of":"Product Viewed","property":"price","window":{"last":"30d"}},"op":">=","value":80}`,
	`{"trait":{"take":"average","of":"Product Added","property":"price","window":{"last":"30d"}},"op":"<","value":20}`,
	`{"trait":{"take":"distinct","of":"Product Viewed","property":"category","window":{"last":"30d"}},"op":">=","value":3}`,
	`{"trait":{"take":"days_since_last","of":"*"},"op":">","value":30}`,
	`{"trait":{"take":"ratio","of":"Email Link Clicked","window":{"last":"90d"},"to":{"take":"count","of":"Email Opened","window":{"last":"90d"}}},"op":">=","value":0.2}`,
	`{"trait":{"take":"trend","of":"Page Viewed","window":{"last":"14d"}},"op":"<","value":-0.5}`,
	`{"attribute":"plan","op":"=","value":"gold"}`,
	`{"attribute":"plan","op":"in","value":["gold","black"]}`,
	`{"and":[{"attribute":"age","op":">=","value":30},{"attribute":"age","op":"<","value":40}]}`,
	`{"attribute":"birthday","op":"anniversary within","value":"7d"}`,
	`{"and":[{"attribute":"newsletter","op":"=","value":true},{"attribute":"email","op":"is set"}]}`,
	`{"consent":{"purpose":"marketing","channel":"email"},"is":"given"}`,
	`{"and":[{"consent":{"purpose":"marketing","channel":"sms"},"is":"given"},{"did":"Order Completed","window":{"last":"365d"}}]}`,
	`{"market":["KR"]}`,
	`{"and":[{"market":["TH"]},{"trait":"orders_90d","op":">=","value":1}]}`,
	`{"rfm":["champions"]}`,
	`{"lifecycle":["at_risk","lost"]}`,
	`{"and":[{"score":"p_alive","op":"<","value":0.3},{"trait":"spend","op":">=","value":1000}]}`,
	`{"and":[{"segment":"friends"},{"did":"Page Viewed","window":{"last":"7d"}}]}`,
	`{"and":[{"share":{"percent":10,"salt":"spring"}},{"did":"Order Completed","window":{"last":"180d"}}]}`,
	`{"did":"Page Viewed","window":{"calendar":"today"}}`,
	`{"did":"Order Completed","times":{">=":2},"window":{"calendar":"this_year"}}`,
	`{"did":"Product Viewed","window":{"since":{"event":"Order Completed","which":"last"}}}`,
	`{"or":[{"did":"Coupon Applied","window":{"last":"60d"}},{"did":"Order Completed","where":[{"property":"coupon","op":"is set"}],"window":{"last":"60d"}}]}`,
}

func catalog() *rule.Catalog {
	c := &rule.Catalog{
		Events: map[string]rule.Event{}, Attributes: map[string]rule.Kind{"plan": rule.Text, "age": rule.Number, "birthday": rule.Time, "country": rule.Text, "newsletter": rule.Flag},
		State: query.StateSchema(), Traits: map[string]rule.Named{}, Segments: map[string]rule.Segment{"friends": {Name: "Friends"}}, Markets: []string{"KR", "TH", "DE"},
		Zone: time.UTC, Currency: "EUR", Digits: 2,
	}
	for _, n := range names {
		c.Events[n.name] = rule.Event{Key: uint32(n.key)}
	}
	for _, n := range rule.BuiltIn() {
		c.Traits[n.Name] = n
	}
	return c
}

func bound(tb testing.TB, texts []string) []*rule.Bound {
	tb.Helper()
	c := catalog()
	out := make([]*rule.Bound, len(texts))
	for i, text := range texts {
		r, err := rule.Parse([]byte(text))
		if err == nil {
			out[i], err = rule.Bind(r, c)
		}
		if err != nil {
			tb.Fatalf("%s: %v", text, err)
		}
	}
	return out
}
