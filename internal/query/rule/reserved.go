package rule

// Names that are read from orders and their lines, wherever those came from, and never from raw events.
const (
	orderCompleted = "Order Completed"
	orderRefunded  = "Order Refunded"
	productBought  = "Product Bought"
	consentChanged = "Consent Changed"
)

var orderProperties = map[string]Kind{
	"order_id": Text, "revenue": Number, "quantity": Number, "lines": Number, "currency": Text, "market": Text, "channel": Text, "coupon": Text,
	"late_days": Number, PaidUntilDay: Time,
}

var lineProperties = map[string]Kind{
	"product": Text, "name": Text, "category": Text, "quantity": Number, "revenue": Number, "market": Text, "channel": Text, "coupon": Text, "order_id": Text,
}

// Reserved are the events that orders make, with their properties. A Catalog has them whether it names them or not.
func Reserved() map[string]Event {
	return map[string]Event{
		orderCompleted: {Key: 1, Properties: orderProperties},
		orderRefunded:  {Key: 2, Properties: orderProperties},
		productBought:  {Key: 3, Properties: lineProperties},
	}
}

func isReserved(name string) bool {
	return name == orderCompleted || name == orderRefunded || name == productBought
}

// LifecycleStages are the words of the column lifecycle.
var lifecycleStages = []string{"new", "active", "slipping", "at_risk", "one_time", "lost"}

// customerColumns are attributes that the table customer gives where no identify call did.
var customerColumns = []string{"name", "email", "phone"}
