"""Writes oracle.json: scikit-uplift's figures of small random trials, some with ties. python oracle.py > oracle.json"""
import json
import sys

import numpy as np
import sklift
from sklift.metrics import qini_auc_score, qini_curve, uplift_at_k, uplift_auc_score, uplift_curve

rng = np.random.default_rng(5)
cases = []
for n, rate, share, ties in [(40, .5, .5, False), (60, .3, .5, True), (200, .1, .3, False), (200, .6, .7, True), (500, .2, .5, True), (800, .05, .5, False)]:
    t = (rng.random(n) < share).astype(int)
    x = rng.normal(size=n)
    y = (rng.random(n) < np.clip(rate + .1 * t * x, 0, 1)).astype(int)
    s = x + rng.normal(size=n)
    s = np.round(s, 0) if ties else np.round(s, 9)
    case = {"score": s.tolist(), "treated": t.tolist(), "outcome": y.tolist(), "qini": qini_auc_score(y, s, t), "auuc": uplift_auc_score(y, s, t),
            "qini_curve": [a.tolist() for a in qini_curve(y, s, t)], "uplift_curve": [a.tolist() for a in uplift_curve(y, s, t)]}
    if not ties:
        case["at_30"] = uplift_at_k(y, s, t, strategy="overall", k=.3)
    cases.append(case)
json.dump({"version": "scikit-uplift " + sklift.__version__, "cases": cases}, sys.stdout)
