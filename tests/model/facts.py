"""What must hold in every ledger, read from the facts themselves.

Opens the database read-only and beside the engine, as an auditor would: heads
are plain JSON, the tree is RFC 6962, and everything else follows. The model's
records, where given, are compared with the heads one by one.
"""
import base64
import hashlib
import hmac
import json
import sqlite3
from fractions import Fraction

from model import NEVER

WALLET = ("available", "pending", "reserved", "debt")
ORDER = ["seq", "time", "at", "op", "part", "member", "prev", "key", "receipt", "programme", "body", "real", "of",
         "post", "lots", "returned", "carry", "gave", "version", "genesis"]


class Tree:
    """RFC 6962, section 2.1: a stack of complete subtrees."""

    def __init__(self):
        self.stack = []                     # (leaves, hash), largest first

    def add(self, leaf):
        self.stack.append((1, hashlib.sha256(b"\x00" + leaf).digest()))
        while len(self.stack) > 1 and self.stack[-1][0] == self.stack[-2][0]:
            (count, right), (_, left) = self.stack.pop(), self.stack.pop()
            self.stack.append((2 * count, hashlib.sha256(b"\x01" + left + right).digest()))

    def root(self):
        if not self.stack:
            return hashlib.sha256(b"").digest()
        _, root = self.stack[-1]
        for _, left in reversed(self.stack[:-1]):
            root = hashlib.sha256(b"\x01" + left + root).digest()
        return root


def open_database(path):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)


def as_bytes(value):
    return value.encode() if isinstance(value, str) else bytes(value)


def check(path, model=None, comparison=None):
    """Every invariant that the facts break, in words; [] is what one wants."""
    problems = []
    database = open_database(path)
    try:
        database.execute("BEGIN")
        rows = database.execute("SELECT seq, head FROM record ORDER BY seq").fetchall()
        checkpoints = dict(database.execute("SELECT size, note FROM checkpoint").fetchall())
        bodies = {seq: (as_bytes(salt or b""), as_bytes(body or b""))
                  for seq, salt, body in database.execute("SELECT seq, salt, body FROM body")}
        secret = as_bytes(database.execute("SELECT bytes FROM secret").fetchone()[0])
        tables = read_tables(database)
    finally:
        database.close()

    def wrong(text):
        problems.append(text)

    tree, heads, last_time, keys, receipts, last_of = Tree(), [], 0, {}, {}, {}
    for place, (seq, raw) in enumerate(rows):
        raw = as_bytes(raw)
        head = json.loads(raw)
        heads.append(head)
        tree.add(raw)
        if json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode() != raw:
            wrong(f"record {place}: the head is not in its one spelling")
        if list(head) != [name for name in ORDER if name in head]:
            wrong(f"record {place}: members out of order: {list(head)}")
        if seq != place or head["seq"] != place:
            wrong(f"record {place}: numbered {seq} and {head['seq']}")
        if head["time"] < last_time:
            wrong(f"record {place}: time goes back from {last_time} to {head['time']}")
        last_time = head["time"]
        for name, seen in (("key", keys), ("receipt", receipts)):
            if name in head and "part" not in head:
                if head[name] in seen and head["op"] != "return":
                    wrong(f"record {place}: {name} used before by record {seen[head[name]]}")
                seen.setdefault(head[name], place)
        sums = {}
        for currency, account, amount, *_ in head.get("post", []):
            sums[currency] = sums.get(currency, 0) + amount
        for currency, total in sums.items():
            if total != 0:
                wrong(f"record {place}: postings of {currency} add up to {total}")
        if "member" in head:
            if head.get("prev", -1) != last_of.get(head["member"], -1):
                wrong(f"record {place}: prev is {head.get('prev')}, the member's last record is "
                      f"{last_of.get(head['member'])}")
            last_of[head["member"]] = place
        if "body" in head:
            if place not in bodies:
                wrong(f"record {place}: has a body hash and no body")
            elif hashlib.sha256(b"".join(bodies[place])).hexdigest() != head["body"]:
                wrong(f"record {place}: the body does not have its hash")
        if place + 1 in checkpoints:
            check_note(as_bytes(checkpoints[place + 1]), place + 1, tree.root(), wrong)
    if checkpoints and max(checkpoints) != len(rows):
        wrong(f"the newest checkpoint covers {max(checkpoints)} of {len(rows)} records")
    for size in checkpoints:
        if size > len(rows):
            wrong(f"a checkpoint of {size} records, and there are {len(rows)}")

    fold = Fold(heads, wrong)
    compare_tables(fold, tables, wrong)
    if model is not None:
        compare_records(model, heads, comparison, wrong)
        compare_keys(model, heads, secret, wrong)
    return problems


