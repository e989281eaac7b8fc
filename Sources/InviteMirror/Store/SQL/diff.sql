-- What differs between the mirror as of ?1 and as of ?2: one row for each invite that is not the same at both.
WITH extent AS MATERIALIZED (
    -- Whether more than an eighth of the log lies in between.
    SELECT
        ifnull(
            (SELECT seq FROM invite_event WHERE observed_at <= ?2 ORDER BY observed_at DESC LIMIT 1)
            - (SELECT seq FROM invite_event WHERE observed_at > ?1 ORDER BY observed_at LIMIT 1)
            > (SELECT max(seq) FROM invite_event) / 8, 0
        ) AS is_wide
),
touched AS (
    -- A walk along all invites is faster then than one along the time, which looks each event up in the table. Where
    -- instants do not rise with seq it brings some invites more; what is the same at both is left out below.
    SELECT DISTINCT w.invite_id
    FROM extent AS x
    CROSS JOIN (
        SELECT min(seq) AS first, max(seq) AS last
        FROM invite_event
        WHERE observed_at > ?1 AND observed_at <= ?2
    ) AS r
    CROSS JOIN invite_event AS w INDEXED BY invite_event_by_invite
    WHERE x.is_wide AND w.seq BETWEEN r.first AND r.last
    UNION ALL
    SELECT DISTINCT e.invite_id
    FROM extent AS x
    CROSS JOIN invite_event AS e INDEXED BY invite_event_by_time
    WHERE NOT x.is_wide AND e.observed_at > ?1 AND e.observed_at <= ?2
),
pair AS MATERIALIZED (
    SELECT
        t.invite_id,
        (SELECT max(seq) FROM invite_event AS a WHERE a.invite_id = t.invite_id AND a.observed_at <= ?1) AS seq_from,
        (SELECT max(seq) FROM invite_event AS b WHERE b.invite_id = t.invite_id AND b.observed_at <= ?2) AS seq_to
    FROM touched AS t
),
-- Materialized, for each of its columns is asked twice below.
state AS MATERIALIZED (
    SELECT
        p.invite_id,
        f.document ->> '$.email' AS email_from,
        t.document ->> '$.email' AS email_to,
        f.document ->> '$.role' AS role_from,
        t.document ->> '$.role' AS role_to,
        (
            SELECT s.new_value
            FROM invite_event AS s
            WHERE s.invite_id = p.invite_id AND s.seq <= p.seq_from AND s.kind IN ('appeared', 'status_changed')
            ORDER BY s.seq DESC
            LIMIT 1
        ) AS status_from,
        (
            SELECT s.new_value
            FROM invite_event AS s
            WHERE s.invite_id = p.invite_id AND s.seq <= p.seq_to AND s.kind IN ('appeared', 'status_changed')
            ORDER BY s.seq DESC
            LIMIT 1
        ) AS status_to,
        (
            SELECT l.kind IN ('appeared', 'reappeared')
            FROM invite_event AS l
            WHERE
                l.invite_id = p.invite_id AND l.seq <= p.seq_from
                AND (
                    l.kind IN ('appeared', 'reappeared', 'vanished')
                    OR (l.kind = 'status_changed' AND l.new_value IS 'deleted' AND l.evidence <> 'listed')
                )
            ORDER BY l.seq DESC
            LIMIT 1
        ) AS listed_from,
        (
            SELECT l.kind IN ('appeared', 'reappeared')
            FROM invite_event AS l
            WHERE
                l.invite_id = p.invite_id AND l.seq <= p.seq_to
                AND (
                    l.kind IN ('appeared', 'reappeared', 'vanished')
                    OR (l.kind = 'status_changed' AND l.new_value IS 'deleted' AND l.evidence <> 'listed')
                )
            ORDER BY l.seq DESC
            LIMIT 1
        ) AS listed_to
    FROM pair AS p
    LEFT JOIN invite_event AS f ON f.seq = p.seq_from
    LEFT JOIN invite_event AS t ON t.seq = p.seq_to
)
SELECT
    invite_id, email_from, email_to, role_from, role_to, status_from, status_to, listed_from, listed_to
FROM state
WHERE
    email_from IS NOT email_to OR role_from IS NOT role_to OR status_from IS NOT status_to
    OR listed_from IS NOT listed_to
ORDER BY invite_id
