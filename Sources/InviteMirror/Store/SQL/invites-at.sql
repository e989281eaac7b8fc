-- The invites as of the instant ?1, with the columns of the view invite_version; of the status ?2, if it is given.
-- It says what the view says. An invite whose newest event is not after the instant is as its row says, which is what
-- folding its events gives; only of the others is the history looked at, each by the index.
WITH clock AS (
    -- Whether the events after the instant are the newest ones, as they are unless the clock was set back over it.
    SELECT ifnull(min(seq) + count(*) - 1 = (SELECT max(seq) FROM invite_event), 1) AS is_steady
    FROM invite_event
    WHERE observed_at > ?1
),
newest AS MATERIALIZED (
    -- With a steady clock an invite that was first seen later has no event before: it is not looked for.
    SELECT
        i.id AS invite_id,
        (SELECT max(n.seq) FROM invite_event AS n WHERE n.invite_id = i.id AND n.observed_at <= ?1) AS seq
    FROM invite AS i
    WHERE i.last_changed_at > ?1 AND (i.first_observed_at <= ?1 OR NOT (SELECT is_steady FROM clock))
),
version AS MATERIALIZED (
    SELECT
        n.invite_id,
        n.seq,
        (
            SELECT s.new_value
            FROM invite_event AS s
            WHERE s.invite_id = n.invite_id AND s.seq <= n.seq AND s.kind IN ('appeared', 'status_changed')
            ORDER BY s.seq DESC
            LIMIT 1
        ) AS status,
        (
            SELECT l.kind IN ('appeared', 'reappeared')
            FROM invite_event AS l
            WHERE
                l.invite_id = n.invite_id AND l.seq <= n.seq
                AND (
                    l.kind IN ('appeared', 'reappeared', 'vanished')
                    OR (l.kind = 'status_changed' AND l.new_value IS 'deleted' AND l.evidence <> 'listed')
                )
            ORDER BY l.seq DESC
            LIMIT 1
        ) AS listed,
        (
            SELECT min(m.observed_at)
            FROM invite_event AS m
            WHERE m.invite_id = n.invite_id AND m.seq > n.seq
        ) AS valid_to
    FROM newest AS n
    WHERE n.seq IS NOT NULL
)
SELECT
    v.invite_id AS invite_id,
    CASE json_type(e.document, '$.email')
        WHEN 'text' THEN json_extract(e.document, '$.email')
        WHEN 'null' THEN NULL
        ELSE e.document -> '$.email'
    END AS email,
    CASE json_type(e.document, '$.role')
        WHEN 'text' THEN json_extract(e.document, '$.role')
        WHEN 'null' THEN NULL
        ELSE e.document -> '$.role'
    END AS role,
    v.status,
    v.listed,
    e.observed_at AS valid_from,
    v.valid_to
FROM version AS v
CROSS JOIN invite_event AS e ON e.seq = v.seq
WHERE ?2 IS NULL OR v.status = ?2
UNION ALL
SELECT id, email, role, status, listed, last_changed_at, NULL
FROM invite NOT INDEXED
WHERE last_changed_at <= ?1 AND (?2 IS NULL OR status = ?2)
ORDER BY invite_id
