package suggest

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/models/recommend"
)

var labels = map[recommend.Kind]string{
	recommend.Blend: "Blend", recommend.Linear: "EASE", recommend.Factors: "ALS", recommend.ItemItem: "Neighbours", recommend.Habit: "Habit",
	recommend.Trending: "Trending", recommend.Popularity: "Popularity",
}

var protocol = map[string]string{
	"en": "Of everybody who bought on three days or more, the last day was held back, settings were chosen on the day before it, and lists of ten products that were new to the customer were compared with what she then bought.",
	"ko": "사흘 이상 구매한 고객마다 마지막 구매일을 숨기고, 그 전 구매일로 설정을 고른 뒤, 고객에게 새로운 상품 열 개의 목록을 실제 구매와 비교했습니다.",
	"th": "สำหรับลูกค้าที่ซื้อตั้งแต่สามวันขึ้นไป เก็บวันซื้อสุดท้ายไว้ต่างหาก เลือกการตั้งค่าจากวันซื้อก่อนหน้า แล้วเทียบรายการสินค้าใหม่สิบรายการกับสิ่งที่ลูกค้าซื้อจริง",
}

var limits = []CardLimit{
	{map[string]string{
		"en": "Nothing is learnt from what was shown and not bought: whether showing something sells more of it only an experiment can tell.",
		"ko": "보여 주었지만 팔리지 않은 것에서는 배우지 않습니다. 보여 주면 더 팔리는지는 실험으로만 알 수 있습니다.",
		"th": "ไม่ได้เรียนรู้จากสิ่งที่แสดงแล้วไม่มีคนซื้อ การแสดงช่วยขายได้มากขึ้นหรือไม่ต้องดูจากการทดลองเท่านั้น",
	}},
	{map[string]string{
		"en": "Other customers' later purchases were there to learn from while a customer's last day was held back, so that figures in use are somewhat lower.",
		"ko": "한 고객의 마지막 구매일을 숨기는 동안에도 다른 고객의 이후 구매는 학습에 쓰였으므로, 실제 사용에서는 수치가 조금 낮습니다.",
		"th": "ขณะที่เก็บวันซื้อสุดท้ายของลูกค้าไว้ การซื้อภายหลังของลูกค้าคนอื่นยังถูกใช้เรียนรู้ ตัวเลขในการใช้งานจริงจึงต่ำกว่าเล็กน้อย",
	}},
}

func sampled(people, of int64) map[string]string {
	a, b := market.FormatNumber(people), market.FormatNumber(of)
	return map[string]string{
		"en": fmt.Sprintf("Settings were chosen on %s of %s customers.", a, b),
		"ko": fmt.Sprintf("설정은 고객 %s명 가운데 %s명으로 골랐습니다.", b, a),
		"th": fmt.Sprintf("เลือกการตั้งค่าจากลูกค้า %s คนจาก %s คน", a, b),
	}
}

func fewSentences(people int) map[string]string {
	return map[string]string{
		"en": fmt.Sprintf("Only %d customers bought on three days or more, too few to learn what each will buy: what is popular is recommended.", people),
		"ko": fmt.Sprintf("사흘 이상 구매한 고객이 %d명뿐이라 각자의 다음 구매를 배우기에 부족합니다. 인기 상품을 추천합니다.", people),
		"th": fmt.Sprintf("มีลูกค้าที่ซื้อตั้งแต่สามวันขึ้นไปเพียง %d คน น้อยเกินกว่าจะเรียนรู้ของแต่ละคน จึงแนะนำสินค้ายอดนิยม", people),
	}
}

func verdictSentences(c *Card, popular float64) map[string]string {
	q := c.Quality
	if c.Status == baseline {
		return map[string]string{
			"en": "Nothing was surely better than what is popular, so that is recommended.",
			"ko": "인기 상품보다 확실히 나은 모델이 없어 인기 상품을 추천합니다.",
			"th": "ไม่มีแบบจำลองใดดีกว่าสินค้ายอดนิยมอย่างแน่นอน จึงแนะนำสินค้ายอดนิยม",
		}
	}
	hits, times := math.Round(100*q.HitRate.Value), q.NDCG.Value/max(popular, 1e-4)
	return map[string]string{
		"en": fmt.Sprintf("Of 100 customers, %.0f bought one of the ten products named beforehand; lists are %.1f times as good as what is popular (%s, NDCG@10 %.4f).", hits, times, c.Label, q.NDCG.Value),
		"ko": fmt.Sprintf("고객 100명 가운데 %.0f명이 미리 고른 상품 열 개 중 하나를 샀습니다. 인기 상품 목록보다 %.1f배 좋습니다(%s, NDCG@10 %.4f).", hits, times, c.Label, q.NDCG.Value),
		"th": fmt.Sprintf("ลูกค้า 100 คนมี %.0f คนซื้อสินค้าหนึ่งในสิบรายการที่บอกไว้ล่วงหน้า ดีกว่าสินค้ายอดนิยม %.1f เท่า (%s, NDCG@10 %.4f)", hits, times, c.Label, q.NDCG.Value),
	}
}

var untrained = map[string]string{
	"en": "What each customer will buy next has not been learnt yet.",
	"ko": "고객별 다음 구매를 아직 학습하지 않았습니다.",
	"th": "ยังไม่ได้เรียนรู้ว่าลูกค้าแต่ละคนจะซื้ออะไรต่อไป",
}

// The reasons for which something is shown.
type reason uint8

