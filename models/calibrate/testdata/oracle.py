"""Makes oracle.json: scores, answers, and what other libraries make of them.

Run in an environment with numpy, scikit-learn, betacal and venn-abers:
    python oracle.py > oracle.json
"""
import json
import sys
from importlib.metadata import version

import numpy as np
from betacal import BetaCalibration
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from venn_abers import VennAbers

rng = np.random.default_rng(11)
n = 300
truth = rng.beta(1.2, 2.2, n)
y = (rng.uniform(size=n) < truth).astype(float)
p = np.round(np.clip(truth**1.6 + 0.05 * rng.normal(size=n), 0.01, 0.99), 2)  # distorted, with ties
q = np.round(np.clip(truth + 0.2 * rng.normal(size=n), 0.01, 0.99), 3)  # another model
weight = rng.integers(1, 4, n).astype(float)
grid = np.round(np.linspace(0.005, 0.995, 37), 4)
out = {"made_with": {k: version(k) for k in ("numpy", "scikit-learn", "betacal", "venn-abers")},
       "p": p, "q": q, "y": y, "weight": weight, "grid": grid}

iso = IsotonicRegression(out_of_bounds="clip").fit(p, y)
out["isotonic"] = iso.predict(grid)
out["isotonic_weighted"] = IsotonicRegression(out_of_bounds="clip").fit(p, y, sample_weight=weight).predict(grid)
logit = lambda v: np.log(v / (1 - v))
platt = _SigmoidCalibration().fit(logit(p), y)
out["platt"] = platt.predict(logit(grid))
out["beta"] = BetaCalibration("abm").fit(p.reshape(-1, 1), y).predict(grid.reshape(-1, 1))
out["log_loss"] = log_loss(y, p)
out["log_loss_weighted"] = log_loss(y, p, sample_weight=weight)
out["brier"] = brier_score_loss(y, p)


def delong(*scores):
    """Areas and their covariance from the definition."""
    comp = []
    for s in scores:
        d = s[y == 1][:, None] - s[y == 0][None, :]
        k = (d > 0) + 0.5 * (d == 0)
        comp.append((k.mean(), k.mean(1), k.mean(0)))
    cov = np.cov([c[1] for c in comp]) / (y == 1).sum() + np.cov([c[2] for c in comp]) / (y == 0).sum()
    return [c[0] for c in comp], cov


areas, cov = delong(p, q)
assert abs(areas[0] - roc_auc_score(y, p)) < 1e-12
out["auc"], out["auc_cov"] = areas, cov


def ece(edges):
    total = 0.0
    for k in range(len(edges) - 1):
        inside = (p >= edges[k]) & ((p < edges[k + 1]) | (k == len(edges) - 2))
        if inside.any():
            total += inside.mean() * abs(y[inside].mean() - p[inside].mean())
    return total


out["ece_width"] = ece(np.arange(11) / 10)

va = VennAbers()
va.fit(np.column_stack([1 - p, p]), y, precision=None)
_, p0p1 = va.predict_proba(np.column_stack([1 - grid, grid]))
out["venn"] = p0p1


class Plain(json.JSONEncoder):
    def default(self, o):
        return o.tolist()


json.dump(out, sys.stdout, cls=Plain)
