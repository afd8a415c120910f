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
  closed INTEGER NOT NULL,               -- the first moment that no closed period covers; 0 none is closed
  held INTEGER NOT NULL,                 -- how many returns wait for their purchase, and sales for their member
  edge TEXT NOT NULL                     -- right edge of the Merkle tree: what appending needs
) STRICT;

CREATE TABLE tile ( -- roots of complete runs of records, for proofs: each of 256 of the level below
  level INTEGER NOT NULL, -- 1: runs of 256 records, 2: of 65,536, 3: of 16,777,216, ...
  n INTEGER NOT NULL,     -- which run, from 0: that of level 1 covers records 256 n to 256 n + 255
  root BLOB NOT NULL,     -- Merkle root over them, 32 bytes
  PRIMARY KEY (level, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE "key" ( -- what must never be done twice: refs and receipt identities
  hash BLOB PRIMARY KEY, -- HMAC under the ledger's secret, first 16 bytes, as in the head
  seq INTEGER NOT NULL   -- first record of the operation that took it
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
  id INTEGER PRIMARY KEY,   -- 60 random bits
  wallet INTEGER NOT NULL,  -- the wallet that holds their lots: their own id, or a household
  merged INTEGER NOT NULL,  -- the member that they have become; 0 none
  joined INTEGER NOT NULL,  -- business time of enrolment
  erased INTEGER NOT NULL,  -- seq of the record that erased them; 0 none
  hold INTEGER NOT NULL,    -- nothing about them is erased before this moment; 0 whenever
  last INTEGER NOT NULL     -- seq of the newest record about them
) STRICT;

CREATE TABLE balance ( -- a wallet's points in one currency
  wallet INTEGER NOT NULL,    -- which wallet
  currency TEXT NOT NULL,     -- id of the points currency
  available INTEGER NOT NULL CHECK (available >= 0), -- may be spent
  pending INTEGER NOT NULL CHECK (pending >= 0),     -- earned, not yet available
  reserved INTEGER NOT NULL CHECK (reserved >= 0),   -- held for a redemption
  debt INTEGER NOT NULL CHECK (debt <= 0),           -- owed after a return; later points repay it
  idle INTEGER NOT NULL,                             -- all available points lapse at this moment
  dated INTEGER NOT NULL,                            -- rules in force until this moment have dated its lots
  due INTEGER NOT NULL, -- when something of it is due next: a hint that guides a sweep and decides nothing
  PRIMARY KEY (wallet, currency)
) STRICT, WITHOUT ROWID;
CREATE INDEX balance_due ON balance (due) WHERE due < 9007199254740991;

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
  left INTEGER NOT NULL CHECK (left BETWEEN 0 AND amount), -- not yet spent, lapsed, reserved or taken back
  reserved INTEGER NOT NULL CHECK (reserved BETWEEN 0 AND amount), -- held for redemptions
  available_from INTEGER NOT NULL, -- pending until this moment; 0 available; 9007199254740991 until an operation
  expires INTEGER NOT NULL,        -- lapses at this moment
  origin TEXT NOT NULL,            -- 'purchase', 'goodwill', ...
  earned INTEGER NOT NULL          -- business time of the record that made it
) STRICT;
-- Burn order: earliest expiry first, then oldest. The id of a lot, being its
-- rowid, ends every entry of the index already.
CREATE INDEX lot_open ON lot (wallet, currency, expires) WHERE left > 0 AND available_from = 0;
CREATE INDEX lot_pending ON lot (wallet, currency, available_from) WHERE left > 0 AND available_from <> 0;

CREATE TABLE returned ( -- what has come back of a purchase
  seq INTEGER PRIMARY KEY, -- record of the purchase
  state TEXT NOT NULL      -- a head's entry of "returned", summed up: what came back, as a whole, by amount or by lines
) STRICT;

CREATE TABLE holder ( -- sales that have come to somebody else than their record says
  seq INTEGER PRIMARY KEY, -- record of the purchase
  by_seq INTEGER NOT NULL  -- record that gave it to whom that names; -1 nobody has it now
) STRICT;

CREATE TABLE cancelled ( -- operations that were undone
  seq INTEGER PRIMARY KEY,    -- first record of the operation
  by_seq INTEGER NOT NULL     -- record that undid it
) STRICT;

CREATE TABLE reservation ( -- points held for a redemption
  seq INTEGER PRIMARY KEY,   -- record that reserved them, whose postings name the lots
  wallet INTEGER NOT NULL,   -- whose points they are
  currency TEXT NOT NULL,    -- id of the points currency
  until INTEGER NOT NULL,    -- lapses at this moment
  by_seq INTEGER NOT NULL    -- record that resolved it; -1 while it is open
) STRICT;
CREATE INDEX reservation_open ON reservation (wallet) WHERE by_seq < 0;

CREATE TABLE household ( -- who has ever shared a wallet
  wallet INTEGER NOT NULL, -- the household
  member INTEGER NOT NULL, -- somebody who is or was in it
  active INTEGER NOT NULL, -- 1 while they are
  PRIMARY KEY (wallet, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter ( -- what is limited by period
  owner INTEGER NOT NULL, -- a member; 0 the programme
  name TEXT NOT NULL,     -- what is counted
  bucket TEXT NOT NULL,   -- the day, the month, ...
  value INTEGER NOT NULL, -- how much so far
  PRIMARY KEY (owner, name, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE measure ( -- what counts for tiers, by day and once more by month, so that a year is a few rows
  member INTEGER NOT NULL, -- for whom it counts
  measure TEXT NOT NULL,   -- what is counted: 'spend', 'earned:star', ...
  grain INTEGER NOT NULL,  -- 0 of a day, 1 of a month: there is one where a day of it has a row
  period INTEGER NOT NULL, -- days since 1970, or months since January 1970, of the local calendar
  value INTEGER NOT NULL,  -- how much; of 'days:...' a day has its receipts, a month its days that have any
  PRIMARY KEY (member, measure, grain, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE tier ( -- a member's level as the newest record says that has one
  member INTEGER PRIMARY KEY, -- whose
  level TEXT NOT NULL,        -- id of the level that they have
  since INTEGER NOT NULL,     -- from this moment
  due INTEGER NOT NULL,       -- when time does something to it: its review, the end of a hold
  judged INTEGER NOT NULL,    -- versions in force until this moment have judged it
  state TEXT NOT NULL         -- a head's "tier": how it was reached, what holds it, what is next
) STRICT;
CREATE INDEX tier_due ON tier (due) WHERE due < 9007199254740991;
CREATE INDEX tier_judged ON tier (judged); -- whom a version that judges everybody anew has not judged

CREATE TABLE held ( -- returns that came before their purchase, sales before their member
  seq INTEGER PRIMARY KEY, -- record that holds the return, or of the sale
  awaits BLOB NOT NULL,    -- HMAC of the receipt's identity as the purchase will have it, or of the card or phone
  by_seq INTEGER NOT NULL  -- record that did it or called it off; -1 while it waits
) STRICT;
CREATE INDEX held_waiting ON held (awaits) WHERE by_seq < 0;

CREATE TABLE operator ( -- whose card is an operator's own
  hash BLOB PRIMARY KEY,  -- HMAC of the operator under the ledger's secret, first 16 bytes, as in the head
  member INTEGER NOT NULL -- the member whom the newest link names; 0 nobody any more
) STRICT, WITHOUT ROWID;

CREATE TABLE erased ( -- bodies that are gone, and by which record; ranges never overlap
  first INTEGER PRIMARY KEY, -- from this record ...
  last INTEGER NOT NULL,     -- ... to this one, both
  by_seq INTEGER NOT NULL    -- record that says so
) STRICT;

-- A body is overwritten where it stands, never moved and never taken out: a page
-- that SQLite arranges anew could keep a copy of what was there. Only what a
-- record says is erased, and only by blanks.
CREATE TRIGGER body_update BEFORE UPDATE ON body
WHEN trim(NEW.body) <> '' OR NEW.seq <> OLD.seq
  OR coalesce((SELECT last FROM erased WHERE first <= OLD.seq ORDER BY first DESC LIMIT 1), -1) < OLD.seq
BEGIN SELECT RAISE(ABORT, 'bodies are erased by a record, and not changed'); END;

CREATE TABLE programme ( -- versions of the programme
  version INTEGER PRIMARY KEY, -- from 1
  seq INTEGER NOT NULL,        -- its record; the document is in that body
  starts INTEGER NOT NULL      -- in force from this moment
) STRICT;
