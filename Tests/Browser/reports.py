"""Makes the mirror of a simulated organisation with hostile addresses, and its reports: reports.py PROGRAM WORK FOLDER.

Forty days, a pass on each, but for the days 20 to 24, on which nobody watched. The reports are written twice, and read
by parsers that know nothing of the program.
"""

import csv
import html.parser
import io
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import time

import jsonschema
import markdown_it

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

    def report(self, start, end, form, path, expected, **more):
        run = subprocess.run(
            [self.program, "report", "--from", self.day(start), "--to", self.day(end), "--format", form,
             "--output", str(path)], env={**self.environment, **more}, capture_output=True, text=True)
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


# Name, period, what the verdict must be: the exit status says it too.
REPORTS = [("complete", 0, 19, "COMPLETE"), ("incomplete", 10, 45, "INCOMPLETE"),
           ("empty", 18.3, 18.7, "COMPLETE"), ("before", -30, -2, "INCOMPLETE")]
FORMATS = ["html", "json", "csv", "markdown"]


def write(mirror, work, folder):
    """All reports in all formats, twice: from a copy elsewhere too, a year later, in another zone and language."""
    copy = work / "elsewhere" / "other-name.db"
    copy.parent.mkdir()
    shutil.copyfile(work / "mirror.db", copy)
    size = 0
    for name, begin, end, verdict in REPORTS:
        for form in FORMATS:
            path, again = folder / f"{name}.{form}", work / "again"
            expected = 0 if verdict == "COMPLETE" else 1
            mirror.report(begin, end, form, path, expected)
            mirror.offset.write_text(str(400 * DAY))
            mirror.report(begin, end, form, again, expected, INVITE_MIRROR_DATABASE_PATH=str(copy),
                          TZ="Asia/Kolkata", LANG="tr_TR.UTF-8", LC_ALL="C")
            if path.read_bytes() != again.read_bytes():
                raise common.Trouble(f"{path.name} is not the same twice")
            size += len(path.read_bytes())
    count = len(REPORTS) * len(FORMATS)
    print(f"report: {count} of {count} files byte-identical twice ({size:,} bytes; 4 periods, 4 formats; the second time"
          " from a copy, a year later, in another zone)")


TRICKY = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def visible(address):
    return TRICKY.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", address)


class Rendered(html.parser.HTMLParser):
    """What stands in a rendered page: its elements, and the texts of its cells."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.links, self.cells = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        if tag == "td":
            self.cells.append("")
        for name, value in attributes:
            if name != "style":
                self.links.append(value)

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data.rstrip("\n")


def harmless(folder):
    """What is hostile is read as text, and as the text that it is, by others' parsers."""
    wrong = []

    def that(holds, *words):
        if not holds:
            wrong.append(" ".join(map(ascii, words)))

    text = (folder / "complete.json").read_text()
    report = json.loads(text)
    schema = json.loads((pathlib.Path(__file__).resolve().parents[2] / "config" / "report.schema.json").read_text())
    for name, *_ in REPORTS:
        jsonschema.validate(json.loads((folder / f"{name}.json").read_text()), schema)
    addresses = {change["email"] for change in report["changes"]}
    that(not TRICKY.search(text) and not re.search("[<>&]", text), "json: a sign that is not harmless")

    table = io.StringIO((folder / "complete.csv").read_bytes().decode(), newline="")
    rows = list(csv.DictReader(table, strict=True))
    cells = {value for row in rows for value in row.values()}
    that(not any(None in row or None in row.values() for row in rows), "csv: a row of another length")
    for cell in cells:
        that(cell.strip()[:1] not in tuple("=+-@\uff1d\uff0b\uff0d\uff20|%"), "csv: a formula", cell)
        that(not TRICKY.search(cell), "csv: a mark", cell)

    source = (folder / "complete.markdown").read_text()
    renderer = markdown_it.MarkdownIt("gfm-like", {"html": True})
    # As GitHub does: a name of a host alone is no link.
    renderer.linkify.set({"fuzzy_link": False})
    page = Rendered(renderer.render(source))
    allowed = {"h1", "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "a"}
    that(page.elements <= allowed, "markdown:", page.elements - allowed)
    # Some renderers make every address a link to write to, which is what it is.
    others = [link for link in page.links if not link.startswith("mailto:")]
    that(not others, "markdown: links to", others)

    for address in HOSTILE:
        that(address in addresses, "json: not as it is", address)
        that({visible(address), "'" + visible(address)} & cells, "csv: not as it is", address)
        that(visible(address) in page.cells, "markdown: not as it is", address)
    if wrong:
        raise common.Trouble("; ".join(wrong[:10]))
    print(f"hostile addresses: {len(HOSTILE)} of {len(HOSTILE)} addresses (markup, formulas, templates, right-to-left marks) are"
          f" text in json (schema holds), csv ({len(rows):,} rows, no formula), markdown (rendered: {len(page.cells):,}"
          " cells, no element of theirs) and html (below)")


def main(program, work, folder):
    start = time.time() // DAY * DAY
    with common.Simulator(program, work, invites=60, seed=11, speed=SPEED * DAY) as simulator, \
            common.Proxy(simulator) as proxy:
        mirror = Mirror(program, work, proxy.url, start)
        live(mirror, simulator, proxy)
    write(mirror, work, folder)
    harmless(folder)
    (folder / "expected.json").write_text(
        json.dumps({"verdicts": {report[0]: report[3] for report in REPORTS}, "hostile": HOSTILE}))


if __name__ == "__main__":
    try:
        main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    except common.Trouble as trouble:
        sys.exit(f"reports: {trouble}")
