"""Asks a simulated Admin API through Anthropic's own client, and checks that both agree.

Usage: conformance.py BASE_URL SECRET key|bearer

The organisation must have at least 30 invites and stand still while this runs: a clock of speed 0.
"""

import datetime
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
    del os.environ[name]

import anthropic  # noqa: E402: the client reads the environment.

PATH = "/v1/organizations/invites"
FIELDS = ["id", "email", "role", "status", "type"]
INSTANTS = ["invited_at", "expires_at"]


class Checks:
    """Counts what held and names what did not."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def that(self, holds, sentence, *details):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED:", sentence, *details, file=sys.stderr)

    def refused(self, error_type, status, sentence, call):
        """The call raises this very type, with a status, the envelope and a request id."""
        try:
            answer = call()
        except anthropic.APIStatusError as error:
            body = error.body if isinstance(error.body, dict) else {}
            request_id = error.response.headers.get("request-id")
            self.that(type(error) is error_type, sentence, type(error))
            self.that(error.status_code == status, sentence, error.status_code)
            self.that(body.get("type") == "error", sentence, body)
            self.that(body.get("request_id") == request_id, sentence, body)
            self.that(error.request_id == request_id, sentence, error.request_id)
        else:
            self.that(False, sentence, answer)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def flat(invite):
    """An invite of the client, as values to compare."""
    return [getattr(invite, name) for name in FIELDS + INSTANTS]


def flat_raw(invite):
    return [invite[name] for name in FIELDS] + [instant(invite[name]) for name in INSTANTS]


def raw(base_url, headers, **query):
    """Asks without the client; the status and the decoded body."""
    url = base_url + PATH + "?" + urllib.parse.urlencode(query)
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def raw_listing(base_url, headers, limit):
    invites, query = [], {"limit": limit}
    while True:
        status, page = raw(base_url, headers, **query)
        assert status == 200, page
        invites += page["data"]
        if not page["has_more"]:
            return invites
        query["after_id"] = page["last_id"]


def check_listing(check, invites, listing):
    total = len(listing)
    check.that(total >= 30, "the organisation is large enough for several pages", total)
    check.that(len({invite["id"] for invite in listing}) == total, "raw paging yields each invite once")
    times = [instant(invite["invited_at"]) for invite in listing]
    check.that(times == sorted(times, reverse=True), "the listing goes from the newest to the oldest")
    sample = listing[0]
    order = ["id", "email", "expires_at", "invited_at", "role", "status", "type"]
    check.that(list(sample)[:7] == order, "fields come in the documented order", list(sample))
    expected = [flat_raw(invite) for invite in listing]
    for limit in [7, 20, 1000]:
        listed = [flat(invite) for invite in invites.list(limit=limit)]
        check.that(listed == expected, f"paging by itself, {limit} at a time, equals raw paging")
    for limit in [1, 19, 1000]:
        page = invites.list(limit=limit)
        size = min(limit, total)
        check.that(len(page.data) == size, f"limit {limit} is kept", len(page.data))
        check.that(page.has_more == (size < total), f"has_more is right with limit {limit}")
        check.that(page.first_id == page.data[0].id, f"first_id is the first id with limit {limit}")
        check.that(page.last_id == page.data[-1].id, f"last_id is the last id with limit {limit}")
    check.that(len(invites.list().data) == 20, "a page has 20 invites by default")
    cursor = listing[-1]["id"]
    page = invites.list(before_id=cursor, limit=5)
    check.that([each.id for each in page.data] == [each["id"] for each in listing[-6:-1]], "before_id is what precedes")
    backwards = [each.id for each in invites.list(before_id=cursor, limit=8)]
    check.that(
        sorted(backwards) == sorted(each["id"] for each in listing[:-1]), "paging back yields each invite once"
    )
    end = invites.list(after_id=cursor)
    check.that(end.data == [] and end.has_more is False, "nothing comes after the last invite")
    check.that(end.first_id is None and end.last_id is None, "an empty page has no ids")
    for limit in [0, 1001, -3]:
        check.refused(
            anthropic.BadRequestError, 400, f"limit {limit} is refused", lambda limit=limit: invites.list(limit=limit)
        )
    check.refused(
        anthropic.BadRequestError,
        400,
        "a limit that is no number is refused",
        lambda: invites.list(extra_query={"limit": "many"}),
    )
    check.refused(
        anthropic.BadRequestError,
        400,
        "two cursors are refused",
        lambda: invites.list(after_id=cursor, before_id=cursor),
    )


def check_writing(check, invites, listing):
    for known in listing[:3] + listing[-3:]:
        got = invites.retrieve(known["id"])
        check.that(flat(got) == flat_raw(known), "retrieve says what the listing says", known["id"])
    created = invites.create(email="conformance@example.com", role="developer")
    check.that(created.status == "pending" and created.type == "invite", "a created invite is pending", created)
    check.that(created.role == "developer" and created.email == "conformance@example.com", "it is as it was asked for")
    life = created.expires_at - created.invited_at
    check.that(life == datetime.timedelta(days=21), "an invite lives 21 days", life)
    check.that(created.id in [invite.id for invite in invites.list(limit=1000)], "a created invite is listed")
    check.that(flat(invites.retrieve(created.id)) == flat(created), "a created invite can be retrieved")
    deleted = invites.delete(created.id)
    check.that(deleted.id == created.id and deleted.type == "invite_deleted", "a pending invite can be deleted")
    try:
        check.that(invites.retrieve(created.id).status == "deleted", "a deleted invite has status deleted")
    except anthropic.NotFoundError:
        check.that(True, "or is not found")
    accepted = next((invite["id"] for invite in listing if invite["status"] == "accepted"), None)
    check.refused(
        anthropic.BadRequestError, 400, "an accepted invite cannot be deleted", lambda: invites.delete(accepted)
    )
    unknown = "invite_01" + "1" * 22
    check.refused(
        anthropic.NotFoundError, 404, "an unknown invite cannot be retrieved", lambda: invites.retrieve(unknown)
    )
    check.refused(anthropic.NotFoundError, 404, "an unknown invite cannot be deleted", lambda: invites.delete(unknown))
    for email, role in [("a@example.com", "admin"), ("nobody", "user"), ("a@example.com", "emperor")]:
        check.refused(
            anthropic.BadRequestError,
            400,
            f"{email} cannot be invited as {role}",
            lambda email=email, role=role: invites.create(email=email, role=role),
        )


def check_headers(check, client, headers, base_url):
    invites = client.organization.invites
    answers = [invites.with_raw_response.list(limit=1) for _ in range(3)]
    ids = [answer.headers.get("request-id") for answer in answers]
    check.that(len(set(ids)) == 3 and all(each.startswith("req_") for each in ids), "each request has an id", ids)
    check.that(answers[0].parse()._request_id == ids[0], "the client finds the request id")
    organizations = {answer.headers.get("anthropic-organization-id") for answer in answers}
    check.that(len(organizations) == 1 and None not in organizations, "answers name the organisation", organizations)
    sent = answers[0].http_request.headers
    for name in ["x-api-key", "authorization"]:
        check.that((name in sent) == (name in headers), f"the client sends {name} when it should", list(sent))
    unversioned = {name: value for name, value in headers.items() if name != "anthropic-version"}
    check.that(raw(base_url, unversioned)[0] == 400, "a request without a version is refused")
    check.that(raw(base_url, {"anthropic-version": "2023-06-01"})[0] == 401, "a request without a secret is refused")


def connect(base_url, secret, kind):
    arguments = {"api_key": secret} if kind == "key" else {"auth_token": secret}
    return anthropic.Anthropic(base_url=base_url, max_retries=0, timeout=30, **arguments)


def run(check, base_url, secret, kind, headers):
    listing = raw_listing(base_url, headers, 13)
    with connect(base_url, secret, kind) as client:
        check_listing(check, client.organization.invites, listing)
        check_writing(check, client.organization.invites, listing)
        check_headers(check, client, headers, base_url)
    with connect(base_url, "wrong " + secret, kind) as stranger:
        check.refused(
            anthropic.AuthenticationError,
            401,
            "a wrong secret is refused",
            lambda: stranger.organization.invites.list(),
        )


def main():
    if len(sys.argv) != 4 or sys.argv[3] not in ("key", "bearer"):
        sys.exit(__doc__)
    base_url, secret, kind = sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3]
    headers = {"x-api-key": secret} if kind == "key" else {"authorization": "Bearer " + secret}
    headers["anthropic-version"] = "2023-06-01"
    check = Checks()
    try:
        run(check, base_url, secret, kind, headers)
    except Exception as error:  # Whatever it is, the summary below must be printed.
        check.that(False, "the checks ran to their end", repr(error))
    print(f"conformance: anthropic {anthropic.__version__}: {check.passed} checks passed, {check.failed} failed")
    sys.exit(1 if check.failed else 0)


main()
