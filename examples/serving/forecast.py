"""The forecast of a symbol, with Python alone: python forecast.py http://127.0.0.1:8080 AAPL"""

import json
import os
import sys
import urllib.request

url, symbol = sys.argv[1:]
request = urllib.request.Request(f"{url}/api/v1/forecasts/{symbol}")
request.add_header("Authorization", f"Bearer {os.environ.get('TICKERFLOW_KEY', '')}")
with urllib.request.urlopen(request, timeout=10) as reply:
    forecast = json.load(reply)

low, high = forecast["interval80"]
print(f"{forecast['symbol']} after {forecast['asOf']}: {forecast['median']:.2f}, 80 % {low:.2f} to {high:.2f}")
print("usable" if forecast["usable"] else "not to be acted on: " + "; ".join(forecast["reasons"]))
