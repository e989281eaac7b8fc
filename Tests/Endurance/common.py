"""What the scripts of this folder share: a simulated organisation, a proxy in front of it, and the checks.

Python 3.11 and its standard library; everything on the loopback; it ends only processes that it started.
"""

import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

SECRET = "sk-ant-admin01-simulated"
PATH = "/v1/organizations/invites"
COLUMNS = ["email", "role", "status", "invited_at", "expires_at"]


class Trouble(Exception):
    """The test itself cannot go on."""


def program(text):
    path = shutil.which(text) or text
    if not os.access(path, os.X_OK) or os.path.isdir(path):
        sys.exit(f"{text} is no program; build it: swift build --product invite-mirror")
    return os.path.abspath(path)


class Violations:
    """Counts what must not be, and names the first of it."""

    def __init__(self):
        self.count = 0

    def add(self, *words):
        self.count += 1
        if self.count <= 20:
            print("VIOLATION:", *words, flush=True)

    def that(self, holds, *words):
        if not holds:
            self.add(*words)
        return bool(holds)


class Folder:
    """A temporary folder for the time of a test."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="invite-mirror-endurance-"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def environment(url=None, database=None, **more):
    """What the program is started with: nothing of the caller's settings, no proxy, no service manager."""
    wanted = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "LANG")
    env = {key: os.environ[key] for key in wanted if key in os.environ}
    env.update(ANTHROPIC_ADMIN_KEY=SECRET, INVITE_MIRROR_API_REQUESTS_PER_MINUTE="1000000")
    if url:
        env["ANTHROPIC_BASE_URL"] = url
    if database:
        env["INVITE_MIRROR_DATABASE_PATH"] = str(database)
    env.update({key: str(value) for key, value in more.items()})
    return env


