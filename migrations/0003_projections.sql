-- The projections: what the heads add up to, kept so that it need not be added
-- up each time. `loyalty rebuild` empties them and makes equal rows from the
-- facts: no AUTOINCREMENT, no wall time, nothing that depends on the order in
-- which commits were cut. Moments are UTC milliseconds; points are whole units
-- of the currency's scale; 9007199254740991 as a moment means never.

CREATE TABLE tip ( -- where the log ends; one row
  id INTEGER PRIMARY KEY CHECK (id = 0), -- always 0
  size INTEGER NOT NULL,                 -- number of records
  time INTEGER NOT NULL,                 -- the log's clock: time of the last record
  mode INTEGER NOT NULL,                 -- 0 not started, 1 history import, 2 live
  history_open INTEGER NOT NULL,         -- 1 between a history's opening and closing record
  edge TEXT NOT NULL                     -- right edge of the Merkle tree: what appending needs
) STRICT;

CREATE TABLE tile ( -- roots of complete runs of 256 records, for proofs
  n INTEGER PRIMARY KEY, -- covers records 256 n to 256 n + 255
  root BLOB NOT NULL     -- Merkle root over them, 32 bytes
) STRICT;

CREATE TABLE "key" ( -- what must never be done twice: refs and receipt identities
  hash BLOB PRIMARY KEY, -- HMAC under the ledger's secret, first 16 bytes, as in the head
  seq INTEGER NOT NULL   -- first record of the operation that took it
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
  id INTEGER PRIMARY KEY,   -- 60 random bits
  wallet INTEGER NOT NULL,  -- the wallet that holds their lots
  joined INTEGER NOT NULL,  -- business time of enrolment
  last INTEGER NOT NULL     -- seq of the newest record about them
) STRICT;

CREATE TABLE balance ( -- a wallet's points in one currency
  wallet INTEGER NOT NULL,    -- which wallet
  currency TEXT NOT NULL,     -- id of the points currency
  available INTEGER NOT NULL CHECK (available >= 0), -- may be spent
  pending INTEGER NOT NULL CHECK (pending >= 0),     -- earned, not yet available
  reserved INTEGER NOT NULL CHECK (reserved >= 0),   -- held for a redemption
  debt INTEGER NOT NULL CHECK (debt <= 0),           -- owed after a return; later points repay it
  PRIMARY KEY (wallet, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE carry ( -- the fraction of a point that a member keeps for the next purchase
  member INTEGER NOT NULL,      -- whose
  currency TEXT NOT NULL,       -- id of the points currency
  numerator INTEGER NOT NULL CHECK (numerator >= 0), -- of the fraction
  denominator INTEGER NOT NULL,                      -- of the fraction
  PRIMARY KEY (member, currency),
  CHECK (numerator < denominator)
) STRICT, WITHOUT ROWID;

CREATE TABLE lot ( -- points that came together
  id INTEGER PRIMARY KEY,          -- 1024 * seq of the record that made it + index within it
  wallet INTEGER NOT NULL,         -- who holds it
  member INTEGER NOT NULL,         -- who earned it
  currency TEXT NOT NULL,          -- id of the points currency
  amount INTEGER NOT NULL,         -- points it was born with
  left INTEGER NOT NULL CHECK (left BETWEEN 0 AND amount), -- points not yet spent, lapsed or taken back
  available_from INTEGER NOT NULL, -- may be spent from this moment; 0 at once
  expires INTEGER NOT NULL,        -- lapses at this moment
  origin TEXT NOT NULL,            -- 'purchase', 'goodwill', ...
  earned INTEGER NOT NULL          -- business time of the record that made it
) STRICT;
-- Burn order: earliest expiry first, then oldest. The id of a lot, being its
-- rowid, ends every entry of the index already.
CREATE INDEX lot_open ON lot (wallet, currency, expires) WHERE left > 0;

CREATE TABLE returned ( -- what has come back of a purchase
  seq INTEGER PRIMARY KEY, -- record of the purchase
  state TEXT NOT NULL      -- a head's entry of "returned", summed up: what came back, as a whole, by amount or by lines
) STRICT;

CREATE TABLE cancelled ( -- operations that were undone
  seq INTEGER PRIMARY KEY,    -- first record of the operation
  by_seq INTEGER NOT NULL     -- record that undid it
) STRICT;

CREATE TABLE programme ( -- versions of the programme
  version INTEGER PRIMARY KEY, -- from 1
  seq INTEGER NOT NULL,        -- its record; the document is in that body
  starts INTEGER NOT NULL      -- in force from this moment
) STRICT;
