-- The facts: what happened, as it was signed. Rows are only ever appended.
-- Whoever opens the file with another tool meets the triggers below; the engine
-- itself meets an authorizer as well. Neither stops a determined hand: that is
-- what `loyalty verify` is for.

CREATE TABLE migration ( -- which migrations made this schema
  version INTEGER PRIMARY KEY, -- number of the migration; the greatest is PRAGMA user_version
  name TEXT NOT NULL,          -- its file name without number and ending
  sha256 TEXT NOT NULL         -- SHA-256 of its text, hexadecimal, to tell a changed one
) STRICT;

CREATE TABLE record ( -- the log
  seq INTEGER PRIMARY KEY CHECK (seq >= 0), -- position in the log, from 0, without gaps
  head TEXT NOT NULL                        -- one line of JSON; these bytes are the Merkle leaf
) STRICT;

CREATE TABLE checkpoint ( -- a signed statement of the whole log up to a size, one per commit
  size INTEGER PRIMARY KEY CHECK (size > 0), -- how many records it covers
  note TEXT NOT NULL                         -- the signed note, verbatim
) STRICT;

CREATE TRIGGER record_update BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER record_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;
