-- Times are 100 ns ticks since 1970-01-01T00:00Z. Ids are ASCII and sort by their bytes.

-- One row per book that was ever written to or taken. sequence is that of the book's last event.
CREATE TABLE book (
    id       TEXT    NOT NULL PRIMARY KEY,
    epoch    INTEGER NOT NULL DEFAULT 0,
    sequence INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The truth. Rows are only ever added.
-- id orders the rows of this store; it is no ledger position. from_book is set for a move between books and for nothing else.
-- (IN lists in checks are avoided: SQLite builds a table of the list for every row.)
-- kind: 1 booked, 2 amended, 3 cancelled. payload: the terms after the event, see TradeTermsCodec.
CREATE TABLE trade_event (
    id                 INTEGER NOT NULL PRIMARY KEY,
    trade_id           TEXT    NOT NULL,
    version            INTEGER NOT NULL CHECK (version >= 1),
    book               TEXT    NOT NULL REFERENCES book (id),
    book_sequence      INTEGER NOT NULL CHECK (book_sequence >= 1),
    from_book          TEXT             REFERENCES book (id),
    from_book_sequence INTEGER,
    epoch              INTEGER NOT NULL,
    command_id         TEXT    NOT NULL,
    kind               INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
    valid_at           INTEGER NOT NULL,
    recorded_at        INTEGER NOT NULL,
    payload            BLOB    NOT NULL,
    author             TEXT    NOT NULL,
    CHECK ((from_book IS NULL) = (from_book_sequence IS NULL)),
    CHECK (from_book IS NULL OR (from_book <> book AND kind = 2)),
    CHECK ((version = 1) = (kind = 1)),
    UNIQUE (trade_id, version),
    UNIQUE (book, book_sequence)
) STRICT;

CREATE UNIQUE INDEX trade_event_from_book ON trade_event (from_book, from_book_sequence) WHERE from_book IS NOT NULL;

-- Every command ever answered, applied or refused: a retry gets the same bytes.
CREATE TABLE command (
    command_id   TEXT    NOT NULL PRIMARY KEY,
    request_hash BLOB    NOT NULL,
    reply        BLOB    NOT NULL,
    recorded_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Derived from trade_event, and never looked at when a command is judged: the live trades of each book at their newest version.
CREATE TABLE trade (
    book     TEXT    NOT NULL,
    trade_id TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    PRIMARY KEY (book, trade_id)
) STRICT, WITHOUT ROWID;
