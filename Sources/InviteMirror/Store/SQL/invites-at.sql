-- The invites as of the instant ?1, with the columns of the view invite_version; of the status ?2, if it is given.
-- It says what the view says, but asks for one version of each invite instead of making all of them.
WITH newest AS (
    SELECT invite_id, max(seq) AS seq
    FROM invite_event
    WHERE observed_at <= ?1
    GROUP BY invite_id
),
version AS (
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
)
SELECT
    v.invite_id,
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
ORDER BY v.invite_id
