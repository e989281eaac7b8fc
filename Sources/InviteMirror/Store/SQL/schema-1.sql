-- One row for each pass, changed or not.
CREATE TABLE sync_pass (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL             -- full: listed everything; recent: listed down to covered_since
        CHECK (scope IN ('full', 'recent')),
    covered_since TEXT,             -- a recent pass saw every invite with invited_at at or after this
    outcome TEXT NOT NULL           -- running, complete, incomplete (nothing applied), refused (an operator must look)
        CHECK (outcome IN ('running', 'complete', 'incomplete', 'refused')),
    started_at TEXT NOT NULL,       -- UTC, as all instants here
    finished_at TEXT,               -- null while it runs, and for ever if it was cut off
    organization_id TEXT,           -- from the response header anthropic-organization-id
    requests INTEGER NOT NULL DEFAULT 0,        -- retries included
    retries INTEGER NOT NULL DEFAULT 0,
    pages INTEGER NOT NULL DEFAULT 0,           -- those of abandoned listings too
    listed INTEGER NOT NULL DEFAULT 0,          -- invites in the listing
    appeared INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,         -- invites with a status_changed or field_changed
    vanished INTEGER NOT NULL DEFAULT 0,        -- invites whose absence was confirmed
    irregularities INTEGER NOT NULL DEFAULT 0,  -- answers that are not as documented
    error TEXT                      -- a sentence for a person
) STRICT;

-- One row for every invite ever seen: what the API last said of it.
CREATE TABLE invite (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT,
    role TEXT,                      -- unknown values verbatim
    status TEXT,                    -- pending, accepted, expired, deleted; unknown values verbatim
    invited_at TEXT,
    expires_at TEXT,
    listed INTEGER NOT NULL         -- 1 while the API lists it, 0 once its absence is confirmed
        CHECK (listed IN (0, 1)),
    first_observed_at TEXT NOT NULL,
    last_changed_at TEXT NOT NULL,  -- observed_at of its newest event
    document TEXT NOT NULL          -- the whole object: compact JSON, keys sorted, unknown fields included
) STRICT;

CREATE INDEX invite_listed ON invite (invited_at DESC) WHERE listed = 1;
CREATE INDEX invite_pending ON invite (invited_at) WHERE status = 'pending' AND listed = 1;

-- The event log: one row for each change seen, append-only. Folding it in the order of seq gives the table invite.
CREATE TABLE invite_event (
    seq INTEGER PRIMARY KEY,        -- 1, 2, 3 ... without a gap
    pass_id INTEGER NOT NULL REFERENCES sync_pass (id),
    invite_id TEXT NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('appeared', 'status_changed', 'field_changed', 'vanished', 'reappeared')),
    field TEXT,                     -- the top-level name of what changed
    old_value TEXT,                 -- a string as it is, null as NULL, anything else as compact JSON
    new_value TEXT,                 -- for appeared: the status that it was first seen with
    evidence TEXT NOT NULL          -- listed: on a page; fetched: by Get Invite; not_found: by its 404
        CHECK (evidence IN ('listed', 'fetched', 'not_found')),
    not_before TEXT,                -- the change happened after this instant ...
    observed_at TEXT NOT NULL,      -- ... and no later than this one, when the response had arrived
    request_id TEXT,                -- that response's request-id
    document TEXT NOT NULL          -- the invite's document after this event
) STRICT;

CREATE INDEX invite_event_by_invite ON invite_event (invite_id, seq);
CREATE INDEX invite_event_by_time ON invite_event (observed_at, seq);

-- The log is append-only. A new row takes the next seq, which stops INSERT OR REPLACE and gaps alike.
CREATE TRIGGER invite_event_no_update BEFORE UPDATE ON invite_event
BEGIN
    SELECT raise(ABORT, 'invite_event is append-only');
END;

CREATE TRIGGER invite_event_no_delete BEFORE DELETE ON invite_event
BEGIN
    SELECT raise(ABORT, 'invite_event is append-only');
END;

CREATE TRIGGER invite_event_next_seq BEFORE INSERT ON invite_event
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM invite_event)
BEGIN
    SELECT raise(ABORT, 'invite_event is append-only: seq must be the next one');
END;

