#!/usr/bin/env python3
"""Renders an organisation's invites for Tests/Benchmarks/server.c: the same bytes for the same arguments.

    pages.py FOLDER [--invites 1000000] [--seed 1]

FOLDER gets one file for each variant: JSON objects as the API writes them, newest first, with commas between them,
so that every page of the listing is a piece of the file.

    base       nearly all invites have come to an end; 2,000 are pending, all among the newest 2,500
    changed    1 % of them have changed: 400 of the pending ones were accepted or ran out, the others changed their
               role, status, email or expires_at, evenly spread over the listing
    grown      base with 100 newer invites at the top and without ten of the pending ones, which the API then no
               longer knows: every page begins elsewhere

FOLDER/facts.json says how many rows of each status there are, and what has changed. Python 3.11, standard library.
"""

import argparse
import datetime
import json
import pathlib
import random

NEWEST = datetime.datetime(2026, 11, 1, 9, 0, 0)
PENDING, YOUNG = 2000, 2500
FIELDS = ("id", "email", "expires_at", "invited_at", "role", "status", "type")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
GIVEN = "ada alan barbara claude donald edsger frances grace hedy john karen ken leslie margaret radia".split()
FAMILY = "allen dijkstra hamilton hopper johnson kernighan knuth lamarr lamport liskov lovelace perlman ritchie".split()
DOMAINS = ("example.com", "research.example.com", "example.org", "labs.example.net")
ROLES = ["user"] * 60 + ["developer"] * 25 + ["claude_code_user"] * 10 + ["billing"] * 3 + ["admin"] * 2
ENDED = ["accepted"] * 78 + ["expired"] * 17 + ["deleted"] * 5


def instant(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}Z"


def invite(chance, number, moment, status):
    """One invite, its values in the order of FIELDS. The ids are random as the API's are: they say nothing of order."""
    name = f"{chance.choice(GIVEN)}.{chance.choice(FAMILY)}{number}@{chance.choice(DOMAINS)}"
    identifier = "invite_01" + "".join(chance.choices(BASE58, k=22))
    later = moment + datetime.timedelta(days=21)
    return [identifier, name, instant(later), instant(moment), chance.choice(ROLES), status, "invite"]


def organisation(count, seed):
    """The invites, newest first, and an older generation's pace: three minutes apart, the newest ones ten."""
    chance = random.Random(seed)
    pending = set(chance.sample(range(min(YOUNG, count)), min(PENDING, count)))
    moment = NEWEST
    for number in range(count):
        pause = 600 if number < YOUNG else 180
        moment -= datetime.timedelta(microseconds=chance.randrange(1, 2 * pause * 1_000_000))
        yield invite(chance, count - number, moment, "pending" if number in pending else chance.choice(ENDED))


def change(chance, values):
    """The invite after one change that the API could show."""
    values = list(values)
    if values[5] == "pending":
        values[5] = chance.choice(["accepted", "accepted", "accepted", "expired"])
        return values
    kind = chance.randrange(4)
    if kind == 0:
        values[4] = "developer" if values[4] != "developer" else "user"
    elif kind == 1:
        values[5] = "deleted" if values[5] != "deleted" else "expired"
    elif kind == 2:
        values[1] = "renamed." + values[1]
    else:
        values[2] = values[2][:-2] + ("1Z" if values[2][-2] != "1" else "2Z")
    return values


def text(values):
    return "{" + ",".join(f'"{name}":"{value}"' for name, value in zip(FIELDS, values)) + "}"


class Variant:
    """A file that is being written, and what is in it."""

    def __init__(self, folder, name):
        self.file = open(folder / f"{name}.json", "w", encoding="ascii")
        self.rows, self.statuses = 0, {}

    def add(self, values, line):
        self.file.write("," + line if self.rows else line)
        self.rows += 1
        self.statuses[values[5]] = self.statuses.get(values[5], 0) + 1

    def close(self):
        self.file.close()
        return {"rows": self.rows, "statuses": self.statuses}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--invites", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    count = arguments.invites
    if count < YOUNG:
        parser.error(f"--invites: at least {YOUNG}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    base, changed, grown = (Variant(arguments.folder, name) for name in ("base", "changed", "grown"))

    chance = random.Random(arguments.seed + 1)
    moment = NEWEST + datetime.timedelta(hours=2)
    for number in range(100):
        moment -= datetime.timedelta(microseconds=chance.randrange(1, 60_000_000))
        values = invite(chance, count + 100 - number, moment, "pending")
        grown.add(values, text(values))

    pending_left, withdrawn = min(400, count // 200), 10
    spread = count // 100 - pending_left
    every = (count - YOUNG) / max(1, spread)
    next_at, spread_left, change_count, status_count = float(YOUNG), spread, 0, 0
    for number, values in enumerate(organisation(count, arguments.seed)):
        line = text(values)
        base.add(values, line)
        if values[5] == "pending" and withdrawn and number % 50 == 7:
            withdrawn -= 1
        else:
            grown.add(values, line)
        due = number >= next_at and spread_left > 0
        if due:
            next_at, spread_left = next_at + every, spread_left - 1
        elif values[5] == "pending" and pending_left and number % 4 == 0:
            pending_left, due = pending_left - 1, True
        if due:
            new = change(chance, values)
            change_count, status_count = change_count + 1, status_count + (new[5] != values[5])
            values, line = new, text(new)
        changed.add(values, line)

    facts = {"invites": count, "seed": arguments.seed}
    facts["base"], facts["changed"], facts["grown"] = base.close(), changed.close(), grown.close()
    facts["changed"].update(changes=change_count, status_changes=status_count)
    facts["grown"].update(new=100, withdrawn=10 - withdrawn)
    (arguments.folder / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
