"""Times one task of a Python peer: peer.py TASK FOLDER REPS; prints JSON.

The tables lie in FOLDER as CSV with a header; see main.go.
"""
import json
import os
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import pandas as pd

task, folder, reps = sys.argv[1], sys.argv[2], int(sys.argv[3])
read = lambda name: pd.read_csv(os.path.join(folder, name + ".csv"))


def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def measure(work):
    runs, value = [], None
    for _ in range(reps):
        c, w = cpu(), time.perf_counter()
        value = work()
        runs.append({"wall": time.perf_counter() - w, "cpu": cpu() - c})
    print(json.dumps({"runs": runs, "value": float(value)}))


def loglik(y, p):
    return float(np.sum(np.where(y == 1, np.log(p), np.log1p(-p))))


if task == "logistic":
    from sklearn.linear_model import LogisticRegression

    d = read("logistic")
    y, x = d.pop("y").to_numpy(), d.to_numpy()
    x = (x - x.mean(0)) / x.std(0)  # as a pipeline would; not timed

    # The default solver, nearly without a penalty.
    measure(lambda: loglik(y, LogisticRegression(C=1e6, max_iter=1000).fit(x, y).predict_proba(x)[:, 1]))
elif task == "logistic-newton":
    from sklearn.linear_model import LogisticRegression

    d = read("logistic")
    y, x = d.pop("y").to_numpy(), d.to_numpy()
    x = (x - x.mean(0)) / x.std(0)
    measure(lambda: loglik(y, LogisticRegression(C=1e6, max_iter=1000, solver="newton-cholesky").fit(x, y).predict_proba(x)[:, 1]))
elif task == "logistic-errors":
    import statsmodels.api as sm

    d = read("logistic")
    y, x = d.pop("y").to_numpy(), sm.add_constant(d.to_numpy())
    measure(lambda: sm.GLM(y, x, family=sm.families.Binomial()).fit().llf)
elif task == "lasso":
    from sklearn.linear_model import LogisticRegressionCV

    d = read("logistic")
    y, x = d.pop("y").to_numpy(), d.to_numpy()
    x = (x - x.mean(0)) / x.std(0)

    def work():
        m = LogisticRegressionCV(Cs=40, cv=10, l1_ratios=(1,), solver="saga", tol=1e-3, max_iter=200, scoring="neg_log_loss",
                                 use_legacy_attributes=False)
        return loglik(y, m.fit(x, y).predict_proba(x)[:, 1])

    measure(work)
elif task == "isotonic":
    from sklearn.isotonic import IsotonicRegression

    d = read("scores")
    s, y = d["s"].to_numpy(), d["y"].to_numpy()
    measure(lambda: float(((IsotonicRegression(out_of_bounds="clip").fit(s, y).predict(s) - y) ** 2).mean()))
elif task == "auc":
    from sklearn.metrics import roc_auc_score

    d = read("scores")
    s, y = d["s"].to_numpy(), d["y"].to_numpy()
    measure(lambda: roc_auc_score(y, s))
elif task in ("cox", "cox-large"):
    from lifelines import CoxPHFitter

    d = read(task)
    measure(lambda: CoxPHFitter().fit(d, "time", "event").log_likelihood_)
elif task in ("cox-sksurv", "cox-large-sksurv"):
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    d = read(task.removesuffix("-sksurv"))
    y = Surv.from_arrays(d.pop("event") == 1, d.pop("time"))
    x = d.to_numpy()
    measure(lambda: CoxPHSurvivalAnalysis(ties="efron", n_iter=50, tol=1e-9).fit(x, y).score(x, y))
elif task == "km":
    from lifelines import KaplanMeierFitter

    d = read("cox-large")
    measure(lambda: KaplanMeierFitter().fit(d["time"], d["event"]).predict(3.0))
elif task == "weibull":
    from lifelines import WeibullAFTFitter

    d = read("cox")
    d = d[d["time"] > 0]
    measure(lambda: WeibullAFTFitter().fit(d, "time", "event").log_likelihood_)
elif task == "concordance":
    from lifelines.utils import concordance_index

    d = read("cox-large")
    measure(lambda: concordance_index(d["time"], -d["x1"], d["event"]))
else:
    sys.exit(f"unknown task {task}")