class Simulator:
    """`PROGRAM simulate`, and its API by hand."""

    def __init__(self, program, folder, invites=400, seed=1, speed=0):
        self.log = folder / "simulate.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, "simulate", "--port", "0", "--invites", str(invites), "--seed", str(seed),
                 "--speed", str(speed)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment())
        self.url = None
        deadline = time.monotonic() + 30
        while self.url is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise Trouble("the simulator does not answer: " + self.log.read_text())
            time.sleep(0.02)
            for line in self.log.read_text().splitlines():
                if line.startswith("export ANTHROPIC_BASE_URL="):
                    self.url = line.split("=", 1)[1]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.made = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"x-api-key": SECRET, "anthropic-version": "2023-06-01", "content-type": "application/json"}
            connection.request(method, PATH + path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise Trouble(f"{method} {path}: the simulator answers {answer.status} {text[:200]}")
            return json.loads(text)
        finally:
            connection.close()

    def list(self):
        """All invites by id; the list is asked for until nothing moved under it."""
        invites, cursor = {}, ""
        while True:
            page = self.request("GET", f"?limit=1000{cursor}")
            invites.update({invite["id"]: invite for invite in page["data"]})
            if not page["has_more"]:
                return invites
            cursor = "&after_id=" + page["last_id"]

    def create(self):
        self.made += 1
        return self.request("POST", "", {"email": f"made.{self.made}@example.com", "role": "developer"})["id"]

    def delete(self, invite):
        self.request("DELETE", "/" + invite)


class Proxy:
    """Stands between the program and the simulator: hides invites, and injects what `fault` says.

    `fault` is called for each request of the program and returns None or one of: 429, 500, 529, "reset",
    "truncate", "slow", ("stall", seconds).
    """

    def __init__(self, simulator):
        self.simulator = simulator
        self.hidden = frozenset()
        self.fault = lambda: None
        self.injected = 0
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):
                try:
                    proxy.answer(self)
                except OSError:
                    self.close_connection = True

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def forward(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.simulator.port, timeout=30)
        try:
            connection.request(
                "GET", path, headers={"x-api-key": SECRET, "anthropic-version": "2023-06-01"})
            answer = connection.getresponse()
            keep = ("request-id", "anthropic-organization-id")
            return answer.status, {key: answer.headers[key] for key in keep if key in answer.headers}, answer.read()
        finally:
            connection.close()

    def answer(self, handler):
        fault = self.fault()
        if fault is not None:
            self.injected += 1
        if fault == "reset":
            handler.connection.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER of 0 s: closing sends RST.
            handler.close_connection = True
            return
        if isinstance(fault, int):
            body = json.dumps({"type": "error", "error": {"type": "api_error", "message": "injected"}}).encode()
            headers = {"retry-after": "1"} if fault == 429 else {}
            return self.send(handler, fault, headers, body)
        if isinstance(fault, tuple):
            time.sleep(fault[1])
        status, headers, body = self.forward(handler.path)
        tail = handler.path.partition("?")[0].rpartition("/")[2]
        if tail in self.hidden:
            status, body = 404, b'{"type":"error","error":{"type":"not_found_error","message":"hidden"}}'
        elif tail == "invites" and status == 200 and self.hidden:
            page = json.loads(body)
            rest = [invite for invite in page["data"] if invite["id"] not in self.hidden]
            if rest:  # A page of hidden invites alone goes through as it is: it does not come to that.
                page.update(data=rest, first_id=rest[0]["id"], last_id=rest[-1]["id"])
                body = json.dumps(page).encode()
        if fault == "truncate":
            handler.close_connection = True
            return self.send(handler, status, headers, body, cut=len(body) // 2)
        self.send(handler, status, headers, body, pause=0.05 if fault == "slow" else 0)

    @staticmethod
    def send(handler, status, headers, body, cut=None, pause=0):
        handler.send_response(status)
        for key, value in {**headers, "content-type": "application/json", "content-length": len(body)}.items():
            handler.send_header(key, str(value))
        handler.end_headers()
        body = body[:cut]
        pieces = 10 if pause else 1
        size = len(body) // pieces + 1
        for start in range(0, len(body), size):
            handler.wfile.write(body[start:start + size])
            handler.wfile.flush()
            time.sleep(pause)


# MARK: What a database must be


def connect(path, timeout=5.0):
    """Read-only, as any reader would."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=timeout, isolation_level=None)
    return connection


def copied(database, folder):
    """A copy of the file and its log, as a crash left them: looking at it changes nothing of the original."""
    folder.mkdir(exist_ok=True)
    target = folder / "looked-at.db"
    for suffix in ("", "-wal", "-shm", "-journal"):
        pathlib.Path(f"{target}{suffix}").unlink(missing_ok=True)
        source = pathlib.Path(f"{database}{suffix}")
        if suffix != "-shm" and source.exists():
            shutil.copyfile(source, f"{target}{suffix}")
    return target


def fold(connection):
    """The rows of `invite` as the log alone gives them, and the first thing that is wrong with the log."""
    rows, wrong, expected = {}, None, 1
    events = connection.execute(
        "SELECT seq, invite_id, kind, field, new_value, evidence, observed_at, document FROM invite_event"
        " ORDER BY seq")
    for seq, invite, kind, field, new, evidence, observed, document in events:
        if seq != expected:
            return rows, f"event {expected} is missing"
        expected += 1
        if kind == "appeared":
            if invite in rows:
                wrong = wrong or f"event {seq}: {invite} appears twice"
            values = json.loads(document)
            rows[invite] = {name: values.get(name) for name in COLUMNS}
            rows[invite].update(listed=1, first_observed_at=observed)
        elif invite not in rows:
            return rows, f"event {seq}: the first of {invite} is {kind}"
        row = rows[invite]
        row["last_changed_at"] = observed
        if kind == "status_changed":
            row["status"] = new
            if new == "deleted" and evidence != "listed":
                row["listed"] = 0
        elif kind == "field_changed" and field in COLUMNS:
            row[field] = new
        elif kind in ("vanished", "reappeared"):
            row["listed"] = 1 if kind == "reappeared" else 0
    return rows, wrong


def mirror(connection):
    names = COLUMNS + ["listed", "first_observed_at", "last_changed_at"]
    rows = connection.execute(f"SELECT id, {', '.join(names)} FROM invite")
    return {row[0]: dict(zip(names, row[1:])) for row in rows}


def wrong_with(connection, integrity=True):
    """What is wrong with a database, in one read transaction; None if it is as promised (or was not begun)."""
    if integrity:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            return f"integrity_check: {found[:3]}"
    connection.execute("BEGIN")
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            return None
        if connection.execute("PRAGMA application_id").fetchone()[0] != 0x494E5654:
            return "a schema without its application_id: half a migration"
        rows, wrong = fold(connection)
        if wrong:
            return wrong
        shown = mirror(connection)
        if rows != shown:
            some = next(key for key in rows.keys() | shown.keys() if rows.get(key) != shown.get(key))
            return f"fold and mirror differ in {some}: {rows.get(some)} and {shown.get(some)}"
        half = connection.execute(
            "SELECT p.id, p.outcome, p.appeared, count(e.seq), count(e.seq) FILTER (WHERE e.kind = 'appeared')"
            " FROM sync_pass AS p LEFT JOIN invite_event AS e ON e.pass_id = p.id GROUP BY p.id"
            " HAVING (p.outcome <> 'complete' AND count(e.seq) > 0)"
            " OR (p.outcome = 'complete' AND p.appeared <> count(e.seq) FILTER (WHERE e.kind = 'appeared'))"
        ).fetchone()
        if half:
            return f"half a pass: pass {half[0]} is {half[1]}, counted {half[2]}, has {half[3]} events"
        return None
    finally:
        connection.execute("ROLLBACK")


def wrong_with_file(path, integrity=True):
    if not os.path.exists(path):
        return None
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            return wrong_with(connection, integrity)
        finally:
            connection.close()
    except sqlite3.Error as error:
        return f"SQLite: {error}"


def state(path):
    """What a database says, without dates of observation, request ids and the numbers of passes."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            return {"invite": [], "invite_event": [], "field_name": [], "absence": []}
        queries = {
            "invite": f"SELECT id, {', '.join(COLUMNS)}, listed, document FROM invite ORDER BY id",
            "invite_event": "SELECT seq, invite_id, kind, field, old_value, new_value, evidence, document,"
                            " not_before IS NULL FROM invite_event ORDER BY seq",
            "field_name": "SELECT name FROM field_name ORDER BY name",
            "absence": "SELECT invite_id, shown_at IS NULL, deleted_at IS NULL, confirmed FROM absence"
                       " ORDER BY invite_id",
        }
        return {table: connection.execute(query).fetchall() for table, query in queries.items()}
    finally:
        connection.close()


def differs_from_list(path, invites):
    """How the listed rows of a database differ from the API's list; None if they do not."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        rows = connection.execute(f"SELECT id, {', '.join(COLUMNS)} FROM invite WHERE listed = 1")
        shown = {row[0]: list(row[1:]) for row in rows}
    finally:
        connection.close()
    wanted = {key: [value[name] for name in COLUMNS] for key, value in invites.items()}
    if shown == wanted:
        return None
    some = next(key for key in shown.keys() | wanted.keys() if shown.get(key) != wanted.get(key))
    return f"{some}: mirrored {shown.get(some)}, listed {wanted.get(some)}"


def run(command, env, timeout=60):
    """Runs a program to its end: status (negative: a signal, None: it had to be ended) and what it wrote."""
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        output, errors = process.communicate(timeout=timeout)
        return process.returncode, output.decode(errors="replace"), errors.decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        return None, output.decode(errors="replace"), errors.decode(errors="replace")


def finish(violations, line):
    print(f"{line}, {violations.count} violations", flush=True)
    sys.exit(1 if violations.count else 0)


def end_on_signals():
    """SIGTERM leaves by the ordinary way, so that what was started is ended too."""
    def leave(*_):
        raise SystemExit(1)
    signal.signal(signal.SIGTERM, leave)
