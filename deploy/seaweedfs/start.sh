#!/bin/sh
# Starts the object store with one identity, and makes MLflow's bucket.
set -eu
cat > /tmp/s3.json <<JSON
{"identities": [{"name": "mlflow", "credentials": [{"accessKey": "$S3_ACCESS_KEY", "secretKey": "$S3_SECRET_KEY"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
JSON
(
  until wget -q -O /dev/null http://127.0.0.1:8333/healthz; do sleep 1; done
  echo 's3.bucket.create -name mlflow' | weed shell -master=127.0.0.1:9333
) &
exec weed server -dir=/data -s3 -s3.config=/tmp/s3.json
