-- Both hold every column that their condition names: SQLite looks at the condition once more for each row, and reads the
-- row for it if the index lacks a column. With two equal columns the pending ones are found by their own index, whichever
-- of the two was made last.
DROP INDEX invite_listed;
DROP INDEX invite_pending;
CREATE INDEX invite_listed ON invite (invited_at DESC, listed) WHERE listed = 1;
CREATE INDEX invite_pending ON invite (status, listed, invited_at) WHERE status = 'pending' AND listed = 1;
