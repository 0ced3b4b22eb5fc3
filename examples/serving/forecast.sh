#!/bin/sh
# The forecast of a symbol, with curl: sh forecast.sh http://127.0.0.1:8080 AAPL
# With --auth: export TICKERFLOW_KEY=tfk_…
set -eu
url="$1" symbol="$2"
curl --silent --show-error --fail-with-body \
  --header "Authorization: Bearer ${TICKERFLOW_KEY:-}" \
  "$url/api/v1/forecasts/$symbol?level=0.9"
