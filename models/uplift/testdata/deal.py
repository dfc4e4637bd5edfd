"""Writes deal.json: rows of random kinds, and the folds in which scikit-learn 1.9.1 deals them.

python deal.py deal.json
"""
import json
import sys

import numpy as np
from sklearn.model_selection import StratifiedKFold

out = []
for rows, kinds, folds, seed in [(40, 4, 5, 42), (700, 4, 5, 44), (333, 3, 2, 0), (77, 2, 7, 4294967295)]:
    kind = np.random.default_rng(rows).integers(0, kinds, rows)
    fold = np.zeros(rows, int)
    for i, (_, part) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=seed).split(kind, kind)):
        fold[part] = i
    out.append(dict(kind=kind.tolist(), kinds=kinds, folds=folds, seed=seed, fold=fold.tolist()))
with open(sys.argv[1], "w") as f:
    json.dump(out, f, separators=(",", ":"))
