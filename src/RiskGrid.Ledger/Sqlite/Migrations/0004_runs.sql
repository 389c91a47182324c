-- Content-addressed bytes, history panels above all. key: SHA-256, lower-case hexadecimal, of the content or of what it says; checksum:
-- SHA-256 of the content itself, to tell damage.
CREATE TABLE blob (
    key         TEXT    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    checksum    BLOB    NOT NULL,
    content     BLOB    NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

-- One row per run, never removed. number orders the runs by their creation. spec and manifest are canonical JSON.
-- state: 1 running, 2 done, 3 failed, 4 cancelled.
CREATE TABLE run (
    number      INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    spec        TEXT    NOT NULL,
    manifest    TEXT    NOT NULL,
    item_count  INTEGER NOT NULL CHECK (item_count >= 0),
    state       INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    created_at  INTEGER NOT NULL,
    deadline    INTEGER,
    ended_at    INTEGER,
    result      BLOB,
    result_hash TEXT,
    error       TEXT,
    CHECK ((state = 1) = (ended_at IS NULL)),
    CHECK (state <> 2 OR (result IS NOT NULL AND result_hash IS NOT NULL))
) STRICT;

CREATE INDEX run_by_state ON run (state, number);

-- The work items done of runs that are running: what a restart need not compute again. Removed when the run ends.
CREATE TABLE run_item (
    id      INTEGER NOT NULL PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES run (number),
    leg     INTEGER NOT NULL CHECK (leg >= 0),
    block   INTEGER NOT NULL CHECK (block >= 0),
    payload BLOB    NOT NULL,
    UNIQUE (run, leg, block)
) STRICT;

-- P&L vectors of nodes that a finished run keeps: little-endian float64 in the order of the scenario set named by its hash.
CREATE TABLE run_vector (
    id                INTEGER NOT NULL PRIMARY KEY,
    run               INTEGER NOT NULL REFERENCES run (number),
    leg               INTEGER NOT NULL CHECK (leg >= 0),
    node              TEXT    NOT NULL,
    scenario_set_hash TEXT    NOT NULL,
    content           BLOB    NOT NULL,
    UNIQUE (run, leg, node)
) STRICT;
