"""Times lifetimes on one task: FILE TASK REPS. Prints JSON."""
import contextlib
import json
import os
import sys
import time

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

file, task, reps = sys.argv[1], sys.argv[2], int(sys.argv[3])


def robust(folder):
    """Fits every company of a folder by every model and tells what came, errors among it."""
    answer = []
    for name in sorted(os.listdir(folder)):
        d = pd.read_csv(os.path.join(folder, name))
        fits = {}
        for model, fitter in (("bgnbd", BetaGeoFitter), ("mbgnbd", ModifiedBetaGeoFitter), ("paretonbd", ParetoNBDFitter)):
            np.random.seed(42)
            try:
                f = fitter()
                f.fit(d.frequency, d.recency, d["T"])
                fits[model] = {"params": [float(v) if np.isfinite(v) else -1.0 for v in f.params_]}
                if model != "paretonbd":  # which gives no intervals
                    low = f.summary["lower 95% bound"]
                    fits[model]["low"] = [float(v) if np.isfinite(v) else -1.0 for v in low]
            except Exception as e:
                fits[model] = {"error": type(e).__name__}
        answer.append(fits)
    return answer


if task == "robust":
    with contextlib.redirect_stdout(sys.stderr):  # where the library prints as it fails
        answer = robust(file)
    print(json.dumps(answer))
    sys.exit()

d = pd.read_csv(file)
back = d[(d.frequency > 0) & (d.monetary_value > 0)]
fitters = {"bgnbd": BetaGeoFitter, "mbgnbd": ModifiedBetaGeoFitter, "paretonbd": ParetoNBDFitter}


def once():
    np.random.seed(42)  # Pareto/NBD starts at random and can then take minutes
    if task in fitters:
        f = fitters[task]()
        f.fit(d.frequency, d.recency, d["T"])
        return [float(v) for v in f.params_]
    g = GammaGammaFitter()
    g.fit(back.frequency, back.monetary_value)
    if task == "gammagamma":
        return [float(v) for v in g.params_]
    f = BetaGeoFitter()
    f.fit(d.frequency, d.recency, d["T"])
    v = g.customer_lifetime_value(f, d.frequency, d.recency, d["T"], d.monetary_value, time=12, discount_rate=0.01, freq="W")
    return [float(v.sum())]


runs, params = [], None
for _ in range(reps):
    wall, cpu = time.perf_counter(), time.process_time()
    params = once()
    runs.append({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu})
print(json.dumps({"runs": runs, "params": params}))
