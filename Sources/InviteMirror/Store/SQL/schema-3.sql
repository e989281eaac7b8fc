-- That the newest full pass saw the listing newest first. One row at the most, for the writer's own use.
CREATE TABLE listing_order (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pass_id INTEGER NOT NULL        -- the first of the full passes in a row that saw it so
) STRICT;
