"""Writes folds.txt.gz, the folds of women's mail against none by scikit-learn 1.9.1, and prints the Qini (scikit-uplift 0.5.1) of its logistic T-learner on them.

python folds.py hillstrom.csv.gz folds.txt.gz
"""
import gzip
import sys

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklift.metrics import qini_auc_score

df = pd.read_csv(sys.argv[1])
df = df[df.segment.isin(["Womens E-Mail", "No E-Mail"])].reset_index(drop=True)
t, y = (df.segment != "No E-Mail").astype(int).values, df.visit.values
x = df[["recency", "history", "mens", "womens", "newbie", "history_segment", "zip_code", "channel"]]
x = StandardScaler().fit_transform(pd.get_dummies(x, dtype=float))
qini, lines = [], []
for seed in (42, 43, 44):
    fold = np.zeros(len(y), dtype=int)
    for k, (a, b) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(x, 2 * t + y)):
        fold[b] = k
        one, none = (LogisticRegression(max_iter=500).fit(x[a][t[a] == arm], y[a][t[a] == arm]) for arm in (1, 0))
        qini.append(qini_auc_score(y[b], one.predict_proba(x[b])[:, 1] - none.predict_proba(x[b])[:, 1], t[b]))
    lines.append("".join(map(str, fold)))
with gzip.GzipFile(sys.argv[2], "wb", mtime=0) as f:
    f.write("\n".join(lines).encode())
print(np.mean(qini))
