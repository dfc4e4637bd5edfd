package rule

// What groups, stages, channels and scores are called in English, Korean and Thai.
var (
	groupWords = map[string][3]string{
		"champions": {"Champions", "챔피언", "แชมเปี้ยน"}, "loyal": {"Loyal", "충성 고객", "ขาประจำ"}, "potential": {"Potential loyal", "잠재 충성", "ว่าที่ขาประจำ"},
		"new": {"New", "신규", "ลูกค้าใหม่"}, "promising": {"Promising", "유망", "มีแวว"}, "need_attention": {"Need attention", "관심 필요", "ต้องใส่ใจ"},
		"about_to_sleep": {"About to sleep", "휴면 직전", "ใกล้หลับ"}, "at_risk": {"At risk", "이탈 위험", "เสี่ยงหลุด"}, "cannot_lose": {"Cannot lose", "놓치면 안 될 고객", "ห้ามเสียไป"},
		"hibernating": {"Hibernating", "휴면", "หลับอยู่"}, "lost": {"Lost", "이탈", "หายไปแล้ว"},
	}
	stageWords = map[string][3]string{
		"new": {"New", "신규", "ใหม่"}, "active": {"Active", "활동", "ซื้อตามรอบ"}, "slipping": {"Slipping", "멀어지는 중", "เริ่มห่าง"},
		"at_risk": {"At risk", "이탈 위험", "เสี่ยงหลุด"}, "one_time": {"One-time buyer", "1회 구매", "ซื้อครั้งเดียว"}, "lost": {"Lost", "이탈", "หายไปแล้ว"},
	}
	channelWords = map[string][3]string{
		"email": {"e-mail", "이메일", "อีเมล"}, "sms": {"SMS", "문자", "SMS"}, "push": {"push", "푸시", "พุช"}, "kakao": {"KakaoTalk", "카카오톡", "KakaoTalk"},
		"line": {"LINE", "LINE", "LINE"}, "phone": {"phone", "전화", "โทรศัพท์"}, "post": {"post", "우편", "ไปรษณีย์"},
	}
	purposeWords = map[string][3]string{"marketing": {"marketing", "마케팅", "การตลาด"}, "service": {"service messages", "서비스 안내", "ข่าวบริการ"}}
	scoreWords   = map[string][3]string{
		"r": {"recency score", "최근성 점수", "คะแนนความใหม่"}, "f": {"frequency score", "빈도 점수", "คะแนนความถี่"}, "m": {"money score", "금액 점수", "คะแนนยอดซื้อ"},
		"rfm_group": {"RFM group", "RFM 그룹", "กลุ่ม RFM"}, "rfm_group_before": {"RFM group 90 days earlier", "90일 전 RFM 그룹", "กลุ่ม RFM เมื่อ 90 วันก่อน"},
		"lifecycle": {"lifecycle stage", "생애 단계", "ช่วงชีวิตลูกค้า"}, "p_alive": {"chance of being active", "활동 중일 확률", "โอกาสที่ยังซื้ออยู่"},
		"p_no_order_90d":      {"chance of no order in 90 days", "90일 안에 주문하지 않을 확률", "โอกาสที่จะไม่ซื้อใน 90 วัน"},
		"expected_orders_12m": {"expected orders in 12 months", "12개월 예상 주문 횟수", "จำนวนคำสั่งซื้อที่คาดใน 12 เดือน"}, "expected_value_minor": {"expected spend in 12 months", "12개월 예상 구매액", "ยอดซื้อที่คาดใน 12 เดือน"},
		"churn_risk": {"chance of leaving", "이탈 확률", "โอกาสที่จะจากไป"}, "churn_band": {"risk of leaving", "이탈 위험도", "ระดับความเสี่ยงที่จะจากไป"},
		"churn_reason": {"first reason to leave", "첫째 이탈 이유", "เหตุผลแรกที่จะจากไป"}, "value_at_risk_minor": {"value at risk", "위험에 놓인 금액", "มูลค่าที่เสี่ยง"},
		"orders": {"orders at the last analysis", "지난 분석의 주문 횟수", "จำนวนคำสั่งซื้อ ณ การวิเคราะห์ล่าสุด"}, "spend": {"spend at the last analysis", "지난 분석의 구매액", "ยอดซื้อ ณ การวิเคราะห์ล่าสุด"},
		"days_since_last_order": {"days from the last order to the last analysis", "지난 분석까지 마지막 주문 이후 일수", "จำนวนวันจากคำสั่งซื้อล่าสุดถึงการวิเคราะห์ล่าสุด"},
		"last_delivery_late":    {"last delivery being late", "마지막 배송 지연 여부", "การส่งช้าครั้งล่าสุด"}, "last_order_day": {"day of the last order", "마지막 주문일", "วันที่สั่งซื้อล่าสุด"},
		"last_market": {"market at the last analysis", "지난 분석의 시장", "ตลาด ณ การวิเคราะห์ล่าสุด"},
	}
)
