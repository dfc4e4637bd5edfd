package orders

import "strings"

// roleWords lists, for each role, the headers that name it, the surest first: English, Korean and Thai,
// with those of Shopify, WooCommerce, Magento, Amazon, Cafe24, Naver Smart Store, Coupang, Shopee, Lazada and the
// public data sets. They are compared after normalise, so case, spaces, dots and underscores do not matter; "|" parts them.
var roleWords = map[Role]string{
	Customer: `customer id|customer unique id|cust id|customer no|customer number|customer code|customer key|customerref|client id|client no|member id|member no|member number|membership no|loyalty id|
		user id|userid|buyer id|buyer user id|buyer username|username buyer|account id|account no|shopper id|household key|household id|contact id|person id|consumer id|patient id|visitor id|cid|
		customer.id|customer user|customer_user|user.id|buyer.id|billing customer id|customer|client|member|buyer|shopper|user|account|
		고객번호|고객 ID|고객아이디|고객코드|고객키|회원번호|회원 ID|회원아이디|회원코드|구매자 ID|구매자아이디|주문자 ID|주문자아이디|사용자 ID|유저 ID|유저아이디|아이디|고객|회원|구매자|주문자|
		รหัสลูกค้า|ไอดีลูกค้า|เลขที่ลูกค้า|หมายเลขลูกค้า|เลขลูกค้า|รหัสสมาชิก|หมายเลขสมาชิก|เลขสมาชิก|ไอดีผู้ซื้อ|รหัสผู้ซื้อ|ชื่อผู้ใช้ (ผู้ซื้อ)|ชื่อผู้ใช้ผู้ซื้อ|ชื่อผู้ใช้|ผู้ซื้อ|ลูกค้า|สมาชิก`,
	Order: `order id|order no|order number|order code|order ref|order reference|order key|invoice no|invoice id|invoice number|invoice|bill no|bill number|receipt no|receipt id|receipt number|transaction id|
		transaction no|transaction number|trans id|sales order|sales order no|document no|doc no|basket id|ticket no|purchase id|amazon order id|merchant order id|order name|order sn|ordersn|orderid|increment id|order.id|order|
		주문번호|주문 ID|주문코드|주문서번호|전표번호|영수증번호|거래번호|결제번호|송장번호 주문|
		หมายเลขคำสั่งซื้อ|เลขที่คำสั่งซื้อ|รหัสคำสั่งซื้อ|เลขคำสั่งซื้อ|หมายเลขออเดอร์|เลขที่ออเดอร์|เลขออเดอร์|เลขที่ใบเสร็จ|เลขที่ใบแจ้งหนี้|เลขที่บิล|คำสั่งซื้อ|เลขที่เอกสาร|ออเดอร์`,
	At: `order date|order datetime|order date time|order time stamp|order timestamp|ordered at|order created at|order creation date|order purchase timestamp|purchase date|purchased at|purchase time|date purchased|date created|
		created at|created time|create time|created date|creation date|created|createtime|createdat|invoice date|transaction date|transaction datetime|transaction timestamp|trans date|sale date|sales date|sold at|bill date|
		receipt date|date of purchase|date ordered|order placed|placed at|processed at|date time|datetime|timestamp|date|paid at|payment date|paid date|paid time|date paid|event time|day|order paid time|at|
		주문일시|주문일자|주문일|주문날짜|주문시각|주문일시분|구매일시|구매일자|구매일|구매날짜|거래일시|거래일자|거래일|판매일시|판매일자|판매일|매출일자|매출일|결제일시|결제일자|결제일|결제완료일|일시|일자|날짜|
		วันที่สั่งซื้อ|วันที่ทำการสั่งซื้อ|วันที่คำสั่งซื้อ|วันสั่งซื้อ|วันเวลาที่สั่งซื้อ|เวลาที่สั่งซื้อ|วันที่ซื้อ|วันที่ทำรายการ|วันที่ขาย|วันที่ใบเสร็จ|วันที่ใบแจ้งหนี้|วันเวลา|วันที่และเวลา|วันที่|เวลาการชำระสินค้า|วันที่ชำระเงิน|เวลาที่ชำระเงิน`,
	Time: `time|order time|purchase time of day|transaction time|trans time|sale time|time of day|hour minute|주문시간|구매시간|거래시간|결제시간|판매시간|시간|시각|เวลา|เวลาสั่งซื้อ|เวลาทำรายการ`,
	Product: `product id|product code|product no|product number|product key|sku|product sku|item sku|item id|item code|item no|item number|stock code|stockcode|article no|article id|article number|variant id|variant sku|seller sku|
		lineitem sku|line items sku|asin|upc|ean|barcode|isbn|goods id|goods no|goods code|material|part number|plu|product|item|
		상품코드|상품번호|상품 ID|품목코드|품번|제품코드|제품번호|자체상품코드|판매자상품코드|판매자 상품코드|노출상품 ID|등록상품 ID|옵션 ID|바코드|상품|제품|품목|
		รหัสสินค้า|เลขอ้างอิง SKU (SKU Reference No.)|เลขอ้างอิง sku|เลขอ้างอิง Parent SKU|หมายเลขสินค้า|บาร์โค้ด|สินค้า`,
	ProductName: `product name|product title|item name|item title|item description|product description|description|lineitem name|line items name|line items title|title|goods name|article name|item details|
		상품명|제품명|품명|품목명|주문상품명|등록상품명|노출상품명|상품이름|노출상품명(옵션명)|ชื่อสินค้า|ชื่อรายการ|รายการสินค้า|รายละเอียดสินค้า|รายการ`,
	Category: `category|product category|category name|product category name|item category|department|product type|product group|class|product line|commodity desc|분류|카테고리|상품분류|상품카테고리|카테고리명|품목군|대분류|หมวดหมู่|หมวดหมู่สินค้า|ประเภทสินค้า|กลุ่มสินค้า|หมวด`,
	Quantity: `quantity|qty|order qty|order quantity|quantity ordered|ordered quantity|quantity purchased|qty ordered|lineitem quantity|line items quantity|item quantity|item qty|units|units sold|unit count|number of items|number of units|no of items|
		pieces|pcs|items|item count|count|number of cds|number of products|sales qty|quantity sold|수량|주문수량|구매수량|구매수(수량)|구매수|판매수량|상품수량|개수|จำนวน|จำนวนสินค้า|จำนวนที่สั่งซื้อ|จำนวนชิ้น|จำนวนที่ซื้อ|ปริมาณ`,
	Price: `unit price|price per unit|price each|item price|unit cost|item cost|product price|lineitem price|line items price|selling price|sale price|sales price|list price|retail price|sell price|price|deal price|rate|
		단가|판매단가|상품단가|판매가|판매가격|상품가격|상품판매가|옵션판매가(판매단가)|옵션판매가|개당가격|가격|소비자가|
		ราคาต่อหน่วย|ราคาต่อชิ้น|ราคาขาย|ราคาสินค้า|ราคาตั้งต้น|ราคา|ราคาหน่วย`,
	Amount: `line total|line amount|item total|item amount|item subtotal|line subtotal|lineitem total|line items total|net line amount|extended price|total price|paid price|amount paid|total paid|paid amount|payment amount|payment value|
		order total|order amount|order value|order total amount|total amount|total sales|total spent|total cost|grand total|total|total price set shop money amount|sales amount|net sales|gross sales|sale amount|sales value|sales|net amount|gross amount|amount|
		transaction amount|invoice amount|invoice total|bill amount|revenue|turnover|spend|dollar value|value|monetary value|purchase amount|purchase value|subtotal|order subtotal|
		결제금액|총결제금액|총 결제금액|실결제금액|최종결제금액|결제액|주문금액|총주문금액|총 주문금액|상품별 총 주문금액|상품주문금액|상품구매금액|구매금액|거래금액|판매금액|매출액|매출|매출금액|합계금액|합계|총액|총금액|금액|
		ยอดรวม|ยอดรวมสุทธิ|ยอดสุทธิ|ราคาขายสุทธิ|ราคารวม|จำนวนเงินทั้งหมด|จำนวนเงิน|จำนวนเงินรวม|ยอดชำระ|ยอดชำระเงิน|ยอดที่ชำระ|ยอดขาย|ยอดเงิน|ยอดซื้อ|มูลค่า|มูลค่ารวม|มูลค่าคำสั่งซื้อ|รวมเงิน|ราคาสุทธิ|รวมทั้งสิ้น|ยอดสั่งซื้อ`,
	Currency: `currency|currency code|order currency|item currency|currency iso|ccy|통화|통화코드|화폐|화폐단위|결제통화|สกุลเงิน|รหัสสกุลเงิน`,
	Market:   `market|country|country code|ship country|shipping country|billing country|shipping country code|customer country|shipping address country code|store country|region|territory|site|국가|국가코드|나라|배송국가|마켓|시장|ประเทศ|รหัสประเทศ|ตลาด`,
	Channel: `channel|sales channel|order source|source|source name|order channel|platform|marketplace|store|shop|store name|shop name|branch|utm source|판매채널|채널|주문경로|유입경로|쇼핑몰|쇼핑몰명|판매처|매장|매장명|스토어|플랫폼|
		ช่องทาง|ช่องทางการขาย|ช่องทางจำหน่าย|แพลตฟอร์ม|ร้านค้า|สาขา`,
	Promised: `promised|promised date|promised at|promised delivery|promised delivery date|promised day|estimated delivery|estimated delivery date|order estimated delivery date|expected delivery|expected delivery date|delivery due date|due date|
		latest delivery date|promised shipping time|requested delivery date|배송예정일|도착예정일|예상배송일|배송희망일|도착예정일자|주문시 출고예정일|วันที่คาดว่าจะได้รับ|วันที่คาดว่าจะจัดส่ง|วันที่คาดว่าจะทำการจัดส่งสินค้า|กำหนดส่ง|วันที่กำหนดส่ง`,
	Delivered: `delivered|delivered date|delivered at|delivered day|delivery date|actual delivery date|delivered time|order delivered customer date|delivery completed at|date delivered|배송완료일|배송완료일시|배송완료일자|배송일|도착일|수령일|วันที่จัดส่งสำเร็จ|วันที่ได้รับสินค้า|วันที่ส่งถึง|เวลาที่ทำการสั่งซื้อสำเร็จ|วันที่จัดส่ง`,
	PaidUntil: `paid until|paid till|paid through|paid thru|paid up to|paid up until|subscription end|subscription end date|subscription end at|subscription ends|subscription ends at|subscription ends on|subscription expires|subscription expires at|subscription expiry|
		subscription expiry date|subscription expiration|subscription expiration date|subscription valid until|membership end|membership end date|membership ends|membership expires|membership expiry|membership expiry date|membership valid until|
		plan end date|plan ends|plan expires|term end|term end date|current term end|period end|period end date|period ends|period ends at|current period end|current period end at|current period ends|current period ends at|billing period end|billing period end date|service end date|
		service period end|access until|access ends|access expires|renewal date|renewal due|renewal due date|renews|renews at|renews on|next renewal|next renewal at|next renewal date|next billing|next billing at|next billing date|next billed at|next bill date|
		next payment|next payment date|next charge at|next charge date|next charge scheduled at|next invoice date|expires|expires at|expires on|expire date|expiry|expiry date|expiration|expiration date|valid until|valid till|valid through|valid to|
		구독종료일|구독종료일자|구독종료|구독만료일|구독만료일자|구독만료|구독기간종료일|이용종료일|이용종료일자|이용만료일|이용기간종료일|서비스종료일|서비스만료일|멤버십종료일|멤버십만료일|회원권만료일|이용권만료일|정기권만료일|기간만료일|
		다음결제일|다음결제예정일|다음정기결제일|정기결제예정일|차기결제일|갱신예정일|만료일|만료일자|만료일시|
		วันต่ออายุ|วันที่ต่ออายุ|วันต่ออายุสมาชิก|วันสิ้นสุดสมาชิก|วันสิ้นสุดการสมัครสมาชิก|วันสิ้นสุดการเป็นสมาชิก|วันหมดอายุสมาชิก|วันสิ้นสุดแพ็กเกจ|วันหมดอายุแพ็กเกจ|วันสิ้นสุดบริการ|วันสิ้นสุดรอบบิล|วันเรียกเก็บเงินครั้งถัดไป|วันชำระเงินครั้งถัดไป|
		ชำระแล้วถึง|ชำระแล้วถึงวันที่|วันหมดอายุ|วันที่หมดอายุ|ใช้ได้ถึง|ใช้ได้ถึงวันที่`,
	Name: `customer name|client name|buyer name|full name|billing name|billing full name|contact name|member name|shipping name|recipient name|customername|customer full name|고객명|회원명|구매자명|주문자명|주문자|구매자이름|주문자이름|이름|성명|고객이름|
		ชื่อลูกค้า|ชื่อผู้ซื้อ|ชื่อ-นามสกุล|ชื่อ นามสกุล|ชื่อสมาชิก|ชื่อ|ชื่อผู้รับ`,
	Email: `email|e-mail|email address|customer email|buyer email|billing email|contact email|user email|이메일|이메일주소|메일|주문자 이메일|구매자이메일|고객이메일|อีเมล|อีเมล์|อีเมลลูกค้า|ที่อยู่อีเมล`,
	Phone: `phone|phone number|mobile|mobile phone|mobile number|telephone|tel|cell phone|customer phone|billing phone|buyer phone|buyer phone number|contact number|전화번호|휴대폰|휴대폰번호|휴대전화|연락처|주문자 휴대전화|주문자 연락처|구매자연락처|구매자전화번호|핸드폰|
		เบอร์โทร|เบอร์โทรศัพท์|หมายเลขโทรศัพท์|โทรศัพท์|เบอร์มือถือ|โทร`,
	Coupon: `coupon|coupon code|discount code|promo code|promotion code|voucher|voucher code|coupon name|promotion ids|쿠폰|쿠폰코드|쿠폰명|쿠폰번호|할인코드|คูปอง|โค้ดส่วนลด|รหัสคูปอง|รหัสส่วนลด|โค้ดคูปอง`,
	Kind: `kind|order status|status|order state|state of order|transaction type|trans type|type|order type|line type|record type|financial status|payment status|is refund|is return|is returned|is cancelled|is canceled|refunded|returned|cancelled|canceled|
		cancelled at|canceled at|refunded at|return status|refund status|주문상태|상태|주문구분|구분|거래구분|거래유형|매출구분|클레임상태|환불여부|취소여부|반품여부|취소구분|
		สถานะ|สถานะคำสั่งซื้อ|สถานะการสั่งซื้อ|ประเภทรายการ|ประเภท|สถานะออเดอร์|สถานะการคืนเงินหรือคืนสินค้า`,
}

