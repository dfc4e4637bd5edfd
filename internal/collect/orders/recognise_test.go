package orders

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/fault"
)

// file writes a small file and returns its path.
func file(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// roles gives "role=header" of each recognised column, in the order of the columns.
func roles(m *Mapping) string {
	var out []string
	for _, c := range m.Columns {
		if c.Role != "" {
			out = append(out, string(c.Role)+"="+c.Header)
		}
	}
	return strings.Join(out, " ")
}

// What shops export, and what must be made of it.
var exports = []struct{ name, content, roles, shape, currency, by string }{
	{
		"Shopify",
		"Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping Country,Cancelled at,Phone,Source\n" +
			"#1001,a@x.com,paid,2024-03-05 10:00:00 +0900,USD,30.00,0,0,30.00,SPRING,2024-03-05 10:00:00 +0900,2,Red tea,10.00,RT1,Ann Lee,US,,,web\n" +
			"#1001,a@x.com,,,,,,,,,2024-03-05 10:00:00 +0900,1,Blue tea,10.00,BT1,,,,,\n" +
			"#1002,b@x.com,refunded,2024-03-06 10:00:00 +0900,USD,10.00,0,0,10.00,,2024-03-06 10:00:00 +0900,1,Red tea,10.00,RT1,Bo Kim,US,,,web\n",
		"order=Name customer=Email kind=Financial Status currency=Currency amount=Total coupon=Discount Code at=Created at quantity=Lineitem quantity product_name=Lineitem name price=Lineitem price product=Lineitem sku name=Billing Name market=Shipping Country phone=Phone channel=Source",
		"lines", "USD", "column",
	},
	{
		"WooCommerce",
		"Order ID,Order Date,Customer User,Billing Email,Order Status,Order Total,Order Currency,Item Name,Quantity,Item Cost\n" +
			"501,2024-03-05 10:00,17,a@x.de,completed,25.00,EUR,Tee,2,12.50\n502,2024-03-15 11:00,18,b@x.de,cancelled,12.50,EUR,Tee,1,12.50\n",
		"order=Order ID at=Order Date customer=Customer User email=Billing Email kind=Order Status amount=Order Total currency=Order Currency product_name=Item Name quantity=Quantity price=Item Cost",
		"lines", "EUR", "column",
	},
	{
		"Cafe24",
		"주문번호,주문일시,주문자ID,주문자명,주문자 이메일,주문자 휴대전화,상품코드,상품명,수량,판매가,총 결제금액,주문상태,쿠폰\n" +
			"20240305-0000012,2024-03-05 14:30:15,minsu,김민수,m@x.kr,010-1234-5678,P0001,딸기우유,2,\"3,500\",\"7,000\",배송완료,\n" +
			"20240306-0000013,2024-03-06 09:10:00,younghee,이영희,y@x.kr,010-2222-3333,P0002,향수,1,\"52,000\",\"52,000\",취소완료,봄10\n",
		"order=주문번호 at=주문일시 customer=주문자ID name=주문자명 email=주문자 이메일 phone=주문자 휴대전화 product=상품코드 product_name=상품명 quantity=수량 price=판매가 amount=총 결제금액 kind=주문상태 coupon=쿠폰",
		"lines", "", "none",
	},
	{
		"Naver Smart Store",
		"상품주문번호,주문번호,구매자명,구매자ID,주문상태,클레임상태,결제일,상품번호,상품명,옵션정보,수량,상품가격,상품별 총 주문금액,배송완료일,판매채널,구매자연락처\n" +
			"2024030512345671,2024030512345670,김민수,min***,구매확정,,2024.03.05 14:30,9001,사과,1kg,2,12000원,24000원,2024.03.07,스마트스토어,010-1\n" +
			"2024030512345672,2024030512345670,김민수,min***,반품,반품완료,2024.03.05 14:30,9002,배,1kg,1,15000원,15000원,2024.03.07,스마트스토어,010-1\n",
		"order=주문번호 name=구매자명 customer=구매자ID kind=주문상태 at=결제일 product=상품번호 product_name=상품명 quantity=수량 price=상품가격 amount=상품별 총 주문금액 delivered=배송완료일 channel=판매채널 phone=구매자연락처",
		"lines", "KRW", "symbol",
	},
	{
		"Coupang",
		"주문번호,주문일,등록상품명,노출상품ID,구매수(수량),옵션판매가(판매단가),결제액,구매자,구매자전화번호,주문시 출고예정일\n" +
			"9000001,2024-03-05 오후 3:05,쌀 10kg,7001,1,32000,32000,김민수,050-1,2024-03-06\n9000002,2024-03-16 오전 9:05,물 2L,7002,3,1000,3000,이영희,050-2,2024-03-17\n",
		"order=주문번호 at=주문일 product_name=등록상품명 product=노출상품ID quantity=구매수(수량) price=옵션판매가(판매단가) amount=결제액 customer=구매자 phone=구매자전화번호 promised=주문시 출고예정일",
		"lines", "", "none",
	},
	{
		"Shopee Thailand",
		"หมายเลขคำสั่งซื้อ,สถานะการสั่งซื้อ,ชื่อผู้ใช้ (ผู้ซื้อ),วันที่ทำการสั่งซื้อ,ชื่อสินค้า,เลขอ้างอิง SKU (SKU Reference No.),ราคาขาย,จำนวน,ราคาขายสุทธิ,ประเทศ\n" +
			"240305ABC,สำเร็จแล้ว,somchai99,2024-03-05 14:30,ชาเขียว,GT1,฿120.00,2,฿240.00,ไทย\n240306DEF,ยกเลิกแล้ว,kwan,2024-03-06 09:00,ชาแดง,RT1,฿90.50,1,฿90.50,ไทย\n",
		"order=หมายเลขคำสั่งซื้อ kind=สถานะการสั่งซื้อ customer=ชื่อผู้ใช้ (ผู้ซื้อ) at=วันที่ทำการสั่งซื้อ product_name=ชื่อสินค้า product=เลขอ้างอิง SKU (SKU Reference No.) price=ราคาขาย quantity=จำนวน amount=ราคาขายสุทธิ market=ประเทศ",
		"lines", "THB", "symbol",
	},
	{
		"Lazada",
		"orderItemId,orderNumber,createTime,customerName,customerEmail,itemName,sellerSku,unitPrice,paidPrice,status,shippingCountry\n" +
			"1,700,05 Mar 2024 14:30,Somchai,s@x.th,Tea,T1,120.00,110.00,delivered,Thailand\n2,700,05 Mar 2024 14:30,Somchai,s@x.th,Cup,C1,90.00,90.00,returned,Thailand\n",
		"order=orderNumber at=createTime name=customerName customer=customerEmail product_name=itemName product=sellerSku price=unitPrice amount=paidPrice kind=status market=shippingCountry",
		"lines", "THB", "country",
	},
	{
		"Amazon",
		"amazon-order-id\tpurchase-date\torder-status\tsales-channel\tproduct-name\tsku\tquantity\tcurrency\titem-price\tship-country\tbuyer-email\n" +
			"302-1\t2024-03-05T14:30:15+00:00\tShipped\tAmazon.de\tTee\tT1\t1\tEUR\t12.50\tDE\ta@marketplace.amazon.de\n302-2\t2024-03-06T14:30:15+00:00\tCancelled\tAmazon.de\tTee\tT1\t1\tEUR\t12.50\tDE\tb@marketplace.amazon.de\n",
		"order=amazon-order-id at=purchase-date kind=order-status channel=sales-channel product_name=product-name product=sku quantity=quantity currency=currency price=item-price market=ship-country customer=buyer-email",
		"lines", "EUR", "column",
	},
	{
		"a Thai till, date and time apart",
		"เลขที่บิล,วันที่,เวลา,รหัสสมาชิก,ยอดสุทธิ\nB1,05/03/2567,14:30,M01,250.00\nB2,25/03/2567,09:05,M02,120.50\n",
		"order=เลขที่บิล at=วันที่ time=เวลา customer=รหัสสมาชิก amount=ยอดสุทธิ",
		"orders", "", "none",
	},
	{
		"a Korean summary",
		"회원번호;주문일자;결제금액(원)\n1001;2024년 3월 5일;12,000\n1002;2024년 3월 6일;9,900\n",
		"customer=회원번호 at=주문일자 amount=결제금액(원)",
		"orders", "KRW", "symbol",
	},
	{
		"no header",
		"00001 19970101 1 11.77\n00002 19970112 1 12.00\n00002 19970112 5 77.00\n00003 19970102 2 20.76\n00003 19970330 2 20.76\n",
		"customer=column 1 at=column 2 quantity=column 3 amount=column 4",
		"orders", "", "none",
	},
	{
		"headers that say nothing",
		"x,y,z\nK17,2024-03-05,12.50\nK18,2024-03-06,7.25\nK17,2024-03-09,1.00\n",
		"customer=x at=y amount=z",
		"orders", "", "none",
	},
	{
		"JSON of orders with lines",
		`{"id":1,"created_at":"2024-03-05T10:00:00Z","currency":"KRW","customer":{"id":77,"email":"a@x"},"line_items":[{"sku":"A","name":"Tea","quantity":2,"price":"1000"},{"sku":"B","name":"Cup","quantity":1,"price":"500"}]}` + "\n" +
			`{"id":2,"created_at":"2024-03-06T10:00:00Z","currency":"KRW","customer":{"id":78,"email":"b@x"},"line_items":[{"sku":"A","name":"Tea","quantity":1,"price":"1000"}]}` + "\n",
		"order=id at=created_at currency=currency customer=customer.id email=customer.email product=line_items.sku product_name=line_items.name quantity=line_items.quantity price=line_items.price",
		"lines", "KRW", "column",
	},
}

func TestRecognise(t *testing.T) {
	for _, c := range exports {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, file(t, "x.csv", c.content), Options{}, true)
			if got := roles(r.mapping); got != c.roles {
				t.Errorf("roles\n got %s\nwant %s", got, c.roles)
			}
			if m := r.mapping; string(m.Shape) != c.shape || m.Currency != c.currency || m.CurrencyBy != c.by {
				t.Errorf("shape %s, currency %q by %s", m.Shape, m.Currency, m.CurrencyBy)
			}
			cancelled := r.totals.SetAside[CancelledOrder]
			if n := r.totals.LinesAccepted + r.totals.RefundLines + cancelled; n != r.totals.LinesRead || n == 0 {
				t.Errorf("totals %+v", r.totals)
			}
			undone := r.totals.RefundLines + r.totals.RefundsBeside + cancelled
			if strings.Contains(c.roles, "kind=") != (undone == 1) {
				t.Errorf("%d undone: %+v", undone, r.totals)
			}
		})
	}
}