const (
	popular  reason = iota
	trending        // many buy it these days
	akin            // goes with something that she bought
	habit           // she buys it again and again
	due             // she is about to need it again
	unsold          // nobody has bought it yet, and it is like what sells
	chosen          // a candidate of a slot that she may be shown
	fallen          // what is shown where nothing else may be
)

var codes = [...]string{"popular", "trending", "goes_with", "habit", "due", "new", "candidate", "fallback"}

func (r reason) String() string { return codes[r] }

// Because names a purchase behind a recommendation.
type Because struct {
	Product string `json:"product"`
	Name    string `json:"name"`
}

// Reason is why something is shown.
type Reason struct {
	Code      string            `json:"code" enum:"popular,trending,goes_with,habit,due,new,candidate,fallback"`
	Sentences map[string]string `json:"sentences"`
	Because   []Because         `json:"because"`
}

// why is what a reason is told with.
type why struct {
	code    reason
	with    *Because // the purchase behind it
	market  string
	last    day.Day // of a thing bought before
	every   int     // days
	segment string  // by which a candidate may be shown
}

// reason tells it in words.
func (w *why) reason() Reason {
	r := Reason{Code: w.code.String(), Because: []Because{}}
	if w.with != nil {
		r.Because = []Because{*w.with}
	}
	switch {
	case w.code == akin && w.with != nil:
		r.Sentences = three("Goes with %[1]s, which she bought.", "구매하신 ‘%[1]s’ 상품과 함께 찾는 상품입니다.", "เข้ากับ “%[1]s” ที่ลูกค้าเคยซื้อ", w.with.Name)
	case w.code == trending && w.with != nil:
		r.Sentences = three("Many are buying it these days, and it goes with %[1]s, which she bought.", "요즘 많이 팔리며, 구매하신 ‘%[1]s’ 상품과 함께 찾는 상품입니다.",
			"ช่วงนี้ขายดี และเข้ากับ “%[1]s” ที่ลูกค้าเคยซื้อ", w.with.Name)
	case w.code == due && w.every > 0:
		r.Sentences = three("She is about to need it again: last bought on %[1]s, usually every %[2]d days.", "다시 필요할 때가 되었습니다: 마지막 구매 %[1]s, 보통 %[2]d일마다.",
			"ใกล้ถึงเวลาที่ต้องซื้ออีก: ซื้อล่าสุด %[1]s ปกติทุก %[2]d วัน", w.last, w.every)
	case w.code == popular && w.market != "":
		r.Sentences = map[string]string{}
		for lang, text := range map[market.Language]string{market.English: "Popular in %s.", market.Korean: "%s에서 인기 있는 상품입니다.", market.Thai: "เป็นที่นิยมใน%s"} {
			r.Sentences[string(lang)] = fmt.Sprintf(text, market.CountryName(w.market, lang))
		}
	case w.code == chosen && w.segment != "":
		r.Sentences = three("For people in the segment %[1]s, to which she belongs.", "고객이 속한 세그먼트 ‘%[1]s’에 보여 주는 항목입니다.", "สำหรับคนในกลุ่ม “%[1]s” ซึ่งลูกค้าอยู่ในกลุ่มนี้", w.segment)
	default:
		r.Sentences = plainWords[w.code]
	}
	return r
}

// plainWords need nothing to be told with.
var plainWords = [...]map[string]string{
	popular:  {"en": "Popular with everybody.", "ko": "모두에게 인기 있는 상품입니다.", "th": "เป็นสินค้ายอดนิยม"},
	trending: {"en": "Many are buying it these days.", "ko": "요즘 많이 팔리는 상품입니다.", "th": "ช่วงนี้ขายดี"},
	akin:     {"en": "Goes with what she bought.", "ko": "구매하신 상품들과 잘 어울립니다.", "th": "เข้ากับสิ่งที่ลูกค้าเคยซื้อ"},
	habit:    {"en": "She buys it again and again.", "ko": "꾸준히 다시 구매하는 상품입니다.", "th": "ลูกค้าซื้อซ้ำเป็นประจำ"},
	due:      {"en": "She is about to need it again.", "ko": "다시 필요할 때가 되었습니다.", "th": "ใกล้ถึงเวลาที่ต้องซื้ออีก"},
	unsold:   {"en": "New, and like what sells.", "ko": "잘 팔리는 상품과 비슷한 새 상품입니다.", "th": "สินค้าใหม่ที่คล้ายกับสินค้าขายดี"},
	chosen:   {"en": "The best of what she may be shown here.", "ko": "이 자리에 보여 줄 수 있는 것 가운데 가장 알맞습니다.", "th": "เหมาะที่สุดในสิ่งที่แสดงในตำแหน่งนี้ได้"},
	fallen:   {"en": "Shown where nothing better is known.", "ko": "더 알맞은 것을 모를 때 보여 주는 항목입니다.", "th": "แสดงเมื่อไม่มีสิ่งที่เหมาะกว่า"},
}

func three(en, ko, th string, args ...any) map[string]string {
	return map[string]string{"en": fmt.Sprintf(en, args...), "ko": fmt.Sprintf(ko, args...), "th": fmt.Sprintf(th, args...)}
}

// reasonOf reads the model's own word.
func reasonOf(s *recommend.Suggestion) reason {
	switch s.Feature {
	case recommend.FromEASE, recommend.FromALS, recommend.FromNeighbours:
		if s.Because >= 0 {
			return akin
		}
		return popular
	case recommend.Trend3, recommend.Trend7, recommend.Trend14, recommend.Trend30:
		return trending
	case recommend.DueLater, recommend.DuePast:
		return due
	case recommend.Bought, recommend.BoughtShare, recommend.BoughtFresh, recommend.BoughtSince:
		return habit
	}
	return popular
}
