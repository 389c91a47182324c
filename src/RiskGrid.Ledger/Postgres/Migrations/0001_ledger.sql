-- Times are 100 ns ticks since 1970-01-01T00:00Z. Ids are ASCII and sort by their bytes, whatever the database's collation.

-- The last recording time given out. A sequence, so that taking one holds nobody up until the commit.
CREATE SEQUENCE ledger_clock AS bigint MINVALUE -9223372036854775808 START -9223372036854775808;

-- A recording time for the caller's transaction: the clock's, or one tick after the last one where the clock has not moved on or was set back.
-- stated stands in for the server's clock in tests. The shared lock shows, until the commit, that a time was taken (see ledger_settle).
CREATE FUNCTION ledger_stamp(stated bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    stamp bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(8250761, 1);

    -- One at a time, and for no longer than this block: rolling it back frees the lock, however it ends, and leaves the sequence as it is.
    BEGIN
        PERFORM pg_advisory_xact_lock(8250761, 2);
        SELECT setval('ledger_clock', greatest(coalesce(stated, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint), last_value + 1))
            INTO stamp FROM ledger_clock;
        RAISE EXCEPTION USING ERRCODE = 'RG001';
    EXCEPTION WHEN SQLSTATE 'RG001' THEN
        NULL;
    END;
    RETURN stamp;
END $$;

-- Returns when every transaction that took a recording time up to the wanted one (or up to now, if that is earlier) has ended, and sees to it that
-- no later one gets such a time: what is read as of it from then on stays. The answer is the time up to which this holds.
CREATE FUNCTION ledger_settle(wanted bigint, stated bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    settled bigint;
    writers text[];
BEGIN
    BEGIN
        PERFORM pg_advisory_xact_lock(8250761, 2);
        SELECT setval('ledger_clock', greatest(
                last_value, least(wanted, coalesce(stated, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint))))
            INTO settled FROM ledger_clock;
        RAISE EXCEPTION USING ERRCODE = 'RG001';
    EXCEPTION WHEN SQLSTATE 'RG001' THEN
        NULL;
    END;

    SELECT array_agg(l.virtualtransaction) INTO writers FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.classid = 8250761 AND l.objid = 1 AND l.objsubid = 2
      AND l.granted AND l.pid <> pg_backend_pid();
    WHILE EXISTS (
        SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.classid = 8250761 AND l.objid = 1 AND l.objsubid = 2
          AND l.granted AND l.virtualtransaction = ANY (writers))
    LOOP
        PERFORM pg_sleep(0.001);
    END LOOP;
    RETURN settled;
END $$;

-- One row per book that was ever written to or taken. sequence is that of the book's last event. Who writes to a book holds its row.
CREATE TABLE book (
    id       text COLLATE "C" NOT NULL PRIMARY KEY,
    epoch    bigint NOT NULL DEFAULT 0,
    sequence bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The truth. Rows are only ever added. from_book is set for a move between books and for nothing else.
-- kind: 1 booked, 2 amended, 3 cancelled. payload: the terms after the event, see TradeTermsCodec.
-- (No foreign keys to book: the writer holds those rows, and looking them up again for every event would cost a third of a bulk load.)
CREATE TABLE trade_event (
    trade_id           text COLLATE "C" NOT NULL,
    version            bigint   NOT NULL CHECK (version >= 1),
    book               text COLLATE "C" NOT NULL,
    book_sequence      bigint   NOT NULL CHECK (book_sequence >= 1),
    from_book          text COLLATE "C",
    from_book_sequence bigint,
    epoch              bigint   NOT NULL,
    command_id         text COLLATE "C" NOT NULL,
    kind               bigint   NOT NULL CHECK (kind BETWEEN 1 AND 3),
    valid_at           bigint   NOT NULL,
    recorded_at        bigint   NOT NULL,
    payload            bytea    NOT NULL,
    author             text     NOT NULL,
    CHECK ((from_book IS NULL) = (from_book_sequence IS NULL)),
    CHECK (from_book IS NULL OR (from_book <> book AND kind = 2)),
    CHECK ((version = 1) = (kind = 1)),
    UNIQUE (trade_id, version),
    UNIQUE (book, book_sequence)
);

CREATE UNIQUE INDEX trade_event_from_book ON trade_event (from_book, from_book_sequence) WHERE from_book IS NOT NULL;

-- Every command ever answered, applied or refused: a retry gets the same bytes.
CREATE TABLE command (
    command_id   text COLLATE "C" NOT NULL PRIMARY KEY,
    request_hash bytea  NOT NULL,
    reply        bytea  NOT NULL,
    recorded_at  bigint NOT NULL
);

-- Derived from trade_event, and never looked at when a command is judged: the live trades of each book at their newest version.
CREATE TABLE trade (
    book     text COLLATE "C" NOT NULL,
    trade_id text COLLATE "C" NOT NULL,
    version  bigint NOT NULL,
    PRIMARY KEY (book, trade_id)
);

-- Every version of the tree of desks and books; content is the JSON of HierarchyCodec.
CREATE TABLE hierarchy (
    version     bigint NOT NULL PRIMARY KEY,
    content     bytea  NOT NULL,
    recorded_at bigint NOT NULL
);

-- Market snapshots by content hash (SHA-256, lower-case hexadecimal); content is that of SnapshotCodec.
CREATE TABLE snapshot (
    hash        text COLLATE "C" NOT NULL PRIMARY KEY,
    valuation   bigint NOT NULL,
    content     bytea  NOT NULL,
    recorded_at bigint NOT NULL
);

-- The newest known state of each market, replaced every few seconds while quotes come; content is that of SnapshotCodec.
CREATE TABLE market (
    id          text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES book (id),
    hash        text   NOT NULL,
    content     bytea  NOT NULL,
    recorded_at bigint NOT NULL
);

-- Content-addressed bytes, history panels above all. key: SHA-256, lower-case hexadecimal, of the content or of what it says; checksum:
-- SHA-256 of the content itself, to tell damage.
CREATE TABLE blob (
    key         text COLLATE "C" NOT NULL PRIMARY KEY,
    kind        text   NOT NULL,
    checksum    bytea  NOT NULL,
    content     bytea  NOT NULL,
    recorded_at bigint NOT NULL
);

-- One row per run, never removed. number orders the runs by their creation. spec and manifest are canonical JSON, kept to the byte.
-- state: 1 running, 2 done, 3 failed, 4 cancelled.
CREATE TABLE run (
    number      bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    id          text COLLATE "C" NOT NULL UNIQUE,
    spec        text   NOT NULL,
    manifest    text   NOT NULL,
    item_count  bigint NOT NULL CHECK (item_count >= 0),
    state       bigint NOT NULL CHECK (state BETWEEN 1 AND 4),
    created_at  bigint NOT NULL,
    deadline    bigint,
    ended_at    bigint,
    result      bytea,
    result_hash text,
    error       text,
    CHECK ((state = 1) = (ended_at IS NULL)),
    CHECK (state <> 2 OR (result IS NOT NULL AND result_hash IS NOT NULL))
);

CREATE INDEX run_by_state ON run (state, number);

-- The work items done of runs that are running: what a restart need not compute again. Removed when the run ends.
CREATE TABLE run_item (
    run     bigint NOT NULL REFERENCES run (number),
    leg     bigint NOT NULL CHECK (leg >= 0),
    block   bigint NOT NULL CHECK (block >= 0),
    payload bytea  NOT NULL,
    PRIMARY KEY (run, leg, block)
);

-- P&L vectors of nodes that a finished run keeps: little-endian float64 in the order of the scenario set named by its hash.
CREATE TABLE run_vector (
    run               bigint NOT NULL REFERENCES run (number),
    leg               bigint NOT NULL CHECK (leg >= 0),
    node              text COLLATE "C" NOT NULL,
    scenario_set_hash text   NOT NULL,
    content           bytea  NOT NULL,
    PRIMARY KEY (run, leg, node)
);

-- Floating-point numbers do not compress: trying costs more than writing them.
ALTER TABLE run_item ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE run_vector ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE blob ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE snapshot ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE market ALTER COLUMN content SET STORAGE EXTERNAL;