def check_note(note, size, root, wrong):
    lines = note.decode().split("\n")
    if lines[1] != str(size):
        wrong(f"checkpoint {size}: its note says {lines[1]}")
    if base64.b64decode(lines[2]) != root:
        wrong(f"checkpoint {size}: the root is not the tree's")


class Fold:
    """Balances and lots by adding up heads, nothing else."""

    def __init__(self, heads, wrong):
        self.balances, self.lots, self.carry, self.debts = {}, {}, {}, {}
        for head in heads:
            seq, member = head["seq"], head.get("member")
            for index, (currency, amount, available_from, expires, origin) in enumerate(head.get("lots", [])):
                self.lots[seq, index] = {"member": member, "currency": currency, "amount": amount, "left": 0,
                                         "expires": expires or NEVER, "origin": origin}
            for currency, account, amount, *lot in head.get("post", []):
                if account not in WALLET:
                    continue
                key = member, currency
                self.balances.setdefault(key, dict.fromkeys(WALLET, 0))[account] += amount
                if lot:
                    if tuple(lot) not in self.lots:
                        wrong(f"record {seq}: posts to lot {lot}, which was never born")
                        continue
                    held = self.lots[tuple(lot)]
                    held["left"] += amount
                    if held["currency"] != currency or held["member"] != member:
                        wrong(f"record {seq}: lot {lot} is not of {member}, {currency}")
                elif account != "debt":
                    wrong(f"record {seq}: {account} moves without a lot")
            for currency, numerator, denominator in head.get("carry", []):
                if not 0 <= numerator < denominator or Fraction(numerator, denominator).denominator != denominator:
                    wrong(f"record {seq}: carry {numerator}/{denominator} is not a fraction in lowest terms")
                self.carry[member, currency] = Fraction(numerator, denominator)
            # After every record, not only at the end.
            for currency, account, amount, *lot in head.get("post", []):
                if account in WALLET:
                    now = self.balances[member, currency]
                    if now["available"] < 0 or now["pending"] < 0 or now["reserved"] < 0 or now["debt"] > 0:
                        wrong(f"record {seq}: {currency} stands at {now}")
                    if now["available"] > 0 and now["debt"] < 0:
                        wrong(f"record {seq}: {currency} has both points and debt: {now}")
                if lot and tuple(lot) in self.lots:
                    held = self.lots[tuple(lot)]
                    if not 0 <= held["left"] <= held["amount"]:
                        wrong(f"record {seq}: lot {lot} holds {held['left']} of {held['amount']}")
        for (member, currency), balance in self.balances.items():
            total = sum(lot["left"] for lot in self.lots.values()
                        if lot["member"] == member and lot["currency"] == currency)
            if total != balance["available"] + balance["pending"] + balance["reserved"]:
                wrong(f"{member} {currency}: lots add up to {total}, balance {balance}")


def read_tables(database):
    """The projections, as far as their columns are known by name."""
    tables = {}
    for name in ("lot", "balance", "carry"):
        cursor = database.execute(f"SELECT * FROM {name}")
        columns = [column[0] for column in cursor.description]
        tables[name] = [dict(zip(columns, row)) for row in cursor]
    return tables