// roleNames are the names by which --columns may call a role, beyond the role itself.
var roleNames = map[string]Role{
	"customerid": Customer, "client": Customer, "member": Customer, "orderid": Order, "invoice": Order, "date": At, "datetime": At, "orderdate": At, "sku": Product, "productid": Product, "item": Product,
	"productname": ProductName, "qty": Quantity, "unitprice": Price, "total": Amount, "linetotal": Amount, "country": Market, "promiseddate": Promised, "delivereddate": Delivered, "subscriptionend": PaidUntil, "periodend": PaidUntil, "expires": PaidUntil, "validuntil": PaidUntil, "status": Kind, "type": Kind,
}

// allRoles in the order in which they are shown.
var allRoles = []Role{Customer, Order, At, Time, Product, ProductName, Category, Quantity, Price, Amount, Currency, Market, Channel, Promised, Delivered, PaidUntil, Name, Email, Phone, Coupon, Kind}

// wordMatch is a role a header names, and how surely: a smaller rank is surer.
type wordMatch struct {
	role Role
	rank int
}

// headerWords maps normalised headers to roles. A word two roles claim belongs to the one whose list has it earlier.
var headerWords = func() map[string]wordMatch {
	m := map[string]wordMatch{}
	for _, role := range allRoles {
		for rank, w := range strings.Split(roleWords[role], "|") {
			n := normalise(w)
			if had, ok := m[n]; n != "" && (!ok || rank < had.rank) {
				m[n] = wordMatch{role, rank}
			}
		}
	}
	return m
}()

