"""Makes the files of this folder with lightgbm 4.7.0, xgboost 3.2.0 and scikit-learn 1.9.1:

    pip install lightgbm==4.7.0 xgboost-cpu==3.2.0 scikit-learn==1.9.1 pandas
    python make.py ../../../../shared/data
"""
import json
import sys

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

rng = np.random.default_rng(5)

# Models with missing values, zeros as missing values and categories, and their answers.
n = 2000
x = np.column_stack([rng.normal(size=n), rng.integers(-2, 3, n), rng.integers(0, 40, n), rng.exponential(size=n)]).astype(np.float32).astype(float)
z = x[:, 0] + (x[:, 1] == 0) + np.where(x[:, 2] % 3 == 0, 1, -0.5)
x[rng.random(n) < 0.15, 0] = np.nan
x[rng.random(n) < 0.1, 2] = np.nan
z += np.isnan(x[:, 0])
y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
probe = x[:60].copy()
probe[40:50, 3] = np.nan  # never missing in training
probe[50:, 2] = 77  # a category that was never there
np.savetxt("probe.csv", probe, fmt="%.17g", delimiter=",")


def answers(name, margin, contributions):
    np.savetxt(name + ".csv", np.column_stack([margin, contributions]), fmt="%.17g", delimiter=",")


common = dict(num_leaves=12, min_data_in_leaf=10, verbosity=-1, num_threads=1, seed=1)
for name, extra, label in [
    ("lgb_categories", dict(objective="binary", max_cat_to_onehot=2, cat_smooth=1, min_data_per_group=10), y),
    ("lgb_zero", dict(objective="binary", zero_as_missing=True, sigmoid=1.7), y),
    ("lgb_nothing", dict(objective="poisson", use_missing=False), y),
    ("lgb_forest", dict(objective="regression", boosting="rf", bagging_fraction=0.6, bagging_freq=1), z),
    ("lgb_deep", dict(objective="regression", num_leaves=60, min_data_in_leaf=2), z),
]:
    cats = [2] if name == "lgb_categories" else "auto"
    m = lgb.train(common | extra, lgb.Dataset(x, label, categorical_feature=cats, free_raw_data=False), 8)
    m.save_model(name + ".txt")
    trees = 8 if name == "lgb_forest" else 1  # raw scores of a forest are sums, its predictions means
    answers(name, m.predict(probe, raw_score=True) / trees, m.predict(probe, pred_contrib=True) / trees)

for name, extra, label in [
    ("xgb_categories", dict(objective="binary:logistic", max_cat_to_onehot=2, tree_method="hist"), y),
    ("xgb_dart", dict(objective="reg:tweedie", booster="dart", rate_drop=0.3), y),
    ("xgb_squared", dict(objective="reg:squarederror", grow_policy="lossguide", max_leaves=20), z),
]:
    types = ["q", "q", "c" if name == "xgb_categories" else "q", "q"]

    def matrix(rows, **more):
        return xgb.DMatrix(rows, feature_types=types, feature_names=["a", "b", "c", "d"], enable_categorical=True, **more)

    m = xgb.train(dict(max_depth=5, seed=1, nthread=1) | extra, matrix(x, label=label), 8)
    m.save_model(name + ".json")
    kept = probe.copy()
    kept[50:, 2] = 39  # XGBoost refuses categories beyond those of training
    d = matrix(kept)
    answers(name, m.predict(d, output_margin=True), m.predict(d, pred_contribs=True))

# Counts and sums: what LightGBM reaches on held-out rows.
n = 6000
d = pd.DataFrame({"a": rng.normal(size=n).round(3), "b": rng.random(n).round(3), "k": rng.integers(0, 6, n)})
mu = np.exp(0.5 * d.a + np.sin(5 * d.b) + 0.4 * (d.k % 2) - 0.5)
d["count"] = rng.poisson(mu)
d["sum"] = [round(rng.gamma(2 * c, 1.5), 3) if c else 0 for c in d["count"]]
d.to_csv("counts.csv", index=False)
out = {}
for label, params in {"count": dict(objective="poisson"), "sum": dict(objective="tweedie", tweedie_variance_power=1.4)}.items():
    f, h = d[:4000], d[4000:]
    params |= dict(num_leaves=8, learning_rate=0.05, verbosity=-1, num_threads=1)
    m = lgb.train(params, lgb.Dataset(f[["a", "b", "k"]], f[label]), 100)
    p, t = m.predict(h[["a", "b", "k"]]), h[label].to_numpy()
    if label == "count":
        out[label] = float(np.mean(p - t * np.log(p)))
    else:
        out[label] = float(np.mean(p**0.6 / 0.6 + t * p**-0.4 / 0.4))

# Telco: the folds, and what LightGBM reaches out of fold.
data = sys.argv[1]
x = pd.read_csv(data + "/references/telco_onehot.csv").to_numpy()
y = (pd.read_csv(data + "/telco/Telco-Customer-Churn.csv").Churn == "Yes").astype(int).to_numpy()
fold, p = np.zeros(len(y), int), np.zeros(len(y))
params = dict(objective="binary", learning_rate=0.03, num_leaves=8, verbosity=-1, num_threads=2)
for k, (a, b) in enumerate(StratifiedKFold(5, shuffle=True, random_state=42).split(x, y)):
    fold[b] = k
    p[b] = lgb.train(params, lgb.Dataset(x[a], y[a]), 300).predict(x[b])
out["telco"] = {"auc": roc_auc_score(y, p), "log_loss": log_loss(y, p), "folds": "".join(map(str, fold))}
with open("lightgbm.json", "w") as f:
    json.dump(out, f)
    f.write("\n")
print({k: v for k, v in out.items() if k != "telco"}, out["telco"]["auc"], out["telco"]["log_loss"])
