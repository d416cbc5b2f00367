CREATE TABLE imports (
    import_id     INTEGER PRIMARY KEY,
    file_name     VARCHAR NOT NULL,
    file_hash     VARCHAR NOT NULL,   -- of the file (size, CRC-32 of every 2 MiB) and the mapping: the same twice changes nothing
    file_bytes    BIGINT NOT NULL,
    kind          VARCHAR NOT NULL,   -- FileKind
    mapping       JSON NOT NULL,      -- what was read as what
    rows_read     BIGINT NOT NULL,    -- = rows_loaded + rows_quarantined, always
    rows_loaded   BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL,
    reasons       JSON NOT NULL,      -- {reason: rows}
    started_at    TIMESTAMP NOT NULL, -- UTC
    finished_at   TIMESTAMP NOT NULL,
    status        VARCHAR NOT NULL,   -- ImportStatus
    data_version  BIGINT NOT NULL,    -- the version this import made
    CHECK (rows_read = rows_loaded + rows_quarantined)
);
CREATE TABLE mappings (
    signature  VARCHAR PRIMARY KEY,   -- of the header row: a file of the same shape gets the same mapping
    mapping    JSON NOT NULL,
    saved_at   TIMESTAMP NOT NULL
);
CREATE TABLE quarantine (
    import_id  INTEGER NOT NULL,
    row_number BIGINT,                -- 1 = first row after the header; NULL where the file has no such row
    reason     VARCHAR NOT NULL,
    raw        VARCHAR NOT NULL       -- the row as read: a JSON object of the file's columns, or the raw line
);