// matchHeader finds the role a header names.
func matchHeader(header string) (wordMatch, bool) {
	n := normalise(header)
	if m, ok := headerWords[n]; ok {
		return m, true
	}
	plain := normalise(withoutBrackets(header))
	if m, ok := headerWords[plain]; ok {
		return wordMatch{m.role, m.rank + 1}, true
	}
	for _, prefix := range []string{"lineitems", "lineitem", "orderitems", "items", "item", "orders", "order", "data", "the", "주문", "상품"} {
		if rest, ok := strings.CutPrefix(plain, prefix); ok && len(rest) > 2 {
			if m, ok := headerWords[rest]; ok && !(prefix == "order" && m.role == Name) && !bareEnds[rest] {
				return wordMatch{m.role, m.rank + 20}, true
			}
		}
	}
	return matchParts(plain)
}

// withoutBrackets drops what stands in brackets, such as a unit, and currency codes at the end.
func withoutBrackets(s string) string {
	for _, pair := range [][2]string{{"(", ")"}, {"[", "]"}, {"（", "）"}} {
		i := strings.Index(s, pair[0])
		j := strings.LastIndex(s, pair[1])
		if i >= 0 && j > i {
			s = s[:i] + s[j+len(pair[1]):]
		}
	}
	if w := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '_' || r == '-' }); len(w) > 1 {
		if _, ok := majorCodes[strings.ToUpper(w[len(w)-1])]; ok {
			return strings.Join(w[:len(w)-1], " ")
		}
	}
	return s
}

