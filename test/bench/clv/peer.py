"""The peer's side: lifetimes' Pareto/NBD. Usage: peer.py customers.csv WEEKS; prints each customer's expected orders."""
import json
import sys

import numpy
import pandas
from lifetimes import ParetoNBDFitter

customers = pandas.read_csv(sys.argv[1])
weeks = float(sys.argv[2])
f, t, total = (customers[c].to_numpy() for c in ("frequency", "recency", "T"))
numpy.random.seed(42)  # it starts at random
model = ParetoNBDFitter().fit(f, t, total)
expected = model.conditional_expected_number_of_purchases_up_to_time(weeks, f, t, total)
print(json.dumps({"expected": [float(v) for v in expected]}))
