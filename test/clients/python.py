"""The client for Python. Arguments: the host, the write key, "gzip" or "plain"."""
import sys
from datetime import datetime, timezone

import segment.analytics as analytics

host, key, packing = sys.argv[1:4]
failures = []
analytics.write_key = key
analytics.host = host
analytics.gzip = packing == "gzip"
analytics.upload_size = 15
analytics.max_retries = 10
analytics.on_error = lambda error, items: failures.append(str(error))

name = "python-" + packing
user = name + "-user"
analytics.identify(user, {"email": "kim@" + name + ".example", "phone": "+82 10-1234-5678", "name": "김민지", "plan": "gold", "age": 34}, anonymous_id=name + "-anonymous")
analytics.track(user, "Order Completed", {
    "order_id": name + "-1", "revenue": 39.9, "currency": "USD", "products": [{"product_id": "SKU-1", "quantity": 2}],
    "note": 'ขอบคุณ 🎁 "quoted" \\ back',
})
analytics.page(user, "Docs", "Home", {"path": "/home"})
analytics.screen(user, "Main", "Cart", {"items": 3})
analytics.group(user, name + "-org", {"name": "Acme", "employees": 30, "email": "info@acme.example"})
analytics.alias(name + "-before", user)
analytics.track(anonymous_id=name + "-anonymous", event="Visited", context={"ip": "203.0.113.7", "locale": "ko-KR"},
                timestamp=datetime(2024, 5, 1, 10, 0, 0, 123000, tzinfo=timezone.utc))
for i in range(40):
    analytics.track(user, "Bulk", {"n": i})
analytics.flush()
analytics.shutdown()
if failures:
    sys.exit("the client gave up: " + "; ".join(failures))
