// Package event is the language in which rooms tell each other what happened.
//
// An order enters as its lines (OrderLine). Every source shares this shape and the one path
// that takes it in: validate, resolve the customer, append to the warehouse together with the
// source's offset. The package is pure: no context, no I/O.
package event
