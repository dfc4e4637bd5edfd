"""Measures implicit: python peer.py FOLDER quality|times

quality: FOLDER holds valid_train.csv, valid_truth.csv, test_train.csv and
test_truth.csv (user,item by number, without a header) and options.json
({"users", "items", "repeat"}). Settings are chosen by NDCG@10 on valid, then
judged on test.
times: fits on FOLDER/test_train.csv.
"""
import json
import os
import sys
import time

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # as implicit asks for

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from scipy.sparse import csr_matrix

folder, task = sys.argv[1], sys.argv[2]
options = json.load(open(os.path.join(folder, "options.json")))
shape = (options["users"], options["items"])


def load(name):
    d = np.loadtxt(os.path.join(folder, name), dtype=np.int64, delimiter=",", ndmin=2)
    m = csr_matrix((np.ones(len(d), np.float32), (d[:, 0], d[:, 1])), shape=shape)
    m.sum_duplicates()
    m.data[:] = 1
    return m


class Ease:
    def __init__(self, lam):
        self.lam = lam

    def fit(self, m, show_progress=False):
        g = np.asarray((m.T @ m).todense(), dtype=np.float64)
        g[np.diag_indices_from(g)] += self.lam
        p = np.linalg.inv(g)
        self.b = -p / np.diag(p)
        np.fill_diagonal(self.b, 0)

    def lists(self, people, m, k, repeat):
        s = m[people] @ self.b
        if not repeat:
            for r, u in enumerate(people):
                s[r, m.indices[m.indptr[u]:m.indptr[u + 1]]] = -np.inf
        return np.argsort(-s, axis=1, kind="stable")[:, :k]


class Popularity(Ease):
    def __init__(self):
        pass

    def fit(self, m, show_progress=False):
        self.b = None
        self.count = np.asarray(m.sum(axis=0)).ravel()

    def lists(self, people, m, k, repeat):
        s = np.tile(self.count, (len(people), 1)).astype(float)
        if not repeat:
            for r, u in enumerate(people):
                s[r, m.indices[m.indptr[u]:m.indptr[u + 1]]] = -np.inf
        return np.argsort(-s, axis=1, kind="stable")[:, :k]


def candidates():
    yield "popularity", "", Popularity
    for f in (32, 64, 128):
        for reg in (1, 3, 10, 30):
            for alpha in (1, 4):
                yield "ALS", f"f{f} reg{reg} a{alpha}", lambda f=f, reg=reg, alpha=alpha: AlternatingLeastSquares(
                    factors=f, regularization=reg, alpha=alpha, iterations=15, random_state=1, num_threads=2)
    for lam in (50, 100, 250, 500, 1000, 2000):
        yield "EASE (numpy)", f"lambda {lam}", lambda lam=lam: Ease(lam)
    for k in (20, 50, 100):
        for k1 in (0.5, 1.2, 5):
            for b in (0.25, 0.75):
                yield "BM25", f"K{k} K1 {k1} B {b}", lambda k=k, k1=k1, b=b: BM25Recommender(K=k, K1=k1, B=b, num_threads=2)
        yield "TF-IDF", f"K{k}", lambda k=k: TFIDFRecommender(K=k, num_threads=2)
        yield "cosine", f"K{k}", lambda k=k: CosineRecommender(K=k, num_threads=2)


def judge(model, m, truth):
    people = np.flatnonzero(np.diff(truth.indptr))
    if isinstance(model, Ease):
        lists = model.lists(people, m, 10, options["repeat"])
    else:
        lists, _ = model.recommend(people, m[people], N=10, filter_already_liked_items=not options["repeat"])
    gain = 1 / np.log2(np.arange(2, 12))
    ndcg, hit = [], []
    for u, row in zip(people, lists):
        own = set(truth.indices[truth.indptr[u]:truth.indptr[u + 1]])
        h = np.array([i in own for i in row])
        ndcg.append(float((h * gain[:len(h)]).sum() / gain[:min(10, len(own))].sum()))
        hit.append(float(h.any()))
    return float(np.mean(ndcg)), float(np.mean(hit)), len(people)


def quality():
    train, truth = load("valid_train.csv"), load("valid_truth.csv")
    best = {}
    for family, name, make in candidates():
        model = make()
        model.fit(train, show_progress=False)
        ndcg = judge(model, train, truth)[0]
        if family not in best or ndcg > best[family][0]:
            best[family] = (ndcg, name, make)
    train, truth = load("test_train.csv"), load("test_truth.csv")
    out = []
    for family, (valid, name, make) in best.items():
        model = make()
        model.fit(train, show_progress=False)
        ndcg, hit, people = judge(model, train, truth)
        out.append({"family": family, "name": name, "valid": valid, "ndcg": ndcg, "hit_rate": hit, "people": people})
    print(json.dumps(out))


def times():
    train = load("test_train.csv")
    reps = int(sys.argv[3])
    out = {}

    def run(name, make, n=reps):
        runs = []
        for _ in range(n):
            model = make()
            wall, cpu = time.perf_counter(), time.process_time()
            model.fit(train, show_progress=False)
            runs.append({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu})
        out[name] = runs
        return model

    for f in (64, 128):
        model = run(f"als {f} cg", lambda: AlternatingLeastSquares(factors=f, regularization=10, alpha=1, iterations=15, random_state=1, num_threads=2))
        run(f"als {f} cholesky", lambda: AlternatingLeastSquares(factors=f, regularization=10, alpha=1, iterations=15, random_state=1, num_threads=2, use_cg=False), 1)
    run("ease", lambda: Ease(500), 1)
    run("bm25", lambda: BM25Recommender(K=50, num_threads=2))
    runs = []
    for again in (False, True):
        wall, cpu = time.perf_counter(), time.process_time()
        for u in range(500):
            model.recommend(u, train[u], N=10, recalculate_user=again)
        runs.append({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu})
    out["500 answers"], out["500 fold-ins"] = runs[:1], runs[1:]
    print(json.dumps(out))


quality() if task == "quality" else times()
