// Package regular is the buy-till-you-die model of customers who order with some
// regularity: the (M)BG/CNBD-k of Platzer and Reutterer, "Ticking away the moments: timing
// regularity helps to better predict customer activity", Marketing Science 35
// (2016), and Reutterer, Platzer and Schröder, "Leveraging purchase regularity
// for predicting customer behavior the easy way", IJRM 38 (2021).
//
// # The model
//
// While a customer is active, the time between two orders is Erlang-k with rate
// λ: as if only every k-th tick of a clock that ticks at random at the rate λ
// were an order. With k = 1 orders are random and the model is BG/NBD or
// MBG/NBD; the greater k, the more regular they are, and the sooner silence means
// something. λ varies between customers as Gamma(r, alpha). After each order a customer
// leaves with a probability that varies as Beta(a, b); in the modified model
// (MBG) they may leave after the first one, too.
//
// The likelihood of a customer with x repeat orders, the last at tx, observed
// for T, is, up to the gaps' own factor Π gap^(k-1) / Γ(k)^x,
//
//	B(a+1, b+c-1)/B(a, b) A(kx, tx) + B(a, b+c)/B(a, b) Σ_j (T-tx)^j/j! A(kx+j, T),  j = 0 … k-1
//	A(n, t) = Γ(r+n)/Γ(r) alpha^r / (alpha+t)^(r+n)
//
// with c = x+1 chances to leave for MBG, and x for BG, of which the first term
// is absent at x = 0.
//
// # Prediction
//
// Expected orders and the probability of none are sums of incomplete beta
// functions over the phase of the clock, exact where the papers and BTYDplus
// approximate.
//
// Times are days.
package regular