func TestFaultsOfFiles(t *testing.T) {
	const retail = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n1,A,2,2024-03-05,1.50,17\n"
	for _, c := range []struct {
		name, content, reason, says string
		o                           Options
	}{
		{"ambiguous", "customer,date,total\n1,03/04/2024,5\n2,05/06/2024,6\n", "collect.ambiguous_date", "2024-04-03 or 2024-03-04", Options{}},
		{"no customer", "order,date,total\n1,2024-03-05,5\n", "collect.missing_columns", "the customer. The columns are: order, date, total", Options{}},
		{"nothing", "a,b\nx,y\nz,w\n", "collect.missing_columns", "the customer, the date and the amount or the unit price", Options{}},
		{"unknown header", retail, "collect.unknown_column", `Did you mean "CustomerID"?`, Options{Columns: map[string]string{"customer": "CustmerID"}}},
		{"unknown number", retail, "collect.unknown_column", "There is no column 9: the file has 6", Options{Columns: map[string]string{"customer": "9"}}},
		{"unknown role", retail, "collect.unknown_role", `Did you mean "customer"?`, Options{Columns: map[string]string{"custmer": "1"}}},
		{"twice", retail, "collect.column_twice", "for both", Options{Columns: map[string]string{"customer": "1", "order": "1"}}},
		{"zone", retail, "collect.unknown_zone", "Asia/Seoul", Options{TZ: "Mars/Olympus"}},
		{"currency", retail, "collect.unknown_currency", "KRW", Options{Currency: "XQX"}},
		{"date format", retail, "collect.bad_date_format", "%d/%m/%Y", Options{DateFormat: "%H"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab, err := table.Open(context.Background(), file(t, "x.csv", c.content), c.o.Table(""))
			if err != nil {
				t.Fatal(err)
			}
			m, err := Recognise(context.Background(), tab, c.o)
			if f := fault.From(err); f.Reason != c.reason || !strings.Contains(f.Error(), c.says) || f.Next == "" || m == nil {
				t.Errorf("fault %s: %v", f.Reason, err)
			}
			p, err := Inspect(context.Background(), tab, c.o, "", 0)
			if err != nil || len(p.Problems) == 0 || !p.Problems[len(p.Problems)-1].Fatal {
				t.Errorf("preview %+v, %v", p, err)
			}
		})
	}
}

