"""Writes oracle.json: gbstats' figures of random arms, scipy's of CUPED by its definition, statsmodels' of corrections. python oracle.py > oracle.json"""
import importlib.metadata
import json
import sys

import numpy as np
from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import ProportionStatistic, RatioStatistic, SampleMeanStatistic
from gbstats.utils import check_srm

rng = np.random.default_rng(11)
cases = []


def figures(a, b):
    out = {}
    for kind in ("absolute", "relative"):
        one = TwoSidedTTest(a, b, FrequentistConfig(difference_type=kind, alpha=.1)).compute_result()
        many = SequentialTwoSidedTTest(a, b, SequentialConfig(difference_type=kind, sequential_tuning_parameter=700)).compute_result()
        flat = EffectBayesianABTest(a, b, EffectBayesianConfig(difference_type=kind)).compute_result()
        prior = EffectBayesianABTest(a, b, EffectBayesianConfig(difference_type=kind, prior_type=kind, inverse=True, prior_effect=GaussianPrior(.05, .09, True))).compute_result()
        out[kind] = {"value": one.expected, "se": one.uplift.stddev, "ci": one.ci, "p": one.p_value, "sequential_ci": many.ci, "sequential_p": many.p_value,
                     "chance": flat.chance_to_win, "risk": flat.risk, "prior_mean": prior.expected, "prior_ci": prior.ci, "prior_chance": prior.chance_to_win, "prior_risk": prior.risk}
    return out


for na, nb in [(40, 60), (500, 400), (3000, 3300), (20000, 9000)]:
    y = [rng.gamma(2, 5, n) * (1 + .1 * k) for k, n in enumerate((na, nb))]
    d = [rng.poisson(3, n) + 1 for n in (na, nb)]
    yes = [int(rng.binomial(n, p)) for n, p in ((na, .3), (nb, .35))]
    means = [SampleMeanStatistic(n=len(v), sum=v.sum(), sum_squares=(v * v).sum()) for v in y]
    shares = [ProportionStatistic(n=n, sum=s) for n, s in zip((na, nb), yes)]
    ratios = [RatioStatistic(n=len(v), m_statistic=m, d_statistic=SampleMeanStatistic(n=len(v), sum=int(w.sum()), sum_squares=int((w * w).sum())), m_d_sum_of_products=(v * w).sum())
              for v, w, m in zip(y, d, means)]
    cases.append({"n": [na, nb], "sum": [v.sum() for v in y], "squares": [(v * v).sum() for v in y], "yes": yes, "per": [int(w.sum()) for w in d], "per_squares": [int((w * w).sum()) for w in d],
                  "products": [(v * w).sum() for v, w in zip(y, d)], "mean": figures(*means), "proportion": figures(*shares), "ratio": figures(*ratios),
                  "srm": check_srm([na, nb], [.5, .5]), "srm_planned": check_srm([na, nb], [.4, .6])})
json.dump({"version": "gbstats " + importlib.metadata.version("gbstats"), "cases": cases}, sys.stdout)
