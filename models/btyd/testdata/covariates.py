"""Simulates customers and fits models with covariates, by formulas and an optimiser of its own (numpy 1.24.2, scipy 1.10.1).
Prints covariates.json: customers are repeats, last day, days, a covariate of ordering and leaving, one of ordering alone."""
import json

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

rng = np.random.default_rng(5)
customers = []
for i in range(600):
    first, second = float(i % 2), float(round(rng.normal(), 3))
    t = int(rng.integers(100, 400))
    rate = rng.gamma(1.2) / (45 * np.exp(-0.5 * first - 0.3 * second))
    stay = rng.exponential() / (rng.gamma(0.9) / (120 * np.exp(0.6 * first)))
    at, last, x = 0.0, 0, 0
    while True:
        at += rng.exponential() / rate
        day = int(np.ceil(at))
        if at > stay or day > t:
            break
        if day > last:
            last, x = day, x + 1
    customers.append([x, last, t, first, second])
x, tx, T, c1, c2 = np.array(customers, float).T


def pareto(v):
    r, alpha, s, beta = np.exp(v[:4])
    a, b = alpha * np.exp(-v[4] * c1 - v[5] * c2), beta * np.exp(-v[6] * c1)
    big, diff = np.maximum(a, b), np.abs(a - b)
    second = np.where(a >= b, s + 1, r + x)
    f = lambda u: hyp2f1(r + s + x, second, r + s + x + 1, diff / (big + u)) / (big + u) ** (r + s + x)
    alive = 1 / ((a + T) ** (r + x) * (b + T) ** s)
    left = s / (r + s + x) * (f(tx) - f(T))
    return -np.sum(gammaln(r + x) - gammaln(r) + r * np.log(a) + s * np.log(b) + np.log(alive + left))


def geometric(v, coin):
    r, alpha, a, b = np.exp(v[:4])
    al, g = alpha * np.exp(-v[4] * c1 - v[5] * c2), np.exp(v[6] * c1)
    a, b = a * g, b * g
    k = x + coin
    stays = betaln(a, b + k) - betaln(a, b) - (r + x) * np.log(al + T)
    leaves = np.where(k > 0, betaln(a + 1, b + np.maximum(k, 1) - 1) - betaln(a, b) - (r + x) * np.log(al + tx), -np.inf)
    return -np.sum(gammaln(r + x) - gammaln(r) + r * np.log(al) + np.logaddexp(stays, leaves))


fits = {}
for name, f in (("paretonbd", pareto), ("bgnbd", lambda v: geometric(v, 0)), ("mbgnbd", lambda v: geometric(v, 1))):
    best = None
    for second in ([0, 4, 0, 4.5] if name == "paretonbd" else [0, 4, -0.5, 0.5], [0.5, 3, -1, 1]):
        start = np.array(list(second) + [0, 0, 0], float)
        m = minimize(f, start, method="L-BFGS-B", options={"maxiter": 2000})
        for _ in range(6):
            m = minimize(f, m.x, method="Nelder-Mead", options={"maxiter": 40000, "maxfev": 40000, "xatol": 1e-9, "fatol": 1e-10, "adaptive": True})
        if best is None or m.fun < best.fun:
            best = m
    v = best.x
    fits[name] = {"params": list(np.exp(v[:4])), "ordering": list(v[4:6]), "leaving": [v[6]], "ll": -best.fun}
print(json.dumps({"customers": customers, "fits": fits}))