// partRules recognise headers by what they contain, once no word fits exactly. All of has, none of not.
var partRules = []struct {
	role     Role
	has, not string
}{
	{Email, "email", ""},
	{Email, "이메일", ""},
	{Email, "อีเมล", ""},
	{Customer, "customer id", "name"},
	{Customer, "client id", "name"},
	{Customer, "member id", "name"},
	{Customer, "buyer id", "name"},
	{Customer, "고객 번호", ""},
	{Customer, "회원 번호", ""},
	{Customer, "รหัส ลูกค้า", ""},
	{Name, "customer name", ""},
	{Order, "order number", ""},
	{Order, "invoice no", ""},
	{Order, "주문번호", "상품"},
	{Promised, "promised", ""},
	{Promised, "estimated deliver", ""},
	{Delivered, "delivered", "status"},
	{PaidUntil, "paiduntil", ""},
	{PaidUntil, "subscriptionend", "trial"},
	{PaidUntil, "subscriptionexpir", "trial"},
	{PaidUntil, "periodend", "trial return refund warranty review promo"},
	{PaidUntil, "nextbilling", "last"},
	{PaidUntil, "renewaldate", "last previous"},
	{PaidUntil, "구독종료", ""},
	{PaidUntil, "구독만료", ""},
	{PaidUntil, "이용종료", ""},
	{PaidUntil, "다음결제", ""},
	{At, "order date", "ship deliver update modif cancel refund expir due birth complete"},
	{At, "purchase date", "ship deliver update modif cancel refund expir due birth"},
	{At, "주문 일", "완료 예정 취소 번호 상품 만료 종료"},
	{At, "วันที่ สั่งซื้อ", "ส่ง คืน ยกเลิก"},
	{At, "date", "ship deliver update modif cancel refund expir due birth join signup regist start end first last renew until valid nextbill"},
	{At, "timestamp", "ship deliver update modif cancel refund approv carrier expir renew"},
	{Quantity, "quantity", "refund return cancel stock"},
	{Quantity, "number of", "order day customer phone"},
	{Quantity, "수량", "환불 취소 반품 재고"},
	{Price, "unit price", ""},
	{Price, "단가", ""},
	{Amount, "total amount", "tax discount shipping refund fee"},
	{Amount, "total price", "tax discount shipping refund fee"},
	{Amount, "order total", "tax discount shipping refund fee"},
	{Amount, "결제 금액", "할인 배송 환불 취소 쿠폰 적립"},
	{Amount, "주문 금액", "할인 배송 환불 취소 쿠폰 적립"},
	{Amount, "amount", "tax discount shipping refund fee deposit"},
	{Amount, "revenue", ""},
	{Category, "category", ""},
	{Product, "sku", ""},
	{ProductName, "product name", ""},
	{ProductName, "상품명", ""},
	{Market, "country", ""},
	{Currency, "currency", ""},
}

func matchParts(plain string) (wordMatch, bool) {
next:
	for i, r := range partRules {
		for _, w := range strings.Fields(r.has) {
			if !strings.Contains(plain, w) {
				continue next
			}
		}
		for _, w := range strings.Fields(r.not) {
			if strings.Contains(plain, w) {
				continue next
			}
		}
		return wordMatch{r.role, 200 + i}, true
	}
	return wordMatch{}, false
}
