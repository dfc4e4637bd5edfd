"""Writes models/recommend/testdata/implicit.json: what implicit computes on a small matrix.

python reference.py > models/recommend/testdata/implicit.json
"""
import json

import implicit
import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from scipy.sparse import csr_matrix

rng = np.random.default_rng(7)
users, items, factors = 30, 20, 5
m = np.where(rng.random((users, items)) < 0.25, rng.integers(1, 5, (users, items)), 0).astype(np.float32)
m[:, 3] = 0
m[0, 3] = 2
x0 = (rng.standard_normal((users, factors)) * 0.1).astype(np.float32)
y0 = (rng.standard_normal((items, factors)) * 0.1).astype(np.float32)
out = {"implicit": implicit.__version__, "matrix": m.tolist(), "x0": x0.tolist(), "y0": y0.tolist(), "als": [], "neighbours": {}}
for cg in (False, True):
    for alpha, reg in ((1.0, 0.5), (3.0, 2.0)):
        a = AlternatingLeastSquares(factors=factors, regularization=reg, alpha=alpha, iterations=3, use_cg=cg, use_native=True, num_threads=1, dtype=np.float32)
        a.user_factors, a.item_factors = x0.copy(), y0.copy()
        a.fit(csr_matrix(m), show_progress=False)
        out["als"].append({"cg": cg, "alpha": alpha, "reg": reg, "x": a.user_factors.tolist(), "y": a.item_factors.tolist()})
for name, r in (("cosine", CosineRecommender(K=items)), ("tfidf", TFIDFRecommender(K=items)), ("bm25", BM25Recommender(K=items, K1=1.2, B=0.75))):
    r.fit(csr_matrix(m).astype(np.float64), show_progress=False)
    out["neighbours"][name] = np.asarray(r.similarity.todense()).tolist()
print(json.dumps(out))
