package lab

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/predict"
)

func sheet(t *testing.T, name, text string) *Sheet {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(t.Context(), path, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// members makes a table: customers of a monthly plan with late parcels cancel. SIMULATED.
func members(rows int) string {
	var b strings.Builder
	b.WriteString("member;since;plan;late parcels;paid;months;cancelled\n")
	for i := range rows {
		plan, late, gone := []string{"month", "year", ""}[i%3], i%5, "no"
		if (i%3 == 0 && late >= 2) != (i%11 == 0) {
			gone = "yes"
		}
		if i%40 == 39 {
			gone = "" // still to be told
		}
		fmt.Fprintf(&b, "m%d;2026-0%d-11;%s;%d;\"1,%03d.50\";%d;%s\n", i, 1+i%9, plan, late, i%1000, 1+(i*7)%24, gone)
	}
	return b.String()
}

func TestColumnsHaveKinds(t *testing.T) {
	s := sheet(t, "members.csv", members(50))
	all := make([]int, 50)
	for i := range all {
		all[i] = i
	}
	for j, want := range []string{"words", "numbers", "words", "numbers", "numbers", "numbers", "words"} {
		got := "numbers"
		if s.typed(j, all).Texts != nil {
			got = "words"
		}
		if got != want {
			t.Errorf("column %s is read as %s", s.Names[j], got)
		}
	}
	for text, want := range map[string]float64{"12": 12, "-3.5": -3.5, "1e3": 1000, "1,234": 1234, "-1,234,567.25": -1234567.25, "12%": 0.12, "7.5 %": 0.075} {
		if x, ok := number(text); !ok || math.Abs(x-want) > 1e-12 {
			t.Errorf("%q is read as %v, %v", text, x, ok)
		}
	}
	for _, text := range []string{"", "1,2", "12,34", "1,2345", "x", "Inf", "1.2.3", ",123", "1,234,56"} {
		if x, ok := number(text); ok {
			t.Errorf("%q is read as %v", text, x)
		}
	}
	if d, ok := dateNumber("1970-01-11"); !ok || d != 10 {
		t.Error(d, ok)
	}
}

func TestChurn(t *testing.T) {
	s := sheet(t, "members.csv", members(600))
	r, err := Churn(t.Context(), s, ChurnOptions{Target: "Cancelled", ID: "member", Drop: "months, paid", Seed: 1}, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	if r.Positive != "yes" || r.Rows != 585 || r.Open != 15 || r.AUC < 0.8 || r.LogLoss > r.ShareAlone {
		t.Errorf("%+v", r)
	}
	if len(r.Reasons) != 3 || r.Reasons[2].Column != "since" || len(r.Predictions) != 600 {
		t.Errorf("%+v", r.Reasons)
	}
	shares := 0.0
	for _, d := range r.Reasons {
		shares += d.Share
		rows := 0
		for _, p := range d.Parts {
			rows += p.Rows
		}
		if rows != 585 {
			t.Errorf("%s: parts of %d rows", d.Column, rows)
		}
	}
	if math.Abs(shares-1) > 1e-9 {
		t.Error(shares)
	}
	// m3 has the monthly plan and three late parcels.
	at := slices.IndexFunc(r.Predictions, func(p Prediction) bool { return p.ID == "m3" })
	if p := r.Predictions[at]; p.Line != 5 || p.Probability < 0.6 || p.Low > p.Probability || p.High < p.Probability || !slices.Contains(p.Reasons, "late parcels 3") {
		t.Errorf("%+v", p)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"auc", "log_loss", "brier", "ece", "fit_seconds", "learners", "reasons", "notes"} {
		if !strings.Contains(string(text), `"`+key+`":`) {
			t.Errorf("no %s in %s", key, text)
		}
	}
	other, err := Churn(t.Context(), s, ChurnOptions{Target: "cancelled", Positive: "no", ID: "member", Drop: "months,paid", Seed: 1}, clock.System())
	if err != nil || math.Abs(other.Share+r.Share-1) > 1e-9 {
		t.Errorf("%v %v %v", other.Share, r.Share, err)
	}
}

func TestQuestionsThatCannotBeAnswered(t *testing.T) {
	s := sheet(t, "members.csv", members(90))
	for _, c := range []struct {
		o    ChurnOptions
		want string
	}{
		{ChurnOptions{Target: "left"}, "lab.no_column"},
		{ChurnOptions{Target: "plan"}, ""},
		{ChurnOptions{Target: "months"}, "lab.not_two"},
		{ChurnOptions{Target: "cancelled", Positive: "maybe"}, "lab.no_value"},
		{ChurnOptions{Target: "cancelled", ID: "nobody"}, "lab.no_column"},
		{ChurnOptions{Target: "cancelled", Drop: "plan,which"}, "lab.no_column"},
		{ChurnOptions{Target: "cancelled", ID: "member", Drop: "since,plan,late parcels,paid,months"}, "lab.no_features"},
	} {
		_, err := Churn(t.Context(), s, c.o, clock.System())
		if f := fault.From(err); c.want != "" && (f.Reason != c.want || f.Next == "") || c.want == "" && err != nil {
			t.Errorf("%+v: %v; want %s", c.o, err, c.want)
		}
	}
	few := sheet(t, "few.csv", "a,b\n1,x\n2,y\n3,x\n")
	if _, err := Churn(t.Context(), few, ChurnOptions{Target: "b"}, clock.System()); fault.From(err).Reason != "lab.few_rows" {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "none.csv")
	if err := os.WriteFile(path, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), path, table.Options{}); err == nil || fault.From(err).Code != fault.Invalid {
		t.Error(err)
	}
}

func TestSurvival(t *testing.T) {
	s := sheet(t, "members.csv", members(600))
	r, err := Survival(t.Context(), s, SurvivalOptions{Time: "months", Event: "cancelled", Group: "plan", Drop: "member,paid,since"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows != 585 || r.SetAside != 15 || len(r.Curves) != 4 || r.LogRank == nil || r.LogRank.Freedom != 2 || r.LogRank.P > 0.01 || r.Cox == nil {
		t.Fatalf("%+v", r)
	}
	events := 0
	for _, c := range r.Curves[1:] {
		events += c.Events
	}
	if events != r.Events || r.Curves[0].Shares[0].Survival <= r.Curves[0].Shares[5].Survival {
		t.Errorf("%+v", r.Curves)
	}
	at := slices.IndexFunc(r.Cox.Terms, func(c CoxTerm) bool { return c.Name == "late parcels" })
	if at < 0 || r.Cox.Terms[at].Low < 1 {
		t.Errorf("%+v", r.Cox.Terms)
	}
	if _, err := Survival(t.Context(), s, SurvivalOptions{Time: "plan", Event: "cancelled"}); fault.From(err).Reason != "lab.no_time" || fault.From(err).Where.Line != 2 {
		t.Error(err)
	}
	if _, err := Survival(t.Context(), s, SurvivalOptions{Time: "months", Event: "cancelled", Group: "member", Bare: true}); fault.From(err).Reason != "lab.many_groups" {
		t.Error(err)
	}
}

// TestRecommend: everybody buys the pieces of one set. SIMULATED.
func TestRecommend(t *testing.T) {
	var b strings.Builder
	b.WriteString("who,what,pieces,when\n")
	for i := range 300 { // each buys the pieces of one set, in an order of her own
		set := i % 6
		for k := range 6 {
			piece := (i/6*5 + k*(1+i/6%2*4)) % 8
			fmt.Fprintf(&b, "u%d,set %d piece %d,1,2026-0%d-%02d\n", i, set, piece, 1+k, 1+(i+k)%28)
			fmt.Fprintf(&b, "u%d,tea %d,2,2026-0%d-%02d 10:00:00\n", i, (i*7+k)%40, 1+k, 1+(i+k)%28)
		}
	}
	b.WriteString("u1,set 1,-1,2026-03-01\n,set 1,1,2026-03-01\nu2,,1,2026-03-01\nu3,set 3,1,soon\n")
	s := sheet(t, "bought.csv", b.String())
	r, err := Recommend(t.Context(), s, RecommendOptions{User: "who", Item: "what", At: "when", Quantity: "pieces"}, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range []string{"not_bought", "no_user", "no_item", "no_date"} {
		if r.SetAside[reason] != 1 {
			t.Errorf("set aside: %v", r.SetAside)
		}
	}
	if r.Users != 300 || r.Items != 88 || r.Judged < 200 || r.Model == "popularity" || r.NDCG < 0.3 || len(r.Trials) < 4 || r.Reason == "" {
		t.Errorf("%+v", r)
	}
	wrong := RecommendOptions{User: "who", Item: "what", At: "what"}
	if _, err := Recommend(t.Context(), s, wrong, clock.System()); fault.From(err).Reason != "lab.no_date" {
		t.Error(err)
	}
	wrong.At = "then"
	if _, err := Recommend(t.Context(), s, wrong, clock.System()); fault.From(err).Reason != "lab.no_column" {
		t.Error(err)
	}
	few := sheet(t, "few.csv", "who,what,when\na,b,2026-01-01\n")
	if _, err := Recommend(t.Context(), few, RecommendOptions{User: "who", Item: "what", At: "when"}, clock.System()); fault.From(err).Reason != "lab.cannot_recommend" {
		t.Error(err)
	}
}

// TestCLV: a file of orders, read as an import reads it, gives the published parameters of CDNOW's sample.
func TestCLV(t *testing.T) {
	path := datatest.Path(t, "cdnow/CDNOW_master.txt")
	until, err := day.Parse("1997-09-30")
	if err != nil {
		t.Fatal(err)
	}
	o := orders.Options{Columns: map[string]string{"customer": "1", "at": "2", "quantity": "3", "amount": "4"}, Currency: "USD"}
	r, err := CLV(t.Context(), path, o, predict.Ask{Model: "bgnbd", CalibrateUntil: until, AsOf: day.Unknown, Unit: "week"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"r": 0.251624, "alpha": 4.788943, "a": 0.723433, "b": 2.161088} {
		if got := r.Parameters[name]; math.Abs(got-want) > 2e-4*want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if r.Customers != 23570 || math.Abs(r.LogLikelihood+95368.4439) > 0.01 || r.Holdout == nil || r.Holdout.Actual != 19684 {
		t.Errorf("%d customers, %v, %+v", r.Customers, r.LogLikelihood, r.Holdout)
	}
	if _, err := CLV(t.Context(), path, o, predict.Ask{Model: "gamma", AsOf: day.Unknown, CalibrateUntil: day.Unknown}); fault.From(err).Code != fault.Invalid {
		t.Error(err)
	}
	two := filepath.Join(t.TempDir(), "two.csv")
	if err := os.WriteFile(two, []byte("customer,order,date,amount,currency\na,1,2026-01-01,10,KRW\nb,2,2026-01-02,10,THB\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := CLV(t.Context(), two, orders.Options{}, predict.Ask{Model: "auto", AsOf: day.Unknown, CalibrateUntil: day.Unknown}); fault.From(err).Reason != "lab.two_currencies" {
		t.Error(err)
	}
}

// TestUplift: a mail moves those who came lately and nobody else; what was written after the outcome is left out. SIMULATED.
func TestUplift(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,arm,lately,paid,came\n")
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 4000 {
		arm, lately, chance := []string{"none", "mail", "call"}[i%3], random.IntN(2), 0.2
		if arm == "mail" && lately == 1 {
			chance = 0.5
		}
		came, paid := "no", 0
		if random.Float64() < chance {
			came, paid = "yes", random.IntN(3)
		}
		fmt.Fprintf(&b, "%d,%s,%d,%d,%s\n", i, arm, lately, paid, came)
	}
	s := sheet(t, "trial.csv", b.String())
	o := UpliftOptions{Treatment: "arm", Control: "none", Arm: "mail", Outcome: "came", ID: "id"}
	r, err := Uplift(t.Context(), s, o, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != "targetable effect" || r.Rows != 2667 || r.Treated != 1333 || r.QiniInterval[0] < 0 || r.Effect < 0.1 || r.Effect > 0.2 || !strings.Contains(strings.Join(r.Notes, " "), `"paid"`) {
		t.Errorf("%+v", r)
	}
	o.Arm = "call"
	if r, err = Uplift(t.Context(), s, o, clock.System()); err != nil || r.Verdict != "no targetable effect" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, wrong := range []UpliftOptions{
		{Treatment: "arm", Control: "nothing", Arm: "mail", Outcome: "came"},
		{Treatment: "arm", Control: "none", Outcome: "came"},
		{Treatment: "arm", Control: "none", Arm: "none", Outcome: "came"},
	} {
		if _, err := Uplift(t.Context(), s, wrong, clock.System()); fault.From(err).Reason != "lab.no_arm" || fault.From(err).Next == "" {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
