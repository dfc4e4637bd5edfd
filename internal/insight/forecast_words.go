package insight

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/models/forecast"
)

// buddhist is what Thai years are ahead; the console writes them so too.
const buddhist = 543

// tongue is how one language says what is forecast.
type tongue struct {
	lang   market.Language
	kpis   map[string]string
	months []string
	day    func(t time.Time, month string) string
	month  func(t time.Time, month string) string
	// on, in and week place a figure in time: on a day, in a week from a day, in a month.
	on, week, in string
	units        map[query.Bucket]string // one of it, as in "a week"
	next         string                  // figure, when, value, low, high
	trust        string                  // folds, ahead with unit, model, off, rule, its off, held
	trustless    string
	higher       string // figure, since, share, after, before, unit
	lower        string
	above, below string // figure, when, value, expected, low, high
	models       map[string]string
	warnings     map[forecast.Reason]string
}

var tongues = []tongue{
	{
		lang: market.English,
		kpis: map[string]string{kpiRevenue: "Revenue", kpiOrders: "Orders", kpiActive: "Active customers", kpiNew: "New customers", kpiAverage: "Average order value"},
		day:  func(t time.Time, _ string) string { return t.Format("2 January 2006") }, month: func(t time.Time, _ string) string { return t.Format("January 2006") },
		on: "on %s", week: "in the week from %s", in: "in %s", units: map[query.Bucket]string{query.BucketDay: "day", query.BucketWeek: "week", query.BucketMonth: "month"},
		next:      "%[1]s: %[3]s expected %[2]s; four times in five it would lie between %[4]s and %[5]s.",
		trust:     "Tried on its own past from %[1]d earlier dates, %[2]d %[8]ss ahead each, the forecast by %[3]s was %[4]s off on average, %[5]s %[6]s. The band that should hold 80%% of the values held %[7]s.",
		trustless: "The past is too short to try the forecast on; read the bands as a guess.",
		higher:    "%[1]s: about %[3]s higher since %[2]s, %[4]s a %[6]s rather than %[5]s.",
		lower:     "%[1]s: about %[3]s lower since %[2]s, %[4]s a %[6]s rather than %[5]s.",
		above:     "%[1]s %[2]s: %[3]s, where %[4]s was expected and %[6]s at most.",
		below:     "%[1]s %[2]s: %[3]s, where %[4]s was expected and %[5]s at least.",
		models: map[string]string{
			forecast.Naive: "repeating the last value", forecast.SeasonalNaive: "repeating the season before", forecast.Drift: "a straight line from first to last", forecast.Level: "the level of the past",
			forecast.Smooth: "exponential smoothing", forecast.Seasonal: "a regression with seasons and festivals", forecast.Mean: "the mean of smoothing and regression",
		},
		warnings: map[forecast.Reason]string{
			forecast.ShortSeries: "The history is too short to try forecasts on; read the bands as a guess.", forecast.FewRehearsals: "There were too few tries to check the wide band; it may be too narrow.",
			forecast.BaselineWins: "No model was better than a simple rule here, so the rule is used.", forecast.ManyZeros: "Many steps have no orders; a longer step would be easier to forecast.",
			forecast.Gaps: "Many values are not known; the forecast goes by the others.",
		},
	},
	{
		lang: market.Korean,
		kpis: map[string]string{kpiRevenue: "매출", kpiOrders: "주문 수", kpiActive: "구매 고객 수", kpiNew: "신규 고객 수", kpiAverage: "평균 주문 금액"},
		day: func(t time.Time, _ string) string {
			return fmt.Sprintf("%d년 %d월 %d일", t.Year(), int(t.Month()), t.Day())
		},
		month: func(t time.Time, _ string) string { return fmt.Sprintf("%d년 %d월", t.Year(), int(t.Month())) },
		on:    "%s", week: "%s부터 한 주", in: "%s", units: map[query.Bucket]string{query.BucketDay: "하루", query.BucketWeek: "한 주", query.BucketMonth: "한 달"},
		next:      "%[1]s: %[2]s 예상 %[3]s. 다섯 번에 네 번은 %[4]s에서 %[5]s 사이입니다.",
		trust:     "과거 %[1]d개 시점에서 각각 %[9]s 앞을 미리 예측해 보니, %[3]s 방식의 평균 오차는 %[4]s, %[5]s 방식은 %[6]s였습니다. 값의 80%%가 들어가야 할 범위에 실제로 %[7]s가 들어갔습니다.",
		trustless: "과거 기록이 짧아 예측을 시험해 볼 수 없습니다. 범위는 어림값으로 보십시오.",
		higher:    "%[1]s: %[2]s 이후 약 %[3]s 높아졌습니다. %[6]s 기준 %[5]s에서 %[4]s(으)로 바뀌었습니다.",
		lower:     "%[1]s: %[2]s 이후 약 %[3]s 낮아졌습니다. %[6]s 기준 %[5]s에서 %[4]s(으)로 바뀌었습니다.",
		above:     "%[1]s: %[2]s %[3]s. 예상은 %[4]s, 많아야 %[6]s였습니다.",
		below:     "%[1]s: %[2]s %[3]s. 예상은 %[4]s, 적어도 %[5]s였습니다.",
		models: map[string]string{
			forecast.Naive: "마지막 값 반복", forecast.SeasonalNaive: "지난 시즌 반복", forecast.Drift: "처음과 끝을 잇는 직선", forecast.Level: "과거 수준 유지",
			forecast.Smooth: "지수 평활", forecast.Seasonal: "계절·명절 회귀", forecast.Mean: "평활과 회귀의 평균",
		},
		warnings: map[forecast.Reason]string{
			forecast.ShortSeries: "기록이 짧아 예측을 시험해 볼 수 없습니다. 범위는 어림값으로 보십시오.", forecast.FewRehearsals: "시험 횟수가 적어 넓은 범위를 확인하지 못했습니다. 실제보다 좁을 수 있습니다.",
			forecast.BaselineWins: "단순한 규칙보다 나은 모형이 없어 규칙을 씁니다.", forecast.ManyZeros: "주문이 없는 구간이 많습니다. 더 긴 단위로 보면 예측하기 쉽습니다.",
			forecast.Gaps: "알 수 없는 값이 많아 나머지 값으로 예측합니다.",
		},
	},
	{
		lang:   market.Thai,
		kpis:   map[string]string{kpiRevenue: "รายได้", kpiOrders: "จำนวนคำสั่งซื้อ", kpiActive: "ลูกค้าที่ซื้อ", kpiNew: "ลูกค้าใหม่", kpiAverage: "มูลค่าเฉลี่ยต่อคำสั่งซื้อ"},
		months: []string{"มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"},
		day: func(t time.Time, month string) string {
			return fmt.Sprintf("%d %s %d", t.Day(), month, t.Year()+buddhist)
		}, month: func(t time.Time, month string) string { return fmt.Sprintf("%s %d", month, t.Year()+buddhist) },
		on: "วันที่ %s", week: "สัปดาห์ที่เริ่ม %s", in: "เดือน%s", units: map[query.Bucket]string{query.BucketDay: "วัน", query.BucketWeek: "สัปดาห์", query.BucketMonth: "เดือน"},
		next:      "%[1]s: คาดว่า %[3]s ใน%[2]s โดยสี่ในห้าครั้งจะอยู่ระหว่าง %[4]s ถึง %[5]s",
		trust:     "เมื่อลองพยากรณ์อดีตจาก %[1]d วันก่อนหน้า ครั้งละ %[2]d %[8]s วิธี%[3]sคลาดเคลื่อนเฉลี่ย %[4]s ส่วนวิธี%[5]sคลาดเคลื่อน %[6]s ช่วงที่ควรครอบคลุม 80%% ของค่า ครอบคลุมได้จริง %[7]s",
		trustless: "ข้อมูลย้อนหลังสั้นเกินกว่าจะทดลองพยากรณ์ได้ โปรดถือว่าช่วงเป็นค่าคร่าว ๆ",
		higher:    "%[1]s สูงขึ้นราว %[3]s ตั้งแต่ %[2]s: %[4]s ต่อ%[6]s จากเดิม %[5]s",
		lower:     "%[1]s ต่ำลงราว %[3]s ตั้งแต่ %[2]s: %[4]s ต่อ%[6]s จากเดิม %[5]s",
		above:     "%[1]s %[2]s คือ %[3]s จากที่คาดไว้ %[4]s และไม่เกิน %[6]s",
		below:     "%[1]s %[2]s คือ %[3]s จากที่คาดไว้ %[4]s และไม่ต่ำกว่า %[5]s",
		models: map[string]string{
			forecast.Naive: "ใช้ค่าล่าสุดซ้ำ", forecast.SeasonalNaive: "ใช้ค่าฤดูกาลก่อนซ้ำ", forecast.Drift: "เส้นตรงจากต้นถึงปลาย", forecast.Level: "ระดับเดิมในอดีต",
			forecast.Smooth: "ปรับเรียบแบบเอ็กซ์โพเนนเชียล", forecast.Seasonal: "การถดถอยตามฤดูกาลและเทศกาล", forecast.Mean: "ค่าเฉลี่ยของการปรับเรียบและการถดถอย",
		},
		warnings: map[forecast.Reason]string{
			forecast.ShortSeries: "ข้อมูลย้อนหลังสั้นเกินกว่าจะทดลองพยากรณ์ได้ โปรดถือว่าช่วงเป็นค่าคร่าว ๆ", forecast.FewRehearsals: "ทดลองได้น้อยครั้งเกินกว่าจะตรวจช่วงกว้างได้ ช่วงจริงอาจกว้างกว่านี้",
			forecast.BaselineWins: "ไม่มีแบบจำลองใดดีกว่ากฎง่าย ๆ จึงใช้กฎนั้น", forecast.ManyZeros: "หลายช่วงไม่มีคำสั่งซื้อ หน่วยเวลาที่ยาวขึ้นจะพยากรณ์ได้ง่ายกว่า",
			forecast.Gaps: "ไม่ทราบค่าหลายช่วง การพยากรณ์จึงอาศัยค่าที่เหลือ",
		},
	},
}

