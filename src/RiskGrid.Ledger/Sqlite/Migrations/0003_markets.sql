-- The newest known state of each market, so that a server that restarts prices at once; content is that of SnapshotCodec. Feeds remain the truth of
-- quotes: this row is replaced every few seconds while they come.
CREATE TABLE market (
    id          TEXT    NOT NULL PRIMARY KEY REFERENCES book (id),
    hash        TEXT    NOT NULL,
    content     BLOB    NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
