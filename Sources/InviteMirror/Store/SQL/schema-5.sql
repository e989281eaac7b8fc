-- Both hold every column that their condition names: SQLite looks at the condition again for each row, and reads the
-- row for it if the index lacks a column. By two equal columns the pending ones are found in their own index,
-- whichever of the two was made last; all of them stand there, since some ask for those no longer listed too.
DROP INDEX invite_listed;
DROP INDEX invite_pending;
CREATE INDEX invite_listed ON invite (invited_at DESC, listed) WHERE listed = 1;
CREATE INDEX invite_pending ON invite (status, listed, invited_at) WHERE status = 'pending';

-- SQLite puts the table's key, which seq is, behind the columns of an index by itself: named, it stood there twice.
DROP INDEX invite_event_by_invite;
DROP INDEX invite_event_by_time;
CREATE INDEX invite_event_by_invite ON invite_event (invite_id);
CREATE INDEX invite_event_by_time ON invite_event (observed_at);