-- Invites that a complete listing lacked. For the writer's own use.
CREATE TABLE absence (
    invite_id TEXT NOT NULL PRIMARY KEY,
    shown_at TEXT,                  -- start of the newest pass that showed it
    deleted_at TEXT,                -- start of the pass that learnt from a 404 that it is deleted
    since_pass_id INTEGER NOT NULL, -- the first of the passes in a row that lack it
    asked_pass_id INTEGER,          -- the newest pass that asked Get Invite for it
    confirmed INTEGER NOT NULL DEFAULT 0        -- 1 once invite.listed is 0
        CHECK (confirmed IN (0, 1))
) STRICT;

CREATE INDEX absence_open ON absence (asked_pass_id) WHERE confirmed = 0;

-- Fields that the newest answer about an invite left out, although an earlier one had them. For the writer's own use.
CREATE TABLE omission (
    invite_id TEXT NOT NULL,
    name TEXT NOT NULL,
    shown_at TEXT,                  -- start of the newest pass that showed the field
    PRIMARY KEY (invite_id, name)
) STRICT, WITHOUT ROWID;

-- The top-level names of invite objects that the mirror has met. For the writer's own use.
CREATE TABLE field_name (
    name TEXT NOT NULL PRIMARY KEY,
    first_pass_id INTEGER NOT NULL
) STRICT;

-- The API asked for patience: no pass starts before this instant. One row at the most, for the writer's own use.
CREATE TABLE api_pause (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    until TEXT NOT NULL
) STRICT;

-- Every status that an invite was seen to take.
CREATE VIEW status_change AS
SELECT
    seq,
    invite_id,
    CASE json_type(document, '$.email')
        WHEN 'text' THEN json_extract(document, '$.email')
        WHEN 'null' THEN NULL
        ELSE document -> '$.email'
    END AS email,
    CASE json_type(document, '$.role')
        WHEN 'text' THEN json_extract(document, '$.role')
        WHEN 'null' THEN NULL
        ELSE document -> '$.role'
    END AS role,
    old_value AS from_status,
    new_value AS to_status,
    not_before,
    observed_at,
    evidence
FROM invite_event
WHERE kind IN ('appeared', 'status_changed');

-- Who has been invited and has not answered.
CREATE VIEW pending_invite AS
SELECT
    id,
    email,
    role,
    status,
    invited_at,
    expires_at,
    listed,
    first_observed_at,
    last_changed_at,
    document,
    julianday('now') - julianday(invited_at) AS age_days
FROM invite
WHERE status = 'pending' AND listed = 1;

-- The mirror as of any instant T: valid_from <= T AND (valid_to > T OR valid_to IS NULL).
CREATE VIEW invite_version AS
SELECT
    invite_id,
    CASE json_type(document, '$.email')
        WHEN 'text' THEN json_extract(document, '$.email')
        WHEN 'null' THEN NULL
        ELSE document -> '$.email'
    END AS email,
    CASE json_type(document, '$.role')
        WHEN 'text' THEN json_extract(document, '$.role')
        WHEN 'null' THEN NULL
        ELSE document -> '$.role'
    END AS role,
    (
        -- A deletion learnt from a 404 leaves the document as it was, so the status is taken from the log.
        SELECT s.new_value
        FROM invite_event AS s
        WHERE s.invite_id = e.invite_id AND s.seq <= e.seq AND s.kind IN ('appeared', 'status_changed')
        ORDER BY s.seq DESC
        LIMIT 1
    ) AS status,
    (
        SELECT
            l.kind IN ('appeared', 'reappeared')
        FROM invite_event AS l
        WHERE
            l.invite_id = e.invite_id AND l.seq <= e.seq
            AND (
                l.kind IN ('appeared', 'reappeared', 'vanished')
                OR (l.kind = 'status_changed' AND l.new_value IS 'deleted' AND l.evidence <> 'listed')
            )
        ORDER BY l.seq DESC
        LIMIT 1
    ) AS listed,
    observed_at AS valid_from,
    (
        -- The earliest of the later ones, in case the clock was set back between them.
        SELECT min(n.observed_at)
        FROM invite_event AS n
        WHERE n.invite_id = e.invite_id AND n.seq > e.seq
    ) AS valid_to
FROM invite_event AS e
WHERE NOT EXISTS (
    -- Of the changes that one answer showed, the last one is the version.
    SELECT 1
    FROM invite_event AS n
    WHERE n.invite_id = e.invite_id AND n.seq > e.seq AND n.observed_at <= e.observed_at
);
