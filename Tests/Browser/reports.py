"""Makes the mirror of a simulated organisation with hostile addresses, and its reports: reports.py PROGRAM WORK FOLDER.

Forty days, a pass on each, but for the days 20 to 24, on which nobody watched.
"""

import json
import math
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Endurance"))
import common  # noqa: E402

DAYS = 40
UNWATCHED = range(20, 25)
# Simulated days in a second.
SPEED = 2
DAY = 86400

# Markup, formulas, Markdown, a template's tags, and marks that turn the direction of writing or hide in it. Each must
# be an address to the simulator: no white space, one @.
HOSTILE = [
    "<script>alert(1)</script>@evil.example.com",
    "<img/src=x/onerror=alert(1)>@evil.example.com",
    "</style></title><svg/onload=alert(1)>@evil.example.com",
    "\"\u0301onmouseover=\"alert(1)\"@evil.example.com",
    "=HYPERLINK(\"http:evil\",\"x\")@evil.example.com",
    "+1+cmd|'/C'!A0@evil.example.com",
    "-2+3@evil.example.com",
    "{{secret}}{{{secret}}}@evil.example.com",
    "[a](javascript:alert(1))|`b`@evil.example.com",
    "ann\u202emoc.elpmaxe@evil.example.com",
    "\u2067\u200fbob\u2069\u200b@evil.example.com",
    "\u05d3\u05d5\u05d3.\u0639\u0644\u064a@evil.example.com",
    "a" * 200 + "@evil.example.com",
]


class Mirror:
    def __init__(self, program, work, url, start):
        self.program, self.work, self.start = program, work, start
        self.offset = work / "offset"
        self.environment = common.environment(
            url, work / "mirror.db", LD_PRELOAD=work / "walltime.so", WALLTIME_FILE=self.offset,
            INVITE_MIRROR_SYNC_INTERVAL_SECONDS=DAY, INVITE_MIRROR_SYNC_FULL_INTERVAL_SECONDS=DAY,
            INVITE_MIRROR_POLICY_ALLOWED_DOMAINS="example.com,.example.com,example.org")

    def sync(self, day):
        self.offset.write_text(str(math.ceil(self.start + day * DAY - time.time())))
        run = subprocess.run([self.program, "sync"], env=self.environment, capture_output=True, text=True)
        if run.returncode != 0:
            raise common.Trouble(f"day {day}: sync exits {run.returncode}: {run.stderr}")

    def day(self, day):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.start + day * DAY))

    def report(self, start, end, form, path, expected):
        run = subprocess.run(
            [self.program, "report", "--from", self.day(start), "--to", self.day(end), "--format", form,
             "--output", str(path)], env=self.environment, capture_output=True, text=True)
        if run.returncode != expected:
            raise common.Trouble(f"the report {path.name} exits {run.returncode}, not {expected}: {run.stderr}")


def live(mirror, simulator, proxy):
    """Lets the days go by: what happens in the organisation beyond its own life, and a pass on each day."""
    begin = time.monotonic()
    made = []
    for day in range(DAYS):
        # The organisation is half a day behind, so that nothing is seen before it happened.
        time.sleep(max(0, (day - 0.5) / SPEED - (time.monotonic() - begin)))
        if day == 8:
            for address in HOSTILE:
                made.append(simulator.request("POST", "", {"email": address, "role": "billing"})["id"])
        if day in (9, 12, 15):
            simulator.request("POST", "", {"email": "again@example.com", "role": "developer"})
        if day == 16:
            simulator.delete(made[-1])
        if day == 17:
            listed = simulator.list().values()
            pending = [invite["id"] for invite in listed if invite["status"] == "pending" and invite["id"] not in made]
            accepted = [invite["id"] for invite in listed if invite["status"] == "accepted"]
            proxy.hidden = frozenset(pending[:3] + accepted[:1])
        if day not in UNWATCHED:
            mirror.sync(day)


def main(program, work, folder):
    start = time.time() // DAY * DAY
    with common.Simulator(program, work, invites=60, seed=11, speed=SPEED * DAY) as simulator, \
            common.Proxy(simulator) as proxy:
        mirror = Mirror(program, work, proxy.url, start)
        live(mirror, simulator, proxy)
    # Name, period, what the verdict must be: the exit status says it too.
    reports = [("complete", 0, 19, "COMPLETE"), ("incomplete", 10, 45, "INCOMPLETE"),
               ("empty", 18.3, 18.7, "COMPLETE"), ("before", -30, -2, "INCOMPLETE")]
    for name, begin, end, verdict in reports:
        mirror.report(begin, end, "html", folder / f"{name}.html", 0 if verdict == "COMPLETE" else 1)
        mirror.report(begin, end, "json", folder / f"{name}.json", 0 if verdict == "COMPLETE" else 1)
    (folder / "expected.json").write_text(json.dumps({"verdicts": {r[0]: r[3] for r in reports}, "hostile": HOSTILE}))


if __name__ == "__main__":
    try:
        main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    except common.Trouble as trouble:
        sys.exit(f"browser: {trouble}")
