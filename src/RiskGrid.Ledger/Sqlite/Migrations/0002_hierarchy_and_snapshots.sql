-- Every version of the tree of desks and books; content is the JSON of HierarchyCodec.
CREATE TABLE hierarchy (
    version     INTEGER NOT NULL PRIMARY KEY,
    content     BLOB    NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

-- Market snapshots by content hash (SHA-256, lower-case hexadecimal); content is that of SnapshotCodec.
CREATE TABLE snapshot (
    hash        TEXT    NOT NULL PRIMARY KEY,
    valuation   INTEGER NOT NULL,
    content     BLOB    NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
