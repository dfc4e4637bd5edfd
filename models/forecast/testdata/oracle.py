"""Writes oracle.json: what statsmodels' ETSModel says of two public series.

    python oracle.py > oracle.json

AirPassengers: Box, Jenkins and Reinsel, Time Series Analysis (1976), series G:
monthly passengers of international airlines in thousands, 1949-1960.
Nile: yearly flow at Aswan, 10^8 m3, 1871-1970, Cobb, Biometrika 65 (1978),
as in statsmodels.datasets.nile.
"""
import json, sys, warnings
import numpy as np, scipy, statsmodels
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.datasets import nile

warnings.simplefilter("ignore")
AIR = [112,118,132,129,121,135,148,148,136,119,104,118,115,126,141,135,125,149,170,170,158,133,114,140,
145,150,178,163,172,178,199,199,184,162,146,166,171,180,193,181,183,218,230,242,209,191,172,194,
196,196,236,235,229,243,264,272,237,211,180,201,204,188,235,227,234,264,302,293,259,229,203,229,
242,233,267,269,270,315,364,347,312,274,237,278,284,277,317,313,318,374,413,405,355,306,271,306,
315,301,356,348,355,422,465,467,404,347,305,336,340,318,362,348,363,435,491,505,404,359,310,337,
360,342,406,396,420,472,548,559,463,407,362,405,417,391,419,461,472,535,622,606,508,461,390,432]
NILE = [float(v) for v in nile.load_pandas().data["volume"]]


def book(values, m, fit):
    """Log-likelihood and forecasts by the equations of the book, which put the
    old level below the line where a season is multiplicative; statsmodels puts
    the new one there."""
    k, level, trend = fit["smoothing"], fit["initial"]["level"], fit["initial"]["trend"]
    season, sse, logs, mean = list(fit["initial"]["seasonal"]), 0.0, 0.0, []
    for t in range(len(values) + 24):
        p, s = level + k["phi"] * trend, season[t % m]
        e = values[t] - p * s if t < len(values) else 0.0
        if t >= len(values):
            mean.append(p * s)
        elif fit["spec"]["error"] == "M":
            sse, logs = sse + (e / (p * s)) ** 2, logs + np.log(p * s)
        else:
            sse += e * e
        season[t % m] = s + k["gamma"] * e / p
        level, trend = p + k["alpha"] * e / s, k["phi"] * trend + k["beta"] * e / s
    n = len(values)
    return float(-n / 2 * (np.log(2 * np.pi * sse / n) + 1) - logs), mean


name = {"add": "A", "mul": "M", None: "N"}
out = {"versions": {"statsmodels": statsmodels.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
       "series": {"air": AIR, "nile": NILE}, "fits": []}
assert len(AIR) == 144
for series, values, m in (("air", AIR, 12), ("nile", NILE, 1)):
    for error in ("add", "mul"):
        for trend, damped in ((None, False), ("add", False), ("add", True)):
            for season in ((None, "add", "mul") if m > 1 else (None,)):
                model = ETSModel(np.array(values, float), error=error, trend=trend, damped_trend=damped, seasonal=season,
                                 seasonal_periods=m if season else None)
                r = model.fit(disp=False, maxiter=2000)
                p = dict(zip(r.param_names, map(float, r.params)))
                out["fits"].append({
                    "series": series, "season": m if season else 1,
                    "spec": {"error": name[error], "trend": "Ad" if damped else name[trend], "season": name[season]},
                    "smoothing": {"alpha": p["smoothing_level"], "beta": p.get("smoothing_trend", 0.0),
                                  "gamma": p.get("smoothing_seasonal", 0.0), "phi": p.get("damping_trend", 1.0)},
                    "initial": {"level": p["initial_level"], "trend": p.get("initial_trend", 0.0),
                                # theirs count back from the last step before the series
                                "seasonal": [p[f"initial_seasonal.{i}"] for i in reversed(range(m))] if season else None},
                    "log_lik": float(r.llf), "mean": [float(v) for v in r.forecast(24)],
                })
                fit = out["fits"][-1]
                fit["book_log_lik"], fit["book_mean"] = book(values, m, fit) if season == "mul" else (fit["log_lik"], fit["mean"])
json.dump(out, sys.stdout, indent=1)
