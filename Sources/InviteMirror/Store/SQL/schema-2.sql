-- The RFC 6962 tree over invite_event, in tiles of up to 256 hashes, as C2SP tlog-tiles cuts them. It can be made anew
-- from the events; that it is stored makes appending cheap and tells which event was altered.
CREATE TABLE log_tile (
    level INTEGER NOT NULL,         -- 0: hashes of leaves; a hash of level n is the root over 256^n leaves
    position INTEGER NOT NULL,      -- within the level, from 0
    hashes BLOB NOT NULL,           -- SHA-256 values one after the other; a tile of 256 never changes any more
    PRIMARY KEY (level, position)
) STRICT;

-- One signed checkpoint for each complete pass, those that found nothing new included.
CREATE TABLE log_checkpoint (
    pass_id INTEGER PRIMARY KEY REFERENCES sync_pass (id),
    tree_size INTEGER NOT NULL,     -- events 1 to this are covered
    root_hash TEXT NOT NULL,        -- base64, as in the note
    note TEXT NOT NULL              -- C2SP signed note: origin, size, root, the pass; Ed25519
) STRICT;

-- The public keys that signed, as `log-key` prints them. What an auditor trusts is the key that he was given.
CREATE TABLE log_key (
    verifier_key TEXT NOT NULL PRIMARY KEY,
    first_pass_id INTEGER NOT NULL  -- the first pass whose checkpoint it signed
) STRICT;

CREATE TRIGGER log_checkpoint_no_update BEFORE UPDATE ON log_checkpoint
BEGIN
    SELECT raise(ABORT, 'log_checkpoint is append-only');
END;

CREATE TRIGGER log_checkpoint_no_delete BEFORE DELETE ON log_checkpoint
BEGIN
    SELECT raise(ABORT, 'log_checkpoint is append-only');
END;

CREATE TRIGGER log_checkpoint_next BEFORE INSERT ON log_checkpoint
WHEN NEW.pass_id <= (SELECT max(pass_id) FROM log_checkpoint)
BEGIN
    SELECT raise(ABORT, 'log_checkpoint is append-only: pass_id must be a later one');
END;

-- The history of one invite without a look at the table, whose rows carry documents: for the mirror as of any instant.
DROP INDEX invite_event_by_invite;
CREATE INDEX invite_event_by_invite ON invite_event (invite_id, seq, observed_at, kind, new_value, evidence);