def compare_tables(fold, tables, wrong):
    """The projections say the same as the facts."""
    seen = set()
    for row in tables["lot"]:
        key = divmod(row["id"], 1024)
        seen.add(key)
        held = fold.lots.get(key)
        if held is None:
            wrong(f"table lot: {key} is in no head")
        elif (row["currency"], row["amount"], row["left"], row["expires"], row["origin"]) != \
                (held["currency"], held["amount"], held["left"], held["expires"], held["origin"]):
            wrong(f"table lot: {row}, the heads say {held}")
    for key in set(fold.lots) - seen:
        wrong(f"table lot: {key} is missing")
    table = sorted(tuple(row[name] for name in WALLET) for row in tables["balance"]
                   if any(row[name] for name in WALLET))
    facts = sorted(tuple(balance[name] for name in WALLET) for balance in fold.balances.values()
                   if any(balance.values()))
    if table != facts:
        wrong(f"table balance: {table}, the heads say {facts}")
    table = sorted(Fraction(row["numerator"], row["denominator"]) for row in tables["carry"] if row["numerator"])
    facts = sorted(value for value in fold.carry.values() if value)
    if table != facts:
        wrong(f"table carry: {table}, the heads say {facts}")


def compare_records(model, heads, comparison, wrong):
    """Each head against the record that the model wrote."""
    if len(heads) != len(model.records):
        wrong(f"{len(heads)} records, the model has {len(model.records)}")
    for record, head in zip(model.records, heads):
        where = f"record {record.seq} ({record.op})"
        if head["op"] != record.op:
            wrong(f"{where}: is a {head['op']}")
            return
        if head["time"] != record.time:
            wrong(f"{where}: time {head['time']}, the model says {record.time}")
        if record.member is not None:
            known = comparison.ids.get(record.member.number)
            if known is not None and "id:" + head.get("member", "") != known:
                wrong(f"{where}: member {head.get('member')}, the model says {known}")
        if record.op in ("genesis", "programme"):
            continue
        if head.get("programme") != record.programme:
            wrong(f"{where}: programme {head.get('programme')}, the model says {record.programme}")
        post = sorted(merged(head.get("post", [])))
        expected = sorted(merged([[currency, account, amount, *(lot or ())]
                                  for currency, account, amount, lot in record.post]))
        if post != expected:
            wrong(f"{where}: posts {post}, the model says {expected}")
        lots = [[lot[0], lot[1], lot[3], lot[4]] for lot in head.get("lots", [])]
        born = [[lot.currency, lot.amount, 0 if lot.expires == NEVER else lot.expires, lot.origin]
                for lot in record.lots]
        if lots != born:
            wrong(f"{where}: lots {lots}, the model says {born}")
        if record.op == "purchase" and head.get("gave", []) != [list(gift) for gift in record.gave]:
            wrong(f"{where}: gave {head.get('gave')}, the model says {record.gave}")
        if head.get("at", head["time"]) != record.at:
            wrong(f"{where}: at {head.get('at')}, the model says {record.at}")
        if head.get("of") != record.of:
            wrong(f"{where}: of {head.get('of')}, the model says {record.of}")
        for currency, numerator, denominator in head.get("carry", []):
            if record.carry.get(currency) != Fraction(numerator, denominator):
                wrong(f"{where}: carries {numerator}/{denominator} {currency}, the model {record.carry}")
        returned = [[seq, how] if how == "all" else [seq, how, amount] if how == "amount" else
                    [seq, how, [list(line) for line in lines]]
                    for seq, (how, amount, lines) in record.returned.items()]
        if head.get("returned", []) != returned:
            wrong(f"{where}: returned {head.get('returned')}, the model says {returned}")


def compare_keys(model, heads, secret, wrong):
    """Refs and receipt identities, as the head names them."""
    for kind, member, scope in (("ref", "key", model.keys), ("receipt", "receipt", model.receipts)):
        for name, (request, _, seq) in scope.items():
            if kind == "ref" and request.get("ref") != name:
                continue
            keyed = hmac.new(secret, f"{kind}\n{name}".encode(), hashlib.sha256).hexdigest()[:32]
            if seq < len(heads) and heads[seq].get(member) != keyed:
                wrong(f"record {seq}: {member} is {heads[seq].get(member)}, of {name!r} it is {keyed}")


def merged(postings):
    """One posting for each currency, account and lot."""
    sums = {}
    for currency, account, amount, *lot in postings:
        key = currency, account, tuple(lot)
        sums[key] = sums.get(key, 0) + amount
    return [(*key, amount) for key, amount in sums.items() if amount]