func TestDateDecidedFarIn(t *testing.T) {
	content := "customer,date,total\n" + strings.Repeat("1,03/04/2024,5\n2,05/06/2024,6\n4,03/04/2024,5\n5,05/06/2024,6\n", 5_000)
	for tail, want := range map[string]string{"3,25/04/2024,7\n": "dmy", "3,04/25/2024,7\n": "mdy"} {
		r := run(t, file(t, "x.csv", content+tail), Options{}, false)
		if r.mapping.DateFormat != want || r.totals.LinesAccepted != 20_001 {
			t.Errorf("%q: %s, %+v", tail, r.mapping.DateFormat, r.totals)
		}
	}
	for given, day := range map[string]string{"dmy": "2024-04-03", "mdy": "2024-03-04", "%m/%d/%Y": "2024-03-04"} {
		r := run(t, file(t, "x.csv", content), Options{DateFormat: given}, false)
		if got := r.totals.FirstDay.String(); got != day {
			t.Errorf("%s: first day %s", given, got)
		}
	}
}

func TestOverrides(t *testing.T) {
	const content = "a;b;c;d\n7;03.04.2024;1.000;x\n8;13.04.2024;2,50;y\n"
	r := run(t, file(t, "x.csv", content), Options{Columns: map[string]string{"Customer ID": "D", "date": "2", "total": "c", "order": "a"}, Currency: "eur", TZ: "Europe/Berlin", Market: "DE"}, true)
	want := []string{"x 7 2024-04-03 100000 EUR DE", "y 8 2024-04-13 250 EUR DE"}
	var got []string
	for _, l := range r.lines {
		got = append(got, strings.Join([]string{l.Customer, l.Order, l.Day.String(), decimalText(l.AmountMinor, 0), l.Currency, l.Market}, " "))
	}
	if diff := cmp.Diff(want, got); diff != "" || !r.mapping.DecimalComma || r.mapping.CurrencyBy != "given" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if r.lines[0].AtUS != 1712095200e6 {
		t.Errorf("midnight in Berlin is %d", r.lines[0].AtUS)
	}
	no := false
	r = run(t, file(t, "x.csv", "customer,at,amount,status\n1,2024-03-05,\"1,500\",refunded\n"), Options{Columns: map[string]string{"kind": "-"}, DecimalComma: &no}, true)
	if r.totals.LinesAccepted != 1 || r.lines[0].AmountMinor != 150000 {
		t.Errorf("refusing a role: %+v", r.totals)
	}
}

