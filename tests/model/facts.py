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

from datetime import date

from terms import NEVER
from things import WALLET, ClaimCode, HouseholdId, MemberId

ORDER = ["seq", "time", "at", "op", "part", "member", "wallet", "prev", "with", "key", "receipt", "bars", "awaits",
         "operator", "programme", "body", "real", "of", "until", "closed", "post", "lots", "dates", "idle", "returned", "carry",
         "count", "level", "measured", "tier", "gave", "paid", "version", "genesis"]


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

    follow_sales(heads, wrong)
    fold = Fold(heads, sorted(checkpoints), wrong)
    compare_tables(fold, tables, wrong)
    if model is not None:
        compare_records(model, heads, comparison, wrong)
        compare_facts(model, bodies, wrong)
        compare_keys(model, heads, secret, wrong)
        compare_codes(model, comparison, secret, wrong)
        compare_wallets(model, comparison, tables["balance"], wrong)
    return problems


def check_note(note, size, root, wrong):
    lines = note.decode().split("\n")
    if lines[1] != str(size):
        wrong(f"checkpoint {size}: its note says {lines[1]}")
    if base64.b64decode(lines[2]) != root:
        wrong(f"checkpoint {size}: the root is not the tree's")


def follow_sales(heads, wrong):
    """Whose a sale is, by heads alone: one member at a time, given only by nobody or by a
    reassign; undone once; nothing happens to it afterwards."""
    holder, undone = {}, set()          # by the number of the purchase; [who, the record that gave it]
    for head in heads:
        seq, op, of = head["seq"], head["op"], head.get("of")
        if op == "purchase":
            holder[seq] = [head.get("member"), seq]
            if "member" not in head and head.get("post"):
                wrong(f"record {seq}: points of a sale without a member")
            if "member" in head and "awaits" in head:
                wrong(f"record {seq}: a sale with a member waits for one")
        if op in ("claim", "reassign"):
            if of not in holder or of in undone:
                wrong(f"record {seq}: a {op} of record {of}, which is no sale, or void")
            elif op == "reassign":
                holder[of] = [None, seq]
            elif holder[of][0] is not None:
                wrong(f"record {seq}: a claim of record {of}, which {holder[of][0]} has")
            else:
                holder[of] = [head.get("member"), seq]
        if op == "void":
            if of in undone:
                wrong(f"record {seq}: record {of} is undone a second time")
            undone.add(of)
            if heads[of]["op"] == "claim":
                if holder[heads[of]["of"]][1] != of:
                    wrong(f"record {seq}: void of claim {of}, and the sale has moved on")
                holder[heads[of]["of"]] = [None, seq]
            elif heads[of]["op"] not in ("purchase", "return", "adjust", "redeem", "capture", "action", "benefit.use"):
                wrong(f"record {seq}: void of a {heads[of]['op']}")
        for sale, *_ in head.get("returned", []):
            if sale in undone or heads[sale]["op"] != "purchase":
                wrong(f"record {seq}: goods of record {sale}, which is no sale, or void")
        paid = head.get("paid")
        if paid and (heads[paid[3]]["op"] not in ("redeem", "capture") or paid[3] != seq - 1):
            wrong(f"record {seq}: paid by record {paid[3]}")


