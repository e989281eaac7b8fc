-- That the newest full pass saw the listing newest first. One row at the most, for the writer's own use.
CREATE TABLE listing_order (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pass_id INTEGER NOT NULL        -- the first of the full passes in a row that saw it so
) STRICT;

-- As before, but for FAIL in place of ABORT: that it may abort made SQLite keep a journal of each single insertion. The
-- row is refused all the same, before anything is changed.
DROP TRIGGER invite_event_next_seq;

CREATE TRIGGER invite_event_next_seq BEFORE INSERT ON invite_event
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM invite_event)
BEGIN
    SELECT raise(FAIL, 'invite_event is append-only: seq must be the next one');
END;
