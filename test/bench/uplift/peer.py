"""Three times five folds of a logistic T-learner: scikit-learn, measured by scikit-uplift. Arguments: file, mail, first seed."""
import json
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklift.metrics import qini_auc_score


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


df = pd.read_csv(sys.argv[1])
df = df[df.segment.isin([sys.argv[2], "No E-Mail"])].reset_index(drop=True)
t, y = (df.segment != "No E-Mail").astype(int).values, df.visit.values
wall, before = time.time(), cpu()
x = df[["recency", "history", "mens", "womens", "newbie", "history_segment", "zip_code", "channel"]]
x = StandardScaler().fit_transform(pd.get_dummies(x, dtype=float))
qini = []
for seed in range(int(sys.argv[3]), int(sys.argv[3]) + 3):
    for a, b in StratifiedKFold(5, shuffle=True, random_state=seed).split(x, 2 * t + y):
        one, none = (LogisticRegression(max_iter=500).fit(x[a][t[a] == arm], y[a][t[a] == arm]) for arm in (1, 0))
        qini.append(qini_auc_score(y[b], one.predict_proba(x[b])[:, 1] - none.predict_proba(x[b])[:, 1], t[b]))
json.dump({"qini": float(np.mean(qini)), "wall": time.time() - wall, "cpu": cpu() - before}, sys.stdout)
