-- Facts that come from outside: what others have said of a checkpoint. They are
-- appended and never changed, like what they vouch for; no heads tell them, so
-- `rebuild` could not bring them back.

CREATE TABLE cosignature ( -- a cosigner's signature line of a checkpoint
  size INTEGER NOT NULL REFERENCES checkpoint, -- which checkpoint
  line TEXT NOT NULL,                          -- the line as it stands in the note, with its newline
  PRIMARY KEY (size, line)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER cosignature_update BEFORE UPDATE ON cosignature
BEGIN SELECT RAISE(ABORT, 'cosignatures are never changed'); END;
CREATE TRIGGER cosignature_delete BEFORE DELETE ON cosignature
BEGIN SELECT RAISE(ABORT, 'cosignatures are never deleted'); END;
