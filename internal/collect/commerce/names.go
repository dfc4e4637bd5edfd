package commerce

import "strings"

// The names of the events that change orders.
const (
	OrderCompleted = "Order Completed"
	OrderUpdated   = "Order Updated"
	OrderRefunded  = "Order Refunded"
	OrderCancelled = "Order Cancelled"
	OrderShipped   = "Order Shipped"
	OrderDelivered = "Order Delivered"
)

// spelled are the events of version 2 of the specification, as it spells them.
var spelled = []string{
	"Products Searched", "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked",
	"Product Clicked", "Product Viewed", "Product Added", "Product Removed", "Cart Viewed", "Checkout Started",
	"Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered", OrderCompleted, OrderUpdated, OrderRefunded,
	OrderCancelled, OrderShipped, OrderDelivered, "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed",
	"Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared",
	"Cart Shared", "Product Reviewed",
}

// earlier are the names of version 1, and spellings in use, with what version 2 calls them.
var earlier = map[string]string{
	"Viewed Product Category": "Product List Viewed",
	"Viewed Product":          "Product Viewed",
	"Clicked Product":         "Product Clicked",
	"Added Product":           "Product Added",
	"Removed Product":         "Product Removed",
	"Searched Products":       "Products Searched",
	"Viewed Promotion":        "Promotion Viewed",
	"Clicked Promotion":       "Promotion Clicked",
	"Viewed Cart":             "Cart Viewed",
	"Started Order":           "Checkout Started",
	"Started Checkout":        "Checkout Started",
	"Viewed Checkout Step":    "Checkout Step Viewed",
	"Completed Checkout Step": "Checkout Step Completed",
	"Entered Payment Info":    "Payment Info Entered",
	"Completed Order":         OrderCompleted,
	"Updated Order":           OrderUpdated,
	"Refunded Order":          OrderRefunded,
	"Cancelled Order":         OrderCancelled,
	"Canceled Order":          OrderCancelled,
	"Order Canceled":          OrderCancelled,
	"Order Fulfilled":         OrderShipped,
	"Shipped Order":           OrderShipped,
	"Delivered Order":         OrderDelivered,
}

const longestName = 32

var names = func() map[string]string {
	m := make(map[string]string, len(spelled)+len(earlier))
	for _, n := range spelled {
		m[strings.ToLower(n)] = n
	}
	for old, n := range earlier {
		m[strings.ToLower(old)] = n
	}
	return m
}()

// Normalise returns the name by which version 2 of the specification calls an e-commerce event, whatever its capitals, and any other name as it is.
func Normalise(name string) string {
	if len(name) > longestName {
		return name
	}
	var room [longestName]byte
	b := room[:len(name)]
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b[i] = c
	}
	if n, ok := names[string(b)]; ok {
		return n
	}
	return name
}