func TestInspect(t *testing.T) {
	content := "Invoice No,Customer ID,Date,Qty,Unit Price,Description,Country\n" +
		"1,17850.0,2024-03-05,2,10.125,Tea,Germany\nC2,17850.0,2024-03-06,-1,10.00,Tea,Germany\n3,,2024-03-06,1,1.00,Tea,Germany\n4,13047.0,2024-03-07,1,0,Tea,Germany\n5,13047.0,soon,1,1,Tea,Germany\n6,oops\n"
	tab, err := table.Open(context.Background(), file(t, "x.csv", content), table.Options{Name: "shop.csv"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Inspect(context.Background(), tab, Options{}, "THB", 0)
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []string
	for _, s := range p.Sample {
		outcomes = append(outcomes, s.Outcome)
	}
	if diff := cmp.Diff([]string{"purchase", "refund", "missing_customer", "free_line", "unreadable_date", "malformed_row"}, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if s := p.Sample[0]; s.Customer != "17850" || s.Amount != (Money{"20.25", "EUR"}) || s.Quantity != "2" || s.At != "2024-03-05T00:00:00Z" || s.Line != 2 {
		t.Errorf("first row %+v", s)
	}
	if x := p.Totals; x.LinesRead != 6 || x.Orders != 1 || x.Customers != 1 || !x.Complete || x.Revenue.Amount != "20.25" || x.Refunds.Amount != "10.00" {
		t.Errorf("totals %+v", x)
	}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range strings.Fields("name format bytes encoding delimiter has_header shape columns roles_missing date_format timezone currency currency_by decimal_comma sample totals problems") {
		if _, ok := keys[k]; !ok {
			t.Errorf("the preview lacks %q: %s", k, raw)
		}
	}
}
