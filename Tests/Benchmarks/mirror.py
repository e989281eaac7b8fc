#!/usr/bin/env python3
"""A mirror with events in one file of Python, standard library alone: what a good engineer writes in an afternoon.

    mirror.py URL DATABASE

One pass: lists everything, compares it with what is stored, and writes what is new or changed, with its events, in one
transaction (WAL, synchronous=FULL). What the listing lacks is asked for by its id and recorded as deleted or vanished.
Rows that did not change are not written. The rows are read in the order in which the first listing brought them, beside
the listing. The next page is fetched while one is compared.
"""

import concurrent.futures
import datetime
import http.client
import json
import operator
import os
import sqlite3
import sys
import urllib.parse

PATH = "/v1/organizations/invites"
COLUMNS = ("email", "role", "status", "invited_at", "expires_at")
ROWID, LISTED = 7, 8  # Places in a row of STORED.
SCHEMA = """
CREATE TABLE IF NOT EXISTS sync_pass (
    id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, finished_at TEXT, requests INTEGER, listed INTEGER,
    appeared INTEGER, changed INTEGER, vanished INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS invite (
    id TEXT NOT NULL PRIMARY KEY, email TEXT, role TEXT, status TEXT, invited_at TEXT, expires_at TEXT,
    listed INTEGER NOT NULL, first_observed_at TEXT NOT NULL, last_changed_at TEXT NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS invite_event (
    seq INTEGER PRIMARY KEY, pass_id INTEGER NOT NULL, invite_id TEXT NOT NULL, kind TEXT NOT NULL, field TEXT,
    old_value TEXT, new_value TEXT, evidence TEXT NOT NULL, not_before TEXT, observed_at TEXT NOT NULL,
    request_id TEXT, document TEXT NOT NULL
) STRICT;
"""
# Made after the first pass has filled the tables: sorting once is faster than a million insertions.
INDEXES = (
    "CREATE INDEX IF NOT EXISTS invite_pending ON invite (invited_at) WHERE status = 'pending' AND listed = 1",
    "CREATE INDEX IF NOT EXISTS invite_event_by_invite ON invite_event (invite_id)",
)
INSERT = f"INSERT INTO invite VALUES ({', '.join('?' * 10)})"
UPDATE = """UPDATE invite SET email = ?, role = ?, status = ?, invited_at = ?, expires_at = ?, listed = ?,
            last_changed_at = ?, document = ? WHERE id = ?"""
EVENT = f"INSERT INTO invite_event VALUES (NULL, {', '.join('?' * 11)})"
STORED = "SELECT id, email, role, status, invited_at, expires_at, 'invite', rowid, listed FROM invite"
NEAR = 1000  # An invite that is found so few rows ahead means that those between are no longer listed.

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
columns_of = operator.itemgetter(*COLUMNS)
documented = operator.itemgetter("id", *COLUMNS, "type")


