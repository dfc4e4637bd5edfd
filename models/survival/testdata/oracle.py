"""Makes oracle.json: see README.md. Needs lifelines, statsmodels, scikit-survival.

    python oracle.py > oracle.json
"""
import json
import os
import sys
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import (CoxPHFitter, KaplanMeierFitter, LogLogisticAFTFitter, LogNormalAFTFitter, NelsonAalenFitter,
                       WeibullAFTFitter)
from lifelines.statistics import multivariate_logrank_test, proportional_hazard_test
from lifelines.utils import concordance_index, restricted_mean_survival_time
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.metrics import brier_score, integrated_brier_score
from sksurv.util import Surv

warnings.filterwarnings("ignore")
out = {"made_with": {k: version(k) for k in ("lifelines", "statsmodels", "scikit-survival", "numpy")}}

# A simulated set: ties, late entry, weights, strata.
rng = np.random.default_rng(3)
n = 240
x = np.column_stack([rng.normal(size=n).round(2), rng.integers(0, 2, n), rng.normal(50, 10, n).round(1)])
life = 12 * (rng.exponential(size=n) ** 0.7) * np.exp(-0.5 * x[:, 0] + 0.4 * x[:, 1] - 0.01 * (x[:, 2] - 50))
end = rng.uniform(2, 25, n)
time = np.ceil(np.minimum(life, end))
event = life <= end
entry = np.where(rng.uniform(size=n) < 0.4, np.floor(rng.uniform(0, 0.9, n) * time), 0)
entry = np.minimum(entry, time - 1)
weight = rng.integers(1, 4, n).astype(float)
group = rng.integers(0, 3, n)
t2 = (time + rng.permutation(n) / n - 0.5).round(6)  # the same without ties
df = pd.DataFrame(x, columns=["a", "b", "c"]).assign(time=time, event=event, entry=entry, weight=weight, group=group)
out["set"] = {"x": x.T.tolist(), "time": time.tolist(), "event": event.tolist(), "entry": entry.tolist(),
              "weight": weight.tolist(), "group": group.tolist(), "untied": t2.tolist()}


def cox(f):
    return {"coef": list(f.params_), "se": list(f.standard_errors_), "loglik": f.log_likelihood_}


tight = dict(fit_options={"precision": 1e-12, "step_size": 1.0})
fit = lambda d, **kw: CoxPHFitter().fit(d, "time", "event", **{**tight, **kw})
xs = ["a", "b", "c", "time", "event"]
out["cox"] = {
    "plain": cox(fit(df[xs])),
    "weighted": cox(fit(df[xs + ["weight"]], weights_col="weight")),
    "entry": cox(fit(df[xs + ["entry"]], entry_col="entry")),
    "strata": cox(fit(df[xs + ["group"]], strata=["group"])),
    # Without ties: with them lifelines leaves Efron's terms out of its residuals.
    "robust": cox(fit(df[xs].assign(time=t2), robust=True)),
    "cluster": cox(fit(df[xs + ["group"]].assign(group=np.arange(n) // 3, time=t2), cluster_col="group")),
}
f = sm.PHReg(time, x, status=event, ties="breslow").fit(disp=0)
out["cox"]["breslow"] = {"coef": list(f.params), "se": list(f.bse), "loglik": f.llf}
f = CoxPHSurvivalAnalysis(ties="breslow", tol=1e-14, n_iter=200).fit(x, Surv.from_arrays(event, time))
rows = x[:3]
at = [1.0, 4.0, 9.0, 15.0]
out["cox_survival"] = {"at": at, "rows": rows.tolist(), "s": [[float(g(t)) for t in at] for g in f.predict_survival_function(rows)]}
plain = fit(df[xs])
out["zph"] = {}


def before(durations, events, weights):
    """R's km scale: 1 less the curve just before each event (lifelines takes it just after)."""
    s = KaplanMeierFitter().fit(time, event).survival_function_.iloc[:, 0]
    return pd.Series([1 - s[s.index < t].iloc[-1] for t in np.asarray(durations)])


for name, scale in {"rank": "rank", "log": "log", "identity": "identity", "km": before}.items():
    r = proportional_hazard_test(plain, df[xs], time_transform=scale)
    out["zph"][name] = list(np.atleast_1d(r.test_statistic))
out["concordance"] = concordance_index(time, -x[:, 0].round(1), event)

# Curves.
km = KaplanMeierFitter(alpha=0.05).fit(time, event)
ci = km.confidence_interval_
late = KaplanMeierFitter().fit(time, event, entry=entry)
na = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(time, event)
at = [1.0, 3.0, 7.0, 12.0, 20.0]
look = lambda frame, c=0: [float(frame.iloc[:, c].asof(t)) for t in at]
out["km"] = {"at": at, "s": look(km.survival_function_), "low": look(ci, 0), "high": look(ci, 1),
             "late": look(late.survival_function_), "hazard": look(na.cumulative_hazard_),
             "median": km.median_survival_time_, "mean12": restricted_mean_survival_time(km, t=12)}
out["logrank"] = {}
for name, kw in {"even": {}, "gehan": {"weightings": "wilcoxon"}, "tarone_ware": {"weightings": "tarone-ware"}}.items():
    out["logrank"][name] = multivariate_logrank_test(time, group, event, **kw).test_statistic

# Lifetimes.
out["aft"] = {}
for name, kind in {"weibull": WeibullAFTFitter, "lognormal": LogNormalAFTFitter, "loglogistic": LogLogisticAFTFitter}.items():
    for late in (False, True):
        kw = {"entry_col": "entry"} if late else {}
        f = kind().fit(df[xs + (["entry"] if late else [])], "time", "event", **kw)
        main, other = f.params_.index.levels[0][0], None
        first = {"weibull": "lambda_", "lognormal": "mu_", "loglogistic": "alpha_"}[name]
        second = {"weibull": "rho_", "lognormal": "sigma_", "loglogistic": "beta_"}[name]
        sign = 1 if name == "lognormal" else -1
        b = f.params_[first]
        se = f.standard_errors_[first]
        cols = ["Intercept", "a", "b", "c"]
        out["aft"][name + ("_entry" if late else "")] = {
            "coef": [b[c] for c in cols], "se": [se[c] for c in cols], "log_sigma": sign * f.params_[second]["Intercept"],
            "log_sigma_se": f.standard_errors_[second]["Intercept"], "loglik": f.log_likelihood_,
            "median": list(f.predict_median(df.iloc[:3])) if not late else [],
        }

# Brier: continuous times, so that no event ties with a censoring.
y = Surv.from_arrays(event, t2)
at = np.array([3.0, 5.0, 8.0, 11.0, 14.0])
guess = np.exp(-np.outer(np.exp(0.5 * x[:, 0]), at / 15))
out["brier"] = {"at": at.tolist(), "guess": guess.tolist(), "score": list(brier_score(y, y, guess, at)[1]),
                "integrated": integrated_brier_score(y, y, guess, at)}

# Rossi.
rossi = pd.read_csv(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rossi.csv"))
f = CoxPHFitter().fit(rossi, "week", "arrest", **tight)
out["rossi"] = {"columns": list(f.params_.index), **cox(f), "concordance": f.concordance_index_}
f = WeibullAFTFitter().fit(rossi, "week", "arrest")
out["rossi_weibull"] = f.log_likelihood_
json.dump(out, sys.stdout, default=float)
