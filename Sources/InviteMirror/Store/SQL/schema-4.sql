-- The index by invite as it was at first. A change finds few of its pages in memory, so what else stood there was
-- written with every change; of the queries only those over most of the log are slower without.
DROP INDEX invite_event_by_invite;
CREATE INDEX invite_event_by_invite ON invite_event (invite_id, seq);