def is_as_stored(invite, row):
    """Whether an invite of the documented fields alone is what is stored: its document need not be written for that."""
    try:
        return len(invite) == 7 and documented(invite) == row[:7] and row[LISTED]
    except KeyError:
        return False


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class API:
    def __init__(self, url):
        address = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(address.netloc, timeout=30)
        self.headers = {"x-api-key": os.environ.get("ANTHROPIC_ADMIN_KEY", ""), "anthropic-version": "2023-06-01"}
        self.requests = 0

    def get(self, path):
        self.requests += 1
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        return response.status, body, response.headers.get("request-id"), now()

    def pages(self):
        """The pages of the listing, each fetched while the one before is being worked on."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            fetching = pool.submit(self.get, f"{PATH}?limit=1000")
            while fetching:
                status, body, request_id, arrived = fetching.result()
                if status != 200:
                    raise SystemExit(f"the API answered {status}")
                page = json.loads(body)
                fetching = None
                if page["has_more"]:
                    after = urllib.parse.quote(page["last_id"])
                    fetching = pool.submit(self.get, f"{PATH}?limit=1000&after_id={after}")
                yield page["data"], request_id, arrived


class Pass:
    def __init__(self, api, database):
        self.api, self.database = api, database
        self.started = now()
        row = database.execute("SELECT max(started_at) FROM sync_pass WHERE finished_at IS NOT NULL").fetchone()
        self.not_before = row[0]
        self.number = database.execute("INSERT INTO sync_pass (started_at) VALUES (?)", (self.started,)).lastrowid
        self.listed = self.appeared = self.changed = self.vanished = 0
        self.absent = {}

    def run(self):
        last = self.database.execute("SELECT ifnull(max(rowid), 0) FROM invite").fetchone()[0]
        stored = iter(self.database.execute(f"{STORED} WHERE rowid <= {last} ORDER BY rowid")) if last else iter(())
        ahead = next(stored, None)
        elsewhere = set()  # The ids of rows that were listed out of the stored order.
        for invites, request_id, arrived in self.api.pages():
            self.listed += len(invites)
            new, different = [], []
            for invite in invites:
                identifier = invite["id"]
                while elsewhere and ahead is not None and ahead[0] in elsewhere:
                    ahead = next(stored, None)
                if ahead is not None and ahead[0] == identifier:
                    found, ahead = ahead, next(stored, None)
                else:
                    found = self.absent.pop(identifier, None) if self.absent else None
                    if found is None and last:
                        found = self.database.execute(f"{STORED} WHERE id = ?", (identifier,)).fetchone()
                        if found is not None and ahead is not None and 0 < found[ROWID] - ahead[ROWID] <= NEAR:
                            while ahead is not None and ahead[ROWID] < found[ROWID]:
                                if ahead[0] not in elsewhere:
                                    self.absent[ahead[0]] = ahead
                                ahead = next(stored, None)
                            ahead = next(stored, None)
                        elif found is not None:
                            elsewhere.add(identifier)
                if found is None:
                    new.append((invite, encode(invite)))
                elif not is_as_stored(invite, found):
                    document = self.document(identifier)
                    if document != encode(invite) or not found[LISTED]:
                        different.append((invite, document, found[LISTED]))
            if new:
                self.appear(new, request_id, arrived)
            if different:
                self.change(different, request_id, arrived, "listed")
        while ahead is not None:
            if ahead[0] not in elsewhere:
                self.absent[ahead[0]] = ahead
            ahead = next(stored, None)
        self.ask()
        self.database.execute(
            "UPDATE sync_pass SET finished_at = ?, requests = ?, listed = ?, appeared = ?, changed = ?, vanished = ?"
            " WHERE id = ?",
            (now(), self.api.requests, self.listed, self.appeared, self.changed, self.vanished, self.number))

    def document(self, identifier):
        return self.database.execute("SELECT document FROM invite WHERE id = ?", (identifier,)).fetchone()[0]

    def appear(self, new, request_id, arrived):
        rows, events = [], []
        for invite, document in new:
            identifier = invite["id"]
            rows.append((identifier, *columns_of(invite), 1, arrived, arrived, document))
            events.append((self.number, identifier, "appeared", None, None, invite["status"], "listed", None, arrived,
                           request_id, document))
        self.database.executemany(INSERT, rows)
        self.database.executemany(EVENT, events)
        self.appeared += len(new)

    def change(self, different, request_id, arrived, evidence):
        rows, events = [], []
        for invite, old_document, was_listed in different:
            identifier, document, old = invite["id"], encode(invite), json.loads(old_document)
            if not was_listed:
                events.append((self.number, identifier, "reappeared", None, None, None, evidence, self.not_before,
                               arrived, request_id, document))
            for name in sorted({*old, *invite}):
                before, after = old.get(name), invite.get(name)
                if before != after:
                    kind = "status_changed" if name == "status" else "field_changed"
                    before, after = (v if v is None or isinstance(v, str) else encode(v) for v in (before, after))
                    events.append((self.number, identifier, kind, name, before, after, evidence, self.not_before,
                                   arrived, request_id, document))
            rows.append((*columns_of(invite), 1, arrived, document, identifier))
        self.database.executemany(UPDATE, rows)
        self.database.executemany(EVENT, events)
        self.changed += len(rows)

    def ask(self):
        """Asks for each invite that was listed and now is not: at most 200 of them in a pass."""
        absent = [identifier for identifier, row in self.absent.items() if row[LISTED]]
        for identifier in absent[:200]:
            document = self.document(identifier)
            status, body, request_id, arrived = self.api.get(f"{PATH}/{urllib.parse.quote(identifier)}")
            if status == 200:
                invite = json.loads(body)
                if encode(invite) != document:
                    self.change([(invite, document, 1)], request_id, arrived, "fetched")
                if invite["status"] != "deleted":
                    continue
                self.database.execute("UPDATE invite SET listed = 0 WHERE id = ?", (identifier,))
                self.vanished += 1
            elif status == 404:
                old = json.loads(document)
                was_open = old["status"] == "pending" and old["expires_at"] > arrived
                event = ("status_changed", "status", "pending", "deleted") if was_open else ("vanished", *[None] * 3)
                new = "deleted" if was_open else old["status"]
                self.database.execute(
                    "UPDATE invite SET listed = 0, status = ?, last_changed_at = ? WHERE id = ?",
                    (new, arrived, identifier))
                self.database.execute(
                    EVENT,
                    (self.number, identifier, *event, "not_found", self.not_before, arrived, request_id, document))
                self.vanished += 1


def main():
    url, path = sys.argv[1:]
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA page_size = 8192")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA cache_size = -65536")
    database.executescript(SCHEMA)
    database.execute("BEGIN IMMEDIATE")
    one = Pass(API(url), database)
    one.run()
    for index in INDEXES:
        database.execute(index)
    database.execute("COMMIT")
    database.close()
    print(f"{one.listed} listed, {one.appeared} appeared, {one.changed} changed, {one.vanished} vanished")


if __name__ == "__main__":
    main()
