-- Whether the listing is known to come newest first. One row at the most, for the writer's own use.
CREATE TABLE listing_order (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pass_id INTEGER NOT NULL        -- the newest complete full pass, if it saw the listing so
) STRICT;