// koreanSpan is some days, weeks or months in Korean, where the unit's word is not that of one.
var koreanSpan = map[query.Bucket]string{query.BucketDay: "%d일", query.BucketWeek: "%d주", query.BucketMonth: "%d개월"}

func modelLabels(name string) map[string]string {
	out := map[string]string{}
	for _, t := range tongues {
		out[string(t.lang)] = t.models[name]
	}
	return out
}

// said is one sentence in every language.
func said(say func(t *tongue) string) map[string]string {
	out := map[string]string{}
	for i := range tongues {
		out[string(tongues[i].lang)] = say(&tongues[i])
	}
	return out
}

// when places a step in time.
func (t *tongue) when(unit query.Bucket, d day.Day) string {
	at := d.Time()
	name := ""
	if t.months != nil {
		name = t.months[at.Month()-1]
	}
	switch unit {
	case query.BucketMonth:
		return fmt.Sprintf(t.in, t.month(at, name))
	case query.BucketWeek:
		return fmt.Sprintf(t.week, t.day(at, name))
	}
	return fmt.Sprintf(t.on, t.day(at, name))
}

// date is a step's first day.
func (t *tongue) date(d day.Day) string {
	at := d.Time()
	if t.months == nil {
		return t.day(at, "")
	}
	return t.day(at, t.months[at.Month()-1])
}

