package live

// lasts holds, by customer, the instant of her latest fact on any strand; 0 is not known.
type lasts []int64

// later tells whether an instant is behind all facts of a customer, and notes it. Where nothing is known it is not.
func (e *Engine) later(customer uint32, atUS int64) bool {
	if int(customer) >= len(e.last) || e.last[customer] == 0 {
		return false
	}
	if atUS <= e.last[customer] {
		return false
	}
	e.last[customer] = atUS
	return true
}

// lastUnknown tells whether a record must be read to know.
func (e *Engine) lastUnknown(customer uint32) bool {
	return int(customer) >= len(e.last) || e.last[customer] == 0
}

// knowLast notes what a record shows.
func (e *Engine) knowLast(customer uint32, lastUS int64) {
	if int(customer) >= len(e.last) {
		e.last = append(e.last, make([]int64, int(customer)+1-len(e.last))...)
	}
	e.last[customer] = lastUS
}

func (e *Engine) forgetLast(customer uint32) {
	if int(customer) < len(e.last) {
		e.last[customer] = 0
	}
}
