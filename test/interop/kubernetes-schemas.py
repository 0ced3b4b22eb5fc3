"""Validates every document of the files given against Kubernetes' own schemas, strictly."""

import json
import sys

import kubernetes_validate
import yaml

VERSIONS = ["1.30", "1.37"]

faults = []
checked = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        for document in yaml.safe_load_all(file):
            for version in VERSIONS:
                checked += 1
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    faults.append(f"{path} ({version}): {error.message}")
print(json.dumps({"checked": checked, "faults": faults}))
