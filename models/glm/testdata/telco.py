"""Prints the figures of TestTelco by statsmodels: python telco.py Telco-Customer-Churn.csv

The design is rebuilt here: numbers as they are with their mean for holes, an
indicator for holes, indicators of each level but the most frequent one.
"""
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm

raw = pd.read_csv(sys.argv[1]).drop(columns="customerID")
y = (raw.pop("Churn") == "Yes").astype(float)
raw["TotalCharges"] = pd.to_numeric(raw["TotalCharges"], errors="coerce")
columns = {}
for name in raw:
    if raw[name].dtype == object or str(raw[name].dtype).startswith("str"):
        for level in sorted(raw[name].unique()):
            if level != raw[name].mode()[0]:
                columns[f"{name}={level}"] = (raw[name] == level).astype(float)
    else:
        columns[name] = raw[name].fillna(raw[name].mean())
        if raw[name].isna().any():
            columns[f"{name} missing"] = raw[name].isna().astype(float)
kept = pd.DataFrame({"const": 1.0}, index=raw.index)
for name, c in columns.items():  # leave out what the columns before explain
    residual = c - kept @ np.linalg.lstsq(kept.values, c.values, rcond=None)[0]
    if residual.std() > 1e-8 * c.std():
        kept[name] = c
there = columns["TotalCharges missing"] == 0  # nobody of the 11 left: no finite estimate with them
f = sm.GLM(y[there], kept[there].drop(columns="TotalCharges missing"), family=sm.families.Binomial()).fit(tol=1e-14)
print(f"telcoLogLik = {f.llf:.15g}")
for name in ("tenure", "TotalCharges", "Contract=Two year", "InternetService=DSL", "PaymentMethod=Mailed check"):
    print(f'"{name}": {{{f.params[name]:.15g}, {f.bse[name]:.15g}}},')
