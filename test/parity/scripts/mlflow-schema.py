"""Writes the tables of MLflow's database at one revision, as MLflow's own migrations make them.

    pip install mlflow==3.17.2
    python test/parity/scripts/mlflow-schema.py > test/parity/fixtures/mlflow-schema.json

The revision is the one that the embedded tracking store writes (src/tracking/store/schema.ts).
"""

import json
import re
import sqlite3
import sys
import tempfile
from pathlib import Path

from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
from mlflow.version import VERSION
from sqlalchemy import create_engine

REVISION = "bda7b8c39065"


def migrate(path):
    url = f"sqlite:///{path}"
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    config = _get_alembic_config(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, REVISION)
    engine.dispose()


def columns(database, table):
    rows = database.execute(f"PRAGMA table_info({table})")
    return [
        {"name": r[1], "type": r[2], "notNull": r[3], "default": r[4], "primaryKey": r[5]}
        for r in rows
    ]


def foreign_keys(database, table):
    rows = database.execute(f"PRAGMA foreign_key_list({table})")
    keys = [
        {"table": r[2], "from": r[3], "to": r[4], "onUpdate": r[5], "onDelete": r[6]} for r in rows
    ]
    return sorted(keys, key=lambda key: (key["table"], key["from"]))


def indexes(database, table):
    found = []
    for row in database.execute(f"PRAGMA index_list({table})").fetchall():
        name, unique, origin = row[1], row[2], row[3]
        parts = [r[2] for r in database.execute(f"PRAGMA index_info({name})")]
        own = {"name": name} if origin == "c" else {}
        found.append({**own, "unique": unique, "origin": origin, "columns": parts})
    return sorted(found, key=lambda index: json.dumps(index, sort_keys=True))


def checks(sql):
    """Names of the constraints, and the conditions of the checks with their spaces dropped."""
    names = sorted(re.findall(r"CONSTRAINT (\w+)", sql))
    conditions = sorted(
        re.sub(r"\s", "", match) for match in re.findall(r"CHECK\s*(\(\w+ IN \([^)]*\)\))", sql)
    )
    return {"constraints": names, "checks": conditions}


def main():
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "mlflow.db"
        migrate(path)
        database = sqlite3.connect(path)
        tables = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        schema = {
            name: {
                "columns": columns(database, name),
                "foreignKeys": foreign_keys(database, name),
                "indexes": indexes(database, name),
                **checks(sql),
            }
            for name, sql in tables
        }
        database.close()
    json.dump({"mlflow": VERSION, "revision": REVISION, "tables": schema}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
