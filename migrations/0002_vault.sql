-- The vault: what a head only names by a hash. Erasable by a recorded act, part
-- of every backup, and not to be had back from the facts.

CREATE TABLE body ( -- what was said in a record; the head holds SHA-256(salt, body)
  seq INTEGER PRIMARY KEY REFERENCES record, -- the record it belongs to
  salt BLOB NOT NULL,                        -- 16 random bytes, so that a short body cannot be guessed
  body TEXT NOT NULL                         -- canonical JSON: the caller's input and the facts read; blanks: erased
) STRICT;

CREATE TABLE identifier ( -- by which a member is found: a card, a phone
  hash BLOB PRIMARY KEY,   -- HMAC of kind and number under the ledger's secret, first 16 bytes
  member INTEGER NOT NULL, -- whose it is: member.id
  kind TEXT NOT NULL,      -- 'card', 'phone', ...
  shown TEXT NOT NULL      -- masked, as a person may see it
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_member ON identifier (member);

CREATE TABLE secret ( -- one row
  id INTEGER PRIMARY KEY CHECK (id = 0), -- always 0
  bytes BLOB NOT NULL                    -- the key of all HMACs in heads and identifiers, 32 bytes
) STRICT;

CREATE TRIGGER body_delete BEFORE DELETE ON body
BEGIN SELECT RAISE(ABORT, 'bodies are never deleted, only erased'); END;
CREATE TRIGGER secret_update BEFORE UPDATE ON secret
BEGIN SELECT RAISE(ABORT, 'the secret is never changed'); END;
CREATE TRIGGER secret_delete BEFORE DELETE ON secret
BEGIN SELECT RAISE(ABORT, 'the secret is never deleted'); END;
