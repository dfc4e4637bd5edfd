"""Times the peers on one task: TASK FILE ROWS, or TASK MODEL TABLE. Prints JSON."""
import json
import sys
import time

import numpy as np

task, first, second = sys.argv[1:4]


def memory(name):
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith(name):
                return int(line.split()[1]) / 1024


def measure(work):
    out = {"loaded": memory("VmRSS:")}
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    out["wall"], out["cpu"], out["peak"] = time.perf_counter() - wall, time.process_time() - cpu, memory("VmHWM:")
    return result, out


def median(runs):
    return {k: sorted(r[k] for r in runs)[len(runs) // 2] for k in runs[0]}


def read(at, rows):
    x = np.fromfile(at + ".x", dtype=np.float32).reshape(30, rows).T  # columns stay columns
    return x, np.fromfile(at + ".y", dtype=np.uint8).astype(np.float32)


def auc(score, y):
    y = y[np.argsort(score, kind="stable")]
    return float((np.cumsum(1 - y) * y).sum() / (y.sum() * (1 - y).sum()))


if task.startswith("lightgbm") and task != "lightgbm-shap":
    import lightgbm as lgb

    x, y = read(first, int(second))
    params = dict(objective="binary", num_leaves=31, max_bin=255, num_threads=2, verbosity=-1)

    def fit():
        return lgb.train(params, lgb.Dataset(x, y, params=params), 100)

    model, out = measure(fit)
    x, y = read(first + ".test", 200_000)
    if task == "lightgbm-predict":
        runs = [measure(lambda: model.predict(x, num_threads=2)) for _ in range(5)]
        out = median([r[1] for r in runs])
    out["score"] = auc(model.predict(x).astype(np.float64), y.astype(np.float64))
else:
    table = np.genfromtxt(second, delimiter=",", skip_header=1)
    if task == "xgboost-shap":
        import xgboost

        model = xgboost.Booster(model_file=first)
        model.set_param({"nthread": 2})
        names = model.feature_names

        def explain():
            return model.predict(xgboost.DMatrix(table, feature_names=names), pred_contribs=True)

    else:
        import lightgbm as lgb

        model = lgb.Booster(model_file=first)

        def explain():
            return model.predict(table, pred_contrib=True, num_threads=2)

    out = median([measure(explain)[1] for _ in range(5)])
    out["score"] = 0
print(json.dumps(out))
