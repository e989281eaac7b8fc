"""What stands in a database, whatever made it: rows, statuses, and a digest that does not depend on their order.

    digest.py sqlite|duckdb|pages PATH [SQL]        prints JSON; SQL gives the six columns of COLUMNS

For `pages`, PATH is one of the files that pages.py wrote.
"""

import collections
import hashlib
import json
import sqlite3
import sys

COLUMNS = ("id", "email", "expires_at", "invited_at", "role", "status")


def page_rows(path):
    with open(path, encoding="ascii") as file:
        rest = ""
        while piece := file.read(1 << 24):
            text, _, rest = (rest + piece).rpartition(",{")
            rest = "{" + rest
            for invite in json.loads(f"[{text}]"):
                yield tuple(invite[name] for name in COLUMNS)
        for invite in json.loads(f"[{rest}]"):
            yield tuple(invite[name] for name in COLUMNS)


def database_rows(kind, path, sql):
    if kind == "sqlite":
        yield from sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(sql)
        return
    import duckdb
    cursor = duckdb.connect(path, read_only=True).execute(sql)
    while rows := cursor.fetchmany(10_000):
        yield from rows


def main():
    kind, path = sys.argv[1:3]
    total, count, statuses = 0, 0, collections.Counter()
    for row in page_rows(path) if kind == "pages" else database_rows(kind, path, sys.argv[3]):
        total += int.from_bytes(hashlib.blake2b("\x1f".join(row).encode(), digest_size=8).digest(), "little")
        count += 1
        statuses[row[5]] += 1
    print(json.dumps({"rows": count, "statuses": dict(sorted(statuses.items())), "digest": f"{total % 2**64:016x}"}))


if __name__ == "__main__":
    main()
