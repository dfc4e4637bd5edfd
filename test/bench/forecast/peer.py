"""Fits the tasks of main.go with statsmodels' ETSModel: peer.py TASKS; prints JSON.

Each model is fitted once with the defaults, except for as many iterations as
it takes. One thread.
"""
import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import json
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

name = {"A": "add", "Ad": "add", "M": "mul", "N": None}


def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


out = []
for task in json.load(open(sys.argv[1])):
    y, found = np.array(task["values"], float), []
    c, w = cpu(), time.perf_counter()
    for s in task["specs"]:
        model = ETSModel(y, error=name[s["error"]], trend=name[s["trend"]], damped_trend=s["trend"] == "Ad",
                         seasonal=name[s["season"]], seasonal_periods=task["season"] if s["season"] != "N" else None)
        found.append(float(model.fit(disp=False, maxiter=2000).llf))
    out.append({"cpu": cpu() - c, "wall": time.perf_counter() - w, "log_lik": found})
json.dump(out, sys.stdout)
