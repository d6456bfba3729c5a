"""The ledger's tables, as numbered migrations: each runs once, in order, and is never edited.

Answers cost money and are only ever added; scores can be computed again and live apart.
A run is rows that point at answers, so one answer serves many runs and is paid for once.
"""

from __future__ import annotations

M001_INITIAL = """
CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,            -- sha256 of all that makes an answer the same answer
    created TEXT,                 -- UTC; NULL where a recording does not say
    status TEXT NOT NULL,
    text TEXT NOT NULL,
    finish_reason TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens INTEGER,
    cost_usd REAL,                -- as the provider stated it; NULL where it is priced from usage
    latency_s REAL,
    first_token_s REAL,
    busy_s REAL,
    confidence REAL,
    detail TEXT                   -- JSON object of texts
);
CREATE INDEX answers_by_key ON answers (key, id);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    state TEXT NOT NULL,          -- running, complete, incomplete or interrupted
    wall_s REAL NOT NULL,
    manifest TEXT NOT NULL,
    notes TEXT NOT NULL
);
CREATE TABLE item_sets (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
);
CREATE TABLE items (
    item_set INTEGER NOT NULL REFERENCES item_sets (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (item_set, position)
) WITHOUT ROWID;
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    card TEXT NOT NULL,           -- the task, its pool, its grader's signature and its shots
    item_set INTEGER NOT NULL REFERENCES item_sets (id)
);
CREATE INDEX tasks_by_run ON tasks (run, position);
CREATE TABLE trials (
    task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    tier INTEGER NOT NULL,        -- position in the task's pool
    item INTEGER NOT NULL,        -- position in the item set
    repeat INTEGER NOT NULL,
    answer INTEGER REFERENCES answers (id),
    is_reused INTEGER NOT NULL,
    failure TEXT,                 -- JSON, where there is no answer
    PRIMARY KEY (task, tier, item, repeat)
) WITHOUT ROWID;
CREATE INDEX trials_by_answer ON trials (answer);
CREATE TABLE scores (
    task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    tier INTEGER NOT NULL,
    item INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    value REAL NOT NULL,
    is_valid INTEGER NOT NULL,
    reading TEXT,
    explanation TEXT NOT NULL,
    statistics TEXT,              -- JSON array
    PRIMARY KEY (task, tier, item, repeat)
) WITHOUT ROWID;
"""

M002_EFFORT = """
ALTER TABLE answers ADD COLUMN queue_s REAL NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN backoff_s REAL NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE answers ADD COLUMN lost TEXT;             -- JSON: tokens of failed attempts that were billed
ALTER TABLE answers ADD COLUMN unknown_bills INTEGER NOT NULL DEFAULT 0;
"""

M003_JUDGEMENTS = """
CREATE TABLE judgements (
    run INTEGER REFERENCES runs (id) ON DELETE CASCADE,  -- NULL until the command that asked is done
    answer INTEGER NOT NULL REFERENCES answers (id),
    is_new INTEGER NOT NULL,
    cost_usd REAL,                -- as paid by this run; NULL where nobody knows
    UNIQUE (run, answer)
);
CREATE INDEX judgements_by_answer ON judgements (answer);
"""

M004_BILLS = """
ALTER TABLE trials ADD COLUMN bill TEXT;  -- JSON: what the run paid in vain for an answer it has from another
ALTER TABLE judgements ADD COLUMN most_usd REAL;  -- as cost_usd, with unknown bills at the most they can be
CREATE TABLE judge_bills (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    cost_usd REAL,                -- what a judge was paid in vain; NULL where nobody knows
    most_usd REAL NOT NULL        -- the same, with unknown bills at the most they can be
);
"""

MIGRATIONS = (M001_INITIAL, M002_EFFORT, M003_JUDGEMENTS, M004_BILLS)
"""Applied in order; `PRAGMA user_version` counts those that have been."""