class Fold:
    """Balances and lots by adding up heads, nothing else. A wallet is a member's id,
    or a household's where the head says so."""

    def __init__(self, heads, commits, wrong):
        self.balances, self.lots, self.carry = {}, {}, {}
        self.moved, commits = {}, set(commits)
        for head in heads:
            self.add(head, wrong)
            if head["seq"] + 1 in commits and any(self.moved.values()):
                wrong(f"record {head['seq']}: after its commit `moved` holds {self.moved}")
        for (wallet, currency), balance in self.balances.items():
            lots = [lot for lot in self.lots.values() if lot["wallet"] == wallet and lot["currency"] == currency]
            for account in ("available", "pending", "reserved"):
                total = sum(lot[account] for lot in lots)
                if total != balance[account]:
                    wrong(f"{wallet} {currency}: lots add up to {total} {account}, balance {balance}")

    def add(self, head, wrong):
        seq, wallet = head["seq"], head.get("wallet", head.get("member"))
        for index, (currency, amount, available_from, expires, origin) in enumerate(head.get("lots", [])):
            self.lots[seq, index] = {"wallet": wallet, "currency": currency, "amount": amount, "available": 0,
                                     "pending": 0, "reserved": 0, "available_from": available_from,
                                     "expires": expires or NEVER, "origin": origin}
        for number, index, expires in head.get("dates", []):
            self.lots[number, index]["expires"] = expires or NEVER
        came = {tuple(lot) for _, _, amount, *lot in head.get("post", []) if lot and amount > 0}
        for lot in came & set(self.lots):
            held = self.lots[lot]
            if held["wallet"] != wallet and not (held["available"] or held["pending"] or held["reserved"]):
                held["wallet"] = wallet             # moved here
        touched = set()
        for currency, account, amount, *lot in head.get("post", []):
            if account == "moved":
                self.moved[currency] = self.moved.get(currency, 0) + amount
            if account not in WALLET:
                if lot:
                    wrong(f"record {seq}: {account} names lot {lot}")
                continue
            self.balances.setdefault((wallet, currency), dict.fromkeys(WALLET, 0))[account] += amount
            touched.add(currency)
            if not lot:
                if account != "debt":
                    wrong(f"record {seq}: {account} moves without a lot")
            elif account == "debt":
                wrong(f"record {seq}: debt names lot {lot}")
            elif tuple(lot) not in self.lots:
                wrong(f"record {seq}: posts to lot {lot}, which was never born")
            else:
                held = self.lots[tuple(lot)]
                held[account] += amount
                if held["currency"] != currency or held["wallet"] != wallet:
                    wrong(f"record {seq}: lot {lot} is not of {wallet}, {currency}")
        # After every record, not only at the end.
        for currency in touched:
            now = self.balances[wallet, currency]
            if now["available"] < 0 or now["pending"] < 0 or now["reserved"] < 0 or now["debt"] > 0:
                wrong(f"record {seq}: {currency} stands at {now}")
            if "wallet" not in head and now["debt"] < 0 and (now["available"] > 0 or now["pending"] > 0):
                wrong(f"record {seq}: {currency} has both points and debt: {now}")
        for _, account, _, *lot in head.get("post", []):
            if lot and tuple(lot) in self.lots:
                held = self.lots[tuple(lot)]
                inside = [held[name] for name in ("available", "pending", "reserved")]
                if min(inside) < 0 or sum(inside) > held["amount"] or (inside[0] and inside[1]):
                    wrong(f"record {seq}: lot {lot} holds {held}")
        for currency, numerator, denominator in head.get("carry", []):
            if not 0 <= numerator < denominator or Fraction(numerator, denominator).denominator != denominator:
                wrong(f"record {seq}: carry {numerator}/{denominator} is not a fraction in lowest terms")
            self.carry[head["member"], currency] = Fraction(numerator, denominator)
        if head["op"] == "member.merge" and "carry" not in head and "with" in head and self.is_first(head):
            for key in [key for key in self.carry if key[0] == head["member"]]:
                del self.carry[key]                 # it is the other's now

    def is_first(self, head):
        """Of the two records of a merge: the one of who went."""
        self.merging = None if getattr(self, "merging", None) == head["with"] else head["member"]
        return self.merging is not None


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
        else:
            says = {**held, "left": held["available"] + held["pending"]}
            for name in ("currency", "amount", "left", "reserved", "expires", "origin"):
                if row[name] != says[name] or bool(held["pending"]) > bool(row["available_from"]):
                    wrong(f"table lot: {row}, the heads say {says}")
                    break
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
    for record, head in zip(model.records, in_the_models_order(model, heads, comparison)):
        where = f"record {head['seq']} ({record.op})"
        if head["op"] != record.op:
            wrong(f"{where}: is a {head['op']}")
            return

        def same(name, actual, expected):
            if actual != expected and f"head.{name}" not in comparison.ignore:
                wrong(f"{where}: {name} {actual}, the model says {expected}")

        def actual_id(one):
            return comparison.ids.get(one, "?:?").split(":", 1)[1]

        same("time", head["time"], record.time)
        same("at", head.get("at", head["time"]), record.at)
        if record.op in ("genesis", "programme"):
            continue
        if record.member is not None and record.member in comparison.ids:
            same("member", head.get("member"), actual_id(record.member))
        elif record.member is None and record.caused_by_lowest:
            inside = [comparison.ids[one] for one in map(MemberId, range(len(model.members))) if one in comparison.ids]
            if f"id:{head.get('member')}" not in inside:
                wrong(f"{where}: by {head.get('member')}, whom nobody knows")
        elif record.member is None and record.sweep is None and "member" in head:
            same("member", head["member"], None)
        if record.wallet is None or record.wallet in comparison.ids:
            same("wallet", head.get("wallet"), record.wallet and actual_id(record.wallet))
        if record.with_ is not None and record.with_ in comparison.ids:
            same("with", head.get("with"), actual_id(record.with_))
        if not record.any_programme:
            same("programme", head.get("programme"), record.programme)
        same("posts", sorted(merged(head.get("post", []))),
             sorted(merged([[currency, account, amount, *(lot or ())]
                            for currency, account, amount, lot in record.post])))
        same("lots", head.get("lots", []),
             [[lot.currency, lot.amount, lot.available_from if lot.pending else 0,
               0 if lot.expires == NEVER else lot.expires, lot.origin] for lot in record.lots])
        if record.op in ("purchase", "claim"):
            same("gave", head.get("gave", []), [list(gift) for gift in record.gave])
            same("paid", head.get("paid"), record.paid and list(record.paid))
        same("of", head.get("of"), record.of)
        same("part", head.get("part"), record.part)
        same("until", head.get("until"), record.until)
        same("closed", head.get("closed"), record.closed)
        same("dates", head.get("dates", []),
             [[number, index, 0 if expires == NEVER else expires] for number, index, expires in record.dates])
        same("idle", dict(head.get("idle", [])), record.idle)
        for currency, numerator, denominator in head.get("carry", []):
            same(f"carries {currency}", Fraction(numerator, denominator), record.carry.get(currency))
        same("returned", head.get("returned", []), record.returned)
        same_level(record, head, same)