// written is a value for people: money in the short form, counts whole, smaller ones with a decimal.
func (f *figure) written(v float64, lang market.Language) string {
	switch {
	case f.currency != "" && f.kpi == kpiAverage:
		return market.FromFloat(v, f.currency).Format(lang)
	case f.currency != "":
		return market.FromFloat(v, f.currency).Compact(lang)
	case math.Abs(v) < 10 && v != math.Round(v):
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return market.FormatNumber(int64(math.Round(v)))
}

// share is a part of one for people, with a decimal where it is small.
func share(v float64) string {
	if v < 0.1 {
		return strings.TrimSuffix(strconv.FormatFloat(100*v, 'f', 1, 64), ".0") + "%"
	}
	return percent(v)
}

// say writes what is expected next, how far that can be trusted, and what to beware of.
func (f *figure) say(out *Forecast, made *forecast.Forecast) {
	next := out.Forecast[0]
	for _, p := range out.Forecast {
		if !p.Closed {
			next = p
			break
		}
	}
	out.Sentences = said(func(t *tongue) string {
		return fmt.Sprintf(t.next, t.kpis[f.kpi], t.when(f.unit, next.Start), f.written(next.Value, t.lang), f.written(next.Low80, t.lang), f.written(next.High80, t.lang))
	})
	out.Sentence = out.Sentences["en"]
	out.Trust = said(func(t *tongue) string {
		b := out.Backtest
		if b == nil {
			return t.trustless
		}
		return fmt.Sprintf(t.trust, b.Folds, b.Ahead, t.models[made.Model], share(b.MAPE), t.models[b.Baseline.Name], share(b.Baseline.MAPE), percent(b.Coverage80),
			t.units[f.unit], fmt.Sprintf(koreanSpan[f.unit], b.Ahead))
	})
	for _, w := range made.Warnings {
		one := ForecastWarning{Reason: string(w.Reason), Sentences: said(func(t *tongue) string { return t.warnings[w.Reason] })}
		if len(out.Warnings) == 0 || out.Warnings[len(out.Warnings)-1].Reason != one.Reason {
			out.Warnings = append(out.Warnings, one)
		}
	}
}

func (f *figure) changeWords(c *ForecastChange) map[string]string {
	return said(func(t *tongue) string {
		form := t.higher
		if c.After < c.Before {
			form = t.lower
		}
		return fmt.Sprintf(form, t.kpis[f.kpi], t.date(c.Start), share(math.Abs(c.After/c.Before-1)), f.written(c.After, t.lang), f.written(c.Before, t.lang), t.units[f.unit])
	})
}

func (f *figure) anomalyWords(a *ForecastAnomaly) map[string]string {
	return said(func(t *tongue) string {
		form := t.above
		if a.Value < a.Expected {
			form = t.below
		}
		write := f.written
		if near := write(a.Value, t.lang); f.currency != "" && (near == write(a.Low, t.lang) || near == write(a.High, t.lang)) {
			// The short form would hide by how little it passed the border.
			write = func(v float64, lang market.Language) string { return market.FromFloat(v, f.currency).Format(lang) }
		}
		return fmt.Sprintf(form, t.kpis[f.kpi], t.when(f.unit, a.Start), write(a.Value, t.lang), write(a.Expected, t.lang), write(math.Max(0, a.Low), t.lang), write(a.High, t.lang))
	})
}
