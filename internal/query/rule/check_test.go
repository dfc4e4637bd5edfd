package rule_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query/rule"
)

func shop() *rule.Catalog {
	c := drawCatalog(time.UTC, 2)
	c.Events = map[string]rule.Event{
		"Product Viewed":   {Key: 16, Properties: map[string]rule.Kind{"category": rule.Text, "price": rule.Number, "in_stock": rule.Flag}},
		"Checkout Started": {Key: 17, Properties: map[string]rule.Kind{"value": rule.Number}},
		"Plan A Chosen":    {Key: 18},
	}
	return c
}

func parsed(t testing.TB, text string) *rule.Rule {
	t.Helper()
	r, err := rule.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c := shop()
	c.Segments["a"] = rule.Segment{Name: "A", Rule: parsed(t, `{"and":[{"did":"Product Viewed"},{"segment":"b"}]}`)}
	c.Segments["b"] = rule.Segment{Name: "B", Rule: parsed(t, `{"not":{"segment":"a"}}`)}
	c.Segments["broken"] = rule.Segment{Name: "Broken", Rule: parsed(t, `{"segment":"gone"}`)}
	for _, x := range []struct{ text, place, says string }{
		{`{"did":"Prodct Viewed"}`, "did", "Did you mean Product Viewed?"},
		{`{"did":"product_viewed"}`, "did", "Did you mean Product Viewed?"},
		{`{"and":[{"did":"Order Complete"}]}`, "and[0].did", "Did you mean Order Completed?"},
		{`{"did":"Product Viewed","where":[{"property":"catgory","op":"=","value":"tea"}]}`, "where[0].property", "Did you mean category?"},
		{`{"did":"Order Completed","where":[{"property":"discount","op":"=","value":1}]}`, "where[0].property", `no property of Order Completed "discount"`},
		{`{"did":"Product Viewed","where":[{"property":"a..b","op":"=","value":"tea"}]}`, "where[0].property", "no name of a property"},
		{`{"did":"Product Viewed","where":[{"property":"price","op":"=","value":"tea"}]}`, "where[0].value", "price is a number"},
		{`{"did":"Product Viewed","where":[{"property":"price","op":"contains","value":"tea"}]}`, "where[0].op", `cannot be compared with "contains"`},
		{`{"did":"Product Viewed","where":[{"property":"category","op":">","value":3}]}`, "where[0].op", "category is a text"},
		{`{"did":"Product Viewed","where":[{"property":"in_stock","op":"=","value":"true"}]}`, "where[0].value", "true or false"},
		{`{"trait":{"take":"sum","of":"Product Viewed","property":"category"},"op":">","value":3}`, "trait.property", "cannot be added up"},
		{`{"trait":{"take":"last","of":"Product Viewed","property":"category"},"op":">","value":3}`, "op", "a text"},
		{`{"trait":{"take":"ratio","of":"Product Viewed","to":{"take":"last","of":"Product Viewed","property":"category"}},"op":">","value":3}`, "trait.to", "divides by a number"},
		{`{"trait":{"take":"ratio","of":"Product Viewed","to":"days_since_last_order"},"op":">","value":3}`, "trait.to", "days since"},
		{`{"trait":"ordrs","op":">","value":3}`, "trait", "Did you mean orders?"},
		{`{"trait":"p_alive","op":">","value":3}`, "trait", `{"score":"p_alive"}`},
		{`{"score":"palive","op":">","value":0.3}`, "score", "Did you mean p_alive?"},
		{`{"score":"rfm_group","op":">","value":0.3}`, "op", "a text"},
		{`{"attribute":"Plan","op":"=","value":"gold"}`, "attribute", "Did you mean plan?"},
		{`{"attribute":"plan","op":"=","value":1}`, "value", "a text"},
		{`{"segment":"vips"}`, "segment", `no segment "vips"`},
		{`{"segment":"frends"}`, "segment", "Did you mean friends?"},
		{`{"and":[{"segment":"a"}]}`, "and[0].segment", "segment a, then segment b, then segment a"},
		{`{"segment":"broken"}`, "segment", `there is no segment "gone"`},
		{`{"rfm":["champion"]}`, "rfm[0]", "Did you mean champions?"},
		{`{"lifecycle":["at risk"]}`, "lifecycle[0]", "Did you mean at_risk?"},
		{`{"market":["kr"]}`, "market[0]", "Did you mean KR?"},
		{`{"sequence":[{"did":"Product Viewed"},{"did":"Chekout Started"}]}`, "sequence[1].did", "Did you mean Checkout Started?"},
		{`{"did":"Product Viewed","window":{"since":{"event":"Ordr Completed","which":"last"}}}`, "window.since.event", "Did you mean Order Completed?"},
		{`{"did":"*","where":[{"property":"category","op":"=","value":"tea"}]}`, "where", "in common"},
	} {
		r, err := rule.Parse([]byte(x.text))
		if err == nil {
			err = rule.Check(r, c)
		}
		var f *fault.Fault
		if !errors.As(err, &f) {
			t.Errorf("%s: no fault but %v", x.text, err)
			continue
		}
		if f.Where.Field != x.place || !strings.Contains(f.Sentence+" "+f.Next, x.says) {
			t.Errorf("%s: at %q: %s %s\nwant %q: %s", x.text, f.Where.Field, f.Sentence, f.Next, x.place, x.says)
		}
	}
}

// TestNamesNeverSeen: a rule may be written before the first event of its name comes.
func TestNamesNeverSeen(t *testing.T) {
	t.Parallel()
	c := shop()
	for _, x := range []struct {
		text string
		want []string
	}{
		{`{"did":"Product Viewed"}`, nil},
		{`{"did":"Wishlist Shared"}`, []string{`No event is called "Wishlist Shared" yet.`}},
		{`{"did":"Product Shared"}`, []string{`No event is called "Product Shared" yet. Did you mean Product Viewed?`}},
		{`{"did":"Plan B Chosen"}`, []string{`No event is called "Plan B Chosen" yet. Did you mean Plan A Chosen?`}},
		{`{"did":"Product Viewed","where":[{"property":"colour","op":"=","value":"red"}]}`, []string{`No property of Product Viewed is called "colour" yet.`}},
		{`{"did":"Product Viewed","where":[{"property":"context.page.url","op":"contains","value":"sale"}]}`, nil},
		{`{"attribute":"shoe_size","op":">","value":40}`, []string{`No attribute is called "shoe_size" yet.`}},
		{`{"market":["DE"]}`, []string{`No market is called "DE" yet.`}},
	} {
		r := parsed(t, x.text)
		if err := rule.Check(r, c); err != nil {
			t.Errorf("%s: %v", x.text, err)
		}
		if got := rule.Warnings(r, c); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", x.text, got, x.want)
		}
	}
}
