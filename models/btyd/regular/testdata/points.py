"""Log-likelihood and P(alive) of the (M)BG/CNBD-k by integrating over a customer's rate and chance of leaving (mpmath 1.4.1):
nothing of the closed form is used. Prints points.json."""
import json

from mpmath import beta, exp, factorial, gamma, inf, log, mp, mpf, quad

mp.dps = 25


def point(modified, k, r, alpha, a, b, days, T):
    gaps = [v - u for u, v in zip([0] + days, days)]
    x, tx = len(days), (days[-1] if days else 0)

    def rates(f):  # mean over the rate, Gamma(r, alpha)
        top = (r + k * x) / (alpha + T)
        return quad(lambda v: f(v) * v ** (r - 1) * exp(-alpha * v), [0, top / 4, top, 3 * top, 10 * top, inf]) * alpha**r / gamma(r)

    def chances(f):  # mean over the chance of leaving, Beta(a, b)
        return quad(lambda p: f(p) * p ** (a - 1) * (1 - p) ** (b - 1), [0, mpf("0.01"), mpf("0.5"), mpf("0.99"), 1]) / beta(a, b)

    def density(v):
        out = mpf(1)
        for g in gaps:
            out *= v**k * mpf(g) ** (k - 1) * exp(-v * g) / gamma(k)
        return out

    def silence(v):
        u = v * (T - tx)
        return exp(-u) * sum(u**j / factorial(j) for j in range(k))

    c = x + 1 if modified else x
    stayed = chances(lambda p: (1 - p) ** c) * rates(lambda v: density(v) * silence(v))
    left = chances(lambda p: p * (1 - p) ** (c - 1)) * rates(density) if c else mpf(0)
    return {"modified": modified, "k": k, "params": [r, alpha, a, b], "days": days, "T": T,
            "ll": float(log(stayed + left)), "p_alive": float(stayed / (stayed + left))}


points = []
for modified in (True, False):
    for k, params, days, T in (
        (1, (1.3, 20.0, 1.5, 3.0), [10, 35, 70], 100),
        (2, (1.3, 2.8, 1.5, 1.8), [], 52),
        (2, (1.3, 18.0, 1.2, 2.8), [14, 30, 41], 90),
        (3, (2.5, 9.0, 1.1, 5.0), [7, 14, 22, 28, 36], 60),
        (4, (1.7, 6.0, 2.0, 3.0), [30], 200),
        (6, (3.0, 11.0, 1.4, 8.0), [12, 25, 36, 49], 49),
    ):
        points.append(point(modified, k, *params, days, T))
print(json.dumps(points, indent=1))