EPOCH = date(1970, 1, 1)
LIMITED = ("tier:", "entry:", "benefit:", "seats:")


def same_level(record, head, same):
    """What counts for a level, and what became of it."""
    if record.op in ("purchase", "claim"):
        same("level", head.get("level"), record.level_told)
    same("measured", sorted(head.get("measured", [])),
         sorted([key, (day - EPOCH).days, amount] for key, day, amount in record.measured))
    same("count", sorted(one for one in head.get("count", []) if one[1].startswith(LIMITED)),
         sorted(map(list, record.counts)))
    if record.tier is None or "tier" not in head:
        same("tier", head.get("tier"), record.tier)
        return
    level, since, cause, review, graced, climbs, holds = head["tier"]
    standing = record.tier
    same("tier's level", level, record.stands_at)
    same("tier's since", since, standing.since)
    same("tier's cause", cause, standing.cause)
    same("tier's review", review, standing.review or 0)
    same("tier's grace", graced, (standing.graced - EPOCH).days if standing.graced else 0)
    same("tier's holds", holds, [list(hold) for hold in record.holds])
    climb = standing.climbs[-1]
    if climbs:
        same("tier's last climb", [climbs[-1][0], *climbs[-1][3:4]],
             [climb.level, (climb.start - EPOCH).days if climb.start else 0])


def compare_facts(model, bodies, wrong):
    """What the rules read of a return, as its body tells."""
    for record in model.records:
        if record.op not in ("return", "purchase", "claim") or record.seq not in bodies:
            continue
        told = json.loads(bodies[record.seq][1]).get("facts", {})
        if record.op != "return":
            says = {"base": [list(base) for base in record.base], **({"own_card": 1} if record.own_card else {})}
            if told != says:
                wrong(f"body {record.seq}: facts {told}, the model says {says}")
            continue
        refund = record.refund if record.any_paid else None
        for name, says in (("assessed", record.assessed), ("amounts", record.amounts), ("refund", refund)):
            actual = dict(told[name]) if name == "assessed" else told.get(name)
            if actual != says:
                wrong(f"body {record.seq}: {name} {actual}, the model says {says}")


def in_the_models_order(model, heads, comparison):
    """In which order a sweep comes to the wallets is its own business."""
    heads = list(heads)
    for start in {record.sweep for record in model.records if record.sweep is not None}:
        places = [record.seq for record in model.records if record.sweep == start and record.seq < len(heads)]

        def wallet(record):
            one = record.wallet or record.member
            return comparison.ids.get(one, "?:?").split(":", 1)[1], record.at
        order = sorted(places, key=lambda seq: wallet(model.records[seq]))
        swept = sorted((heads[seq] for seq in places),
                       key=lambda head: (head.get("wallet", head.get("member", "")), head.get("at", head["time"])))
        for seq, head in zip(order, swept):
            heads[seq] = head
    return by_member(model, heads, comparison)


