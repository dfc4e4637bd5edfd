"""Makes oracle.json: a small data set and what statsmodels and scikit-learn fit to it.

Run in an environment with numpy, statsmodels and scikit-learn:
    python oracle.py > oracle.json
"""
import json
import sys

import numpy as np
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy.stats import norm
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

rng = np.random.default_rng(7)
n, p = 160, 4
x = rng.normal(size=(n, p)).round(3)
x[:, 1] = (x[:, 1] * 30 + 200).round(1)
x[:, 2] = (x[:, 2] > 0.4).astype(float)
x[:, 3] = (0.8 * x[:, 0] + 0.6 * x[:, 3]).round(3)
eta = 0.3 + 0.9 * x[:, 0] - 0.02 * (x[:, 1] - 200) + 0.7 * x[:, 2]
offset = rng.uniform(-0.5, 0.5, n).round(3)
weight = rng.integers(1, 4, n).astype(float)
y = {
    "logistic": (rng.uniform(size=n) < 1 / (1 + np.exp(-eta - offset))).astype(float),
    "poisson": rng.poisson(np.exp(0.4 * eta + offset)).astype(float),
    "linear": (eta + offset + rng.normal(size=n)).round(3),
}
family = {"logistic": sm.families.Binomial(), "poisson": sm.families.Poisson()}
X = sm.add_constant(x)


def figures(f):
    return {
        "coef": list(f.params), "se": list(f.bse), "p": list(f.pvalues),
        "low": list(f.conf_int()[:, 0]), "high": list(f.conf_int()[:, 1]),
    }


def corrected(f):
    se = f.bse * np.sqrt(n / (n - p - 1))
    z = norm.ppf(0.975)
    return {
        "coef": list(f.params), "se": list(se), "p": list(2 * norm.sf(np.abs(f.params / se))),
        "low": list(f.params - z * se), "high": list(f.params + z * se),
    }


fits = []
for name in y:
    for weighted in (False, True):
        w = weight if weighted else np.ones(n)
        for robust in (False, True):
            kind = "HC1" if robust else "nonrobust"
            if name == "linear":
                f = sm.WLS(y[name] - offset, X, weights=w).fit(cov_type=kind, use_t=True)
                null = sm.WLS(y[name] - offset, X[:, :1], weights=w).fit()
                more = {"loglik": f.llf, "deviance": f.ssr, "null": null.ssr, "aic": f.aic + 2}
            else:
                kw = dict(offset=offset)
                if weighted and robust:
                    continue
                if weighted:
                    kw["freq_weights"] = w
                f = sm.GLM(y[name], X, family=family[name], **kw).fit(cov_type=kind.replace("HC1", "HC0"), tol=1e-14, maxiter=100)
                more = {"loglik": f.llf, "deviance": f.deviance, "null": f.null_deviance, "aic": f.aic}
                if robust:  # its HC1 of GLM lacks the factor that its HC1 of OLS has
                    fits.append({"family": name, "weighted": weighted, "robust": robust, **corrected(f), **more})
                    continue
            fits.append({"family": name, "weighted": weighted, "robust": robust, **figures(f), **more})

# Penalties, on standardised columns, without offsets.
z = (x - x.mean(0)) / x.std(0)


def original(intercept, b):
    b = b / x.std(0)
    return [intercept - float(b @ x.mean(0)), *b]


ridge = []
for strength in (0.5, 20.0):
    f = LogisticRegression(C=1 / strength, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(z, y["logistic"])
    ridge.append({"family": "logistic", "ridge": strength, "coef": original(f.intercept_[0], f.coef_[0])})
    f = Ridge(alpha=strength).fit(z, y["linear"])
    ridge.append({"family": "linear", "ridge": strength, "coef": original(f.intercept_, f.coef_)})

net = []
for mix in (1.0, 0.3):
    for lam in (0.1, 0.02):
        f = ElasticNet(alpha=lam, l1_ratio=mix, tol=1e-14, max_iter=100000).fit(z, y["linear"])
        net.append({"family": "linear", "mix": mix, "lambda": lam, "coef": original(f.intercept_, f.coef_)})
        f = LogisticRegression(C=1 / (n * lam), l1_ratio=mix, solver="saga", tol=1e-13, max_iter=500000).fit(z, y["logistic"])
        net.append({"family": "logistic", "mix": mix, "lambda": lam, "coef": original(f.intercept_[0], f.coef_[0])})

json.dump({
    "made_with": {"statsmodels": statsmodels.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "x": x.T.tolist(), "offset": offset.tolist(), "weight": weight.tolist(), "y": {k: v.tolist() for k, v in y.items()},
    "fits": fits, "ridge": ridge, "net": net,
}, sys.stdout, default=float)