def by_member(model, heads, comparison):
    """Of those who share a wallet, whose level moves first at one moment goes by their ids."""
    def whose(record):
        return record.seq < len(heads) and record.of_level and (record.wallet, record.at, record.sweep)

    place = 0
    while place < len(model.records):
        end = place + 1
        while whose(model.records[place]) and end < len(model.records) and \
                whose(model.records[end]) == whose(model.records[place]):
            end += 1
        if end - place > 1:
            ids = [comparison.ids.get(record.member, "?:?").split(":", 1)[1] for record in model.records[place:end]]
            run = sorted(heads[place:end], key=lambda head: ids.index(head["member"]) if head.get("member") in ids else -1)
            heads[place:end] = run
        place = end
    return heads


def compare_keys(model, heads, secret, wrong):
    """Refs and receipt identities, as the head names them."""
    def check_one(seq, member, kind, name):
        keyed = hmac.new(secret, f"{kind}\n{name}".encode(), hashlib.sha256).hexdigest()[:32]
        if seq < len(heads) and heads[seq].get(member) != keyed:
            wrong(f"record {seq}: {member} is {heads[seq].get(member)}, of {name!r} it is {keyed}")

    keyed = {entry.seq for entry in model.keys.values()}
    for name, entry in model.keys.items():
        check_one(model.held[name].seq if name in model.held else entry.seq, "key", "ref", name)
        if entry.answer.get("status") == "tombstone":
            check_one(entry.seq, "bars", "ref", entry.normal["of"])
    for name, entry in model.receipts.items():
        check_one(entry.seq, "receipt", "receipt", name)
    for held in model.held.values():
        check_one(held.seq, "awaits", "receipt", held.identity)
    for purchase in model.purchases.values():
        if purchase.waited_for:
            check_one(purchase.seq, "awaits", *purchase.waited_for.split(":", 1))
        elif purchase.seq < len(heads) and "awaits" in heads[purchase.seq]:
            wrong(f"record {purchase.seq}: waits for somebody")
    for record in model.records:
        if record.operator:
            check_one(record.seq, "operator", "operator", record.operator)
        if record.op == "claim" and "key" in heads[record.seq] and record.seq not in keyed:
            wrong(f"record {record.seq}: a claim that nobody asked for has a key")


def compare_codes(model, comparison, secret, wrong):
    """The claim code follows from the receipt and the secret."""
    for code, actual in comparison.ids.items():
        if isinstance(code, ClaimCode):
            identity = next(one.identity for one in model.purchases.values() if one.code == code)
            digest = hmac.new(secret, f"claim\n{identity}".encode(), hashlib.sha256).digest()
            bits = int.from_bytes(digest[:5], "big")
            says = "".join(CROCKFORD[bits >> shift & 31] for shift in range(35, -1, -5))
            if actual != says:
                wrong(f"the claim code of {identity} is {actual}, and should be {says}")


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number_of(one):
    """The 60 bits of "id:…" or "household:…"."""
    number = 0
    for letter in one.split(":", 1)[1]:
        number = number * 32 + CROCKFORD.index(letter)
    return number


def compare_wallets(model, comparison, table, wrong):
    """Each wallet's rows, and the hint: when something of them becomes due next."""
    rows = {(row["wallet"], row["currency"]): row for row in table}
    for key, wallet in model.wallets.items():
        one = HouseholdId(int(key[1:])) if key[0] == "h" else MemberId(int(key[1:]))
        if one not in comparison.ids:
            continue
        number = number_of(comparison.ids[one])
        for currency in wallet.known:
            row = rows.get((number, currency))
            available, pending, reserved = model.sums(key, currency)
            says = {"available": available, "pending": pending, "reserved": reserved,
                    "debt": -wallet.debt.get(currency, 0), "due": model.next_due(key, currency)}
            if currency in wallet.idle:
                says["idle"] = wallet.idle[currency] or NEVER
            if row is None:
                if any(says[name] for name in WALLET):
                    wrong(f"table balance: {one} {currency} is missing, the model says {says}")
            elif any(row[name] != value for name, value in says.items()):
                wrong(f"table balance: {row}, the model says {says} of {one}")


def merged(postings):
    """One posting for each currency, account and lot."""
    sums = {}
    for currency, account, amount, *lot in postings:
        key = currency, account, tuple(lot)
        sums[key] = sums.get(key, 0) + amount
    return [(*key, amount) for key, amount in sums.items() if amount]
