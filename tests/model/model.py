"""What a ledger should answer, worked out the slow way.

This file is the second opinion: it knows SPEC.md and nothing of the engine. It
keeps every purchase it ever saw, counts with Fraction, walks lists, and
recomputes instead of remembering. Whoever makes it fast has missed its point.

One idea to hold: Model.execute(request) returns the answer that the engine
should give to the same JSON object, as far as the model has an opinion. A key
it leaves out is not compared. An operation works on the world as it is and may
refuse at any moment: what it did until then is forgotten, because the world was
copied before (Model.state). A question is an operation that is always forgotten.
Points are whole units of their currency's scale inside, plain numbers outside;
money is whole minor units inside.
"""
import copy
import json
from datetime import date
from fractions import Fraction
from math import floor

from levels import WithLevels
from terms import (ACTIVATE, LIMIT, MINUTE, NEVER, Refusal, add_to_moment, largest_remainder,
                   length, local, money_text, quantity_text, read_moment, read_span, rfc3339,
                   start_of_day, to_units, totals)
from things import (WALLET, Adjusted, Burn, Entry, Held, HouseholdId, Lot, Member, MemberId, Purchase, Record,
                    Reservation, Returned, Wallet, burn_order, pending_order, remainder, total)
from tiers import Version
from till import AtTheTill

# The fields that make up what a caller asked for, in the order in which a
# difference is looked for.
COMPARED = ["ref", "of", "member", "identifiers", "receipt", "store", "till", "at", "amount",
            "lines", "all", "unmatched", "points", "points_of", "operator", "entry", "reason",
            "text", "from", "programme", "to", "into", "household", "capture", "timeout", "origin", "period",
            "discount", "tenders", "rounding", "coupons", "proof", "approved_by", "no_receipt", "code", "date",
            "count", "sum", "until", "release", "level", "action", "benefit"]

QUESTIONS = ("quote", "show", "member.show", "operator.show", "household.show", "history", "lookup")


# --- The ledger -------------------------------------------------------------------

class Model(AtTheTill, WithLevels):
    def __init__(self, document):
        self.document = document
        self.programmes = [Version(document, 1, 0)]
        self.records = [Record(0, 0, "genesis"), Record(1, 0, "programme")]
        self.members, self.wallets = [], {}     # wallets by "m3" or "h1"
        self.households = {}        # number: the members' numbers, in order of entry
        self.lots = {}              # (seq, index): Lot
        self.reservations = {}      # seq: Reservation
        self.identifiers = {}       # "card:…": member's number
        self.keys = {}              # ref: Entry
        self.receipts = {}          # receipt identity: Entry
        self.barred = set()         # refs that must not come any more
        self.purchases = {}         # seq: Purchase
        self.burns = {}             # seq of a redeem or capture: Burn
        self.held = {}              # ref: Held
        self.cancelled = set()
        self.returns = {}           # seq of a return: Returned
        self.adjusts = {}           # seq: Adjusted
        self.voided = set()         # numbers of records that were undone by `void`
        self.operators = {}         # operator: the number of the member who they are
        self.counters = {}
        self.closed = None          # (last month that is closed, first moment that is not)
        self.journal = []           # (time, request) of all that added records: the past
        self.ways = []              # by which levels came to be held (levels.py)
        self.now = 0
        self.live = False           # before the first live operation the log's clock stands at 0

    def state(self):
        """A copy of all that operations change. What is in it is replaced, never
        changed, but for members and wallets, which are cloned."""
        return {"programmes": list(self.programmes), "records": list(self.records),
                "members": [member.clone() for member in self.members],
                "wallets": {key: wallet.clone() for key, wallet in self.wallets.items()},
                "households": {number: list(inside) for number, inside in self.households.items()},
                "lots": dict(self.lots), "reservations": dict(self.reservations),
                "identifiers": dict(self.identifiers), "keys": dict(self.keys),
                "receipts": dict(self.receipts), "barred": set(self.barred),
                "purchases": dict(self.purchases), "burns": dict(self.burns), "held": dict(self.held),
                "cancelled": set(self.cancelled), "counters": dict(self.counters), "closed": self.closed,
                "returns": dict(self.returns), "adjusts": dict(self.adjusts), "voided": set(self.voided),
                "operators": dict(self.operators), "ways": list(self.ways),
                "journal": list(self.journal), "live": self.live}

    def dream(self):
        """Another world, like this one, in which things can happen for nothing."""
        world = copy.copy(self)
        world.__dict__.update(self.state())
        return world

    # -- the entrance

    def execute(self, request):
        self.now = max(self.records[-1].time,
                       read_moment(request["now"], None) if "now" in request else 0)
        before, count = self.state(), len(self.records)
        asked = request
        try:
            request = self.dialled(request)
            for name in ("amount", "discount", "sum"):  # read before anything is looked at
                if name in request:
                    to_units(request[name], self.in_force().digits)
            answer = getattr(self, "do_" + request["op"].replace(".", "_"))(request)
            self.check()
            answer = {"ok": True, **answer}
        except Refusal as refusal:
            self.__dict__.update(before)
            error = {"code": refusal.code}
            if refusal.field:
                error["field"] = refusal.field
            if refusal.entry:
                error["entry"] = refusal.entry
            answer = {"ok": False, "error": error}
        if request["op"] in QUESTIONS:
            self.__dict__.update(before)
        elif len(self.records) > count:
            self.journal.append((self.records[-1].time, asked))
        if "id" in request:
            answer["id"] = request["id"]
        return answer

    def check(self):
        """Invariants; what is too large for the ledger is refused."""
        sums = {}
        for lot in self.lots.values():
            assert 0 <= lot.left and 0 <= lot.reserved and lot.left + lot.reserved <= lot.amount, lot
            if lot.left or lot.reserved:
                place = lot.wallet, lot.currency
                available, pending, reserved = sums.get(place, (0, 0, 0))
                sums[place] = (available + (0 if lot.pending else lot.left),
                               pending + (lot.left if lot.pending else 0), reserved + lot.reserved)
        held = {}
        for reservation in self.reservations.values():
            if reservation.state == "open":
                for name, amount in reservation.parts:
                    held[name] = held.get(name, 0) + amount
        assert all(lot.reserved == held.get(lot.key(), 0) for lot in self.lots.values())
        for (wallet, currency), amounts in sums.items():
            if max(amounts) > LIMIT:
                raise Refusal("overflow")
            if wallet[0] == "m" and self.wallets[wallet].debt.get(currency, 0) > 0:
                assert amounts[0] == amounts[1] == 0, (wallet, currency, amounts)
        if any(debt > LIMIT for wallet in self.wallets.values() for debt in wallet.debt.values()):
            raise Refusal("overflow")

    def past(self, moment):
        """The ledger as it knew itself then."""
        world = Model(self.document)
        for time, request in self.journal:
            if time <= moment:
                world.execute(request)
        return world

    # -- common ground

    def programme_at(self, at):
        chosen = self.programmes[0]
        for programme in self.programmes[1:]:
            if programme.start <= at:
                chosen = programme
        return chosen

    def in_force(self):
        return self.programme_at(self.now)

    def resolve(self, number):
        """Whom a member's number means, after merges."""
        while self.members[number].merged is not None:
            number = self.members[number].merged
        return number

    def find(self, name):
        if name.startswith("id:#") and int(name[4:]) < len(self.members):
            return self.members[self.resolve(int(name[4:]))]
        if name in self.identifiers:
            return self.members[self.identifiers[name]]
        bare = [who for which, who in self.identifiers.items() if which.split(":", 1)[1] == name]
        if len(bare) == 1:
            return self.members[bare[0]]
        if len(bare) > 1:
            raise Refusal("ambiguous_member")
        raise Refusal("unknown_member")

    def wallet_of(self, member):
        return f"m{member.number}" if member.household is None else f"h{member.household}"

    def wallet_id(self, key):
        return HouseholdId(int(key[1:])) if key[0] == "h" else None

    def normal(self, request):
        """What was asked, in one spelling."""
        programme = self.in_force()
        normal = {}
        for field in COMPARED:
            if field not in request or field in ("discount", "rounding") and Fraction(request[field]) == 0:
                continue
            value = request[field]
            if field in ("member", "to", "into"):
                try:
                    value = self.find(value).number
                except Refusal:
                    pass
            elif field in ("at", "from"):
                value = read_moment(value, programme.zone)
            elif field in ("amount", "discount", "rounding", "sum"):
                value = to_units(value, programme.digits)
            elif field == "tenders":
                value = self.tendered(request, programme)
            elif field == "points":
                value = Fraction(str(value))
            elif field == "lines":
                value = [self.normal_line(line, request["op"], programme) for line in value]
            elif field == "programme":
                value = json.dumps(json.loads(value), ensure_ascii=False)
            normal[field] = value
        return normal

    def normal_line(self, line, op, programme):
        if isinstance(line, list):
            line = dict(zip(["sku", "category", "quantity", "amount", "discount", "tax"], line))
        out = {}
        for name, value in line.items():
            if name == "quantity":
                value = to_units(value, 6)
            elif name in ("amount", "discount", "tax"):
                value = to_units(value, programme.digits)
            if value not in ("", 0):
                out[name] = value
        return out

    def known(self, request, scope=None, key=None):
        """The recorded answer of a known key; a refusal where it asks something else,
        or where the key must not come any more."""
        if scope is None:
            scope, key = self.keys, request.get("ref")
        if key is None:
            return None
        if key not in scope:
            if scope is self.keys and key in self.barred:
                raise Refusal("cancelled_before")
            return None
        entry = scope[key]
        if entry.op != request["op"].replace("quote", "purchase"):
            raise Refusal("key_reused")
        asked = self.normal(request)
        last = [field for field in ("member", "to", "into")
                if isinstance(asked.get(field), str) and isinstance(entry.normal.get(field), int)]
        # nobody to compare with, unless all else is the same
        if entry.op == "purchase" and isinstance(entry.normal.get("member"), str) and "member" in request:
            asked["member"] = request["member"]          # nobody had it then: the same card or phone is meant
        for field in [field for field in COMPARED if field not in last] + last:
            was = entry.normal.get(field)
            if field in ("member", "to", "into") and isinstance(was, int):
                was = self.resolve(was)
            if was != asked.get(field):
                raise Refusal("key_reused", field)
        return self.again(entry)

    def again(self, entry):
        answer = copy.deepcopy(entry.answer)
        answer["duplicate"] = True
        answer.pop("enrolled", None)
        answer.pop("granted", None)
        if "tier" in answer and entry.whose is not None:    # that of now, with what its record changed
            answer["tier"] = self.tier_now(self.members[self.resolve(entry.whose)], entry.answer["tier"] or {})
        if entry.op == "benefit.use":
            answer.update(self.room_now(entry))
        for dated in [*answer.get("lots", []), *answer.get("paid", {}).get("lots", []), *answer.get("earned", []),
                      *answer.get("activated", [])]:
            dated.pop("expires")    # a new rule may have dated it since, or the member been active
        reservation = self.reservations.get(answer["of"] if entry.op == "reserve.extend" else entry.seq)
        if reservation is not None:
            answer["until"] = rfc3339(reservation.until)
            answer["status"] = self.state_of(reservation)
        if "held" in answer:        # what was done, and what goes on waiting
            answer["held"] = [told for told in answer["held"]
                              if told.get("status") != "held" or self.held[told["ref"]].state != "cancelled"]
            if not answer["held"]:
                del answer["held"]
        self.tell_what_became_of_it(entry, answer)
        if entry.whose is not None:
            answer["balances"] = self.balances(self.wallet_of(self.members[self.resolve(entry.whose)]))
        return answer

    def remember(self, request, seq, answer, identity=None, key=None, whose=None):
        ref = key or request.get("ref")
        if "balances" in answer and whose is None:
            whose = answer["member"].number
        entry = Entry(self.normal(request), request["op"], answer, seq, whose, ref)
        if ref is not None:
            self.keys[ref] = entry
        if identity is not None:
            self.receipts[identity] = entry

    def business_time(self, request, programme):
        return read_moment(request["at"], programme.zone) if "at" in request else self.now

    def refuse_odd_times(self, request, at):
        if at > self.now + 5 * MINUTE:
            raise Refusal("in_future")
        programme = self.in_force()      # lateness goes by today's rule
        if request.get("operator") not in programme.late_operators:
            if add_to_moment(at, programme.late, programme.zone) < self.now:
                raise Refusal("too_late")
        if self.closed and programme.late_in_closed == "refuse" and at < self.closed[1]:
            raise Refusal("period_closed")

    def record(self, op, member=None, programme=None, at=None, wallet=None, part=None):
        """`wallet` only where it is not the one that the member has now."""
        self.live = self.live or op != "programme"
        if wallet is None and member is not None:
            wallet = self.wallet_of(member)
        record = Record(len(self.records), self.now if self.live else 0, op,
                        None if member is None else MemberId(member.number), programme, at,
                        None if wallet is None else self.wallet_id(wallet))
        record.key, record.part = wallet, part
        self.records.append(record)
        return record

    def common(self, op, record, member):
        answer = {"op": op, "seq": record.seq, "time": rfc3339(record.time), "duplicate": False}
        if member is not None:
            answer["member"] = MemberId(member.number)
            answer["balances"] = self.balances(self.wallet_of(member))
        return answer

    def balances(self, key):
        """As they stand now, whether or not anybody recorded what lapsed."""
        world = self.dream()
        world.advance(key, None)
        out = {}
        programme = world.programmes[-1]
        for currency in programme.points:
            available, pending, reserved = world.sums(key, currency)
            available -= world.wallets[key].debt.get(currency, 0)
            out[currency] = {"available": programme.plain(currency, available),
                             "pending": programme.plain(currency, pending),
                             "reserved": programme.plain(currency, reserved)}
        return out

    # -- wallets

    def change(self, name, **what):
        self.lots[name] = self.lots[name]._replace(**what)

    def inside(self, key, currency=None):
        """All lots of a wallet, by number."""
        return [lot for lot in self.lots.values()
                if lot.wallet == key and (currency is None or lot.currency == currency)]

    def sums(self, key, currency):
        lots = self.inside(key, currency)
        return (sum(lot.left for lot in lots if not lot.pending),
                sum(lot.left for lot in lots if lot.pending), sum(lot.reserved for lot in lots))

    def available_lots(self, key, currency):
        return sorted((lot for lot in self.inside(key, currency) if lot.left > 0 and not lot.pending),
                      key=burn_order)

    def pending_lots(self, key, currency):
        return sorted((lot for lot in self.inside(key, currency) if lot.left > 0 and lot.pending),
                      key=pending_order)

    def takeable(self, key, currency):
        """Available ones in burn order, then pending ones in theirs."""
        return self.available_lots(key, currency) + self.pending_lots(key, currency)

    def spendable(self, key, currency):
        """What can be spent of an advanced wallet."""
        return self.sums(key, currency)[0] - self.wallets[key].debt.get(currency, 0)

    def spendable_now(self, member, currency):
        """For the generator: the same, whether or not the wallet is advanced."""
        world = self.dream()
        world.advance(world.wallet_of(member), None)
        return world.spendable(world.wallet_of(member), currency)

    def lapses_at(self, lot):
        """When what is available of a lot lapses."""
        return min(lot.expires, self.wallets[lot.wallet].idle.get(lot.currency) or NEVER)

    def gone(self, lot):
        """When what is left of a lot is gone, if nothing happens until then."""
        if lot.pending:
            return lot.expires if lot.available_from == ACTIVATE else max(self.lapses_at(lot), lot.available_from)
        return self.lapses_at(lot)

    def next_due(self, key, currency=None):
        """The moment at which something of the wallet becomes due next, or NEVER; but
        for new rules."""
        moments = [NEVER]
        for lot in self.inside(key, currency):
            if lot.left > 0 and lot.pending and lot.available_from != ACTIVATE:
                moments.append(lot.available_from)
            if lot.left > 0 and not lot.pending:
                moments.append(self.lapses_at(lot))
        moments += [reservation.until for reservation in self.reservations.values()
                    if reservation.wallet == key and reservation.state == "open"
                    and currency in (None, reservation.currency)]
        return min(moments)

    def advance(self, key, cause):
        """What is due, moment by moment; how many records."""
        count = len(self.records)
        while True:
            moment = self.next_due(key)
            rule = self.next_rule(key)
            if rule is not None and rule.start <= moment and (self.levels_due(key) or NEVER) >= rule.start:
                moment = rule.start
                self.redate(key, cause, rule)
            level_due = self.levels_due(key)
            moment = moment if level_due is None else min(moment, level_due)
            if moment > self.now:
                break
            self.ripen(key, cause, moment)
            for reservation in list(self.reservations.values()):
                if reservation.wallet == key and reservation.state == "open" and reservation.until <= moment:
                    record = self.record("elapse", cause, at=moment, wallet=key)
                    record.of = reservation.seq
                    self.resolve_reservation(record, reservation, 0, "lapsed", moment)
                    record.check()
            self.move_levels(key, moment)
            self.lapse(key, cause, moment)
        self.wallets[key].dated = self.in_force().number
        for member in self.who_shares(key):
            member.judged = self.in_force().number
        return len(self.records) - count

    def currencies(self, key):
        return sorted({lot.currency for lot in self.inside(key)}, key=str.encode)

    def next_rule(self, key):
        """The next version whose rule dates lots that are here; None."""
        for version in self.programmes[self.wallets[key].dated:]:
            if version.start <= self.now and any(self.met_by(key, version)):
                return version
        return None

    def met_by(self, key, version):
        """[currency] that has lots for the version to date."""
        return [currency for currency in self.currencies(key) if version.redates(currency)
                and any(lot.left or lot.reserved for lot in self.inside(key, currency))]

    def redate(self, key, cause, version):
        """Points earned before get the dates that this version's rule gives."""
        for currency in self.met_by(key, version):
            record = self.record("elapse", cause, version.number, version.start, key)
            lots = self.takeable(key, currency)
            for reservation in self.reservations.values():
                if reservation.wallet == key and reservation.state == "open":
                    held = [self.lots[name] for name, _ in reservation.parts]
                    lots += [lot for lot in held if lot.currency == currency and lot not in lots]
            for lot in lots:
                expires = NEVER
                if not lot.pending or lot.available_from != ACTIVATE:
                    expires = max(version.expiry_of_purchase(currency, lot.earned), lot.available_from if lot.pending else 0)
                record.dates.append([*lot.key(), expires])
                self.change(lot.key(), expires=expires)
        self.wallets[key].dated = version.number

    def ripen(self, key, cause, moment):
        record = None
        for currency in self.currencies(key):
            for lot in sorted(self.pending_lots(key, currency), key=Lot.key):
                if lot.available_from != ACTIVATE and lot.available_from <= moment:
                    record = record or self.record("elapse", cause, at=moment, wallet=key)
                    record.posting(currency, "pending", -lot.left, lot.key())
                    record.posting(currency, "available", lot.left, lot.key())
                    self.change(lot.key(), pending=False)

    def lapse(self, key, cause, moment):
        record = None
        for currency in self.currencies(key):
            for lot in self.available_lots(key, currency):
                if self.lapses_at(lot) <= moment:
                    record = record or self.record("elapse", cause, at=moment, wallet=key)
                    self.expire(record, lot.key())

    def expire(self, record, name):
        """What is left of a lot, pending or available."""
        lot = self.lots[name]
        record.posting(lot.currency, "pending" if lot.pending else "available", -lot.left, name)
        record.posting(lot.currency, "expired", lot.left)
        self.change(name, left=0)

    def active(self, record, programme, currencies, moment):
        """Something happened at this moment: `idle` moves forward, never back; without
        such a rule the date goes."""
        wallet = self.wallets[record.key]
        for currency in currencies:
            idle, old = programme.inactive(currency, moment), wallet.idle.get(currency, 0)
            if idle is None and old:
                wallet.idle[currency] = record.idle[currency] = 0
            elif idle is not None and idle > old:
                wallet.idle[currency] = record.idle[currency] = idle

    def there(self, key):
        """The currencies of which a wallet has points: what a purchase or a redemption
        counts for."""
        return [currency for currency in self.currencies(key) if any(self.sums(key, currency))]

    # -- what moves points

    def settle(self, record, currency, amount):
        """Points come in: how many of them a debt takes."""
        wallet = self.wallets[record.key]
        wallet.known.add(currency)
        settled = min(wallet.debt.get(currency, 0), amount)
        wallet.debt[currency] = wallet.debt.get(currency, 0) - settled
        record.posting(currency, "debt", settled)
        return settled

    def owe(self, record, currency, amount):
        wallet = self.wallets[record.key]
        wallet.known.add(currency)
        wallet.debt[currency] = wallet.debt.get(currency, 0) + amount
        record.posting(currency, "debt", -amount)

    def give(self, record, programme, currency, amount, expires, origin, account, available_from=None, grant=None):
        """Points flow in: debt first, the rest becomes a lot, which may be born
        lapsed. Returns what settled debt."""
        if amount == 0:
            return 0
        record.posting(currency, account, -amount)
        settled = self.settle(record, currency, amount)
        amount -= settled
        if amount > 0:
            pending = available_from is not None
            self.bear(record, Lot(record.seq, len(record.lots), currency, amount, amount, 0, pending,
                                  available_from or 0, expires, origin, record.at,
                                  record.member.number, programme.number, record.key, grant))
        return settled

    def bear(self, record, lot):
        record.lots.append(lot)
        self.lots[lot.key()] = lot
        record.posting(lot.currency, "pending" if lot.pending else "available", lot.left, lot.key())
        if not lot.pending and self.lapses_at(lot) <= record.time:
            self.expire(record, lot.key())

    def burn(self, record, currency, amount, lots):
        """Take up to `amount` from these lots in turn: [(lot, part)]"""
        parts = []
        for lot in lots:
            lot = self.lots[lot.key()]
            part = min(lot.left, amount - total(parts))
            if part > 0:
                parts.append((lot.key(), part))
                self.change(lot.key(), left=lot.left - part)
                record.posting(currency, "pending" if lot.pending else "available", -part, lot.key())
        return parts

    def give_back(self, record, currency, name, amount, moment):
        """Points that were burnt or reserved return to their lot, unless it has lapsed.
        The caller posts where they come from. Returns (restored, lapsed)."""
        self.bring_home(record, name)
        lot = self.lots[name]
        pending = lot.pending and (lot.available_from == ACTIVATE or lot.available_from > moment)
        if not pending and self.lapses_at(lot._replace(wallet=record.key)) <= moment:
            record.posting(currency, "expired", amount)
            return 0, amount
        rest = amount - self.settle(record, currency, amount)
        if lot.wallet != record.key:        # another's by now: points with the same date
            if rest:
                self.bear(record, lot._replace(seq=record.seq, index=len(record.lots), amount=rest, left=rest,
                                               reserved=0, pending=pending,
                                               available_from=lot.available_from if pending else 0, earned=record.at,
                                               earner=record.member.number, wallet=record.key))
            return amount, 0
        self.change(name, left=lot.left + rest, pending=pending)
        record.posting(currency, "pending" if pending else "available", rest, name)
        return amount, 0

    def bring_home(self, record, name):
        """A lot of which nothing is left follows the member who took from it."""
        lot = self.lots[name]
        if lot.wallet != record.key and lot.left == lot.reserved == 0:
            self.change(name, wallet=record.key, earner=record.member.number)

    def dating(self, programme, currency):
        """Whose rule dates points that are born now: a newer one, if it is for points
        earned before, too."""
        return next((version for version in reversed(self.programmes[programme.number:])
                     if version.start <= self.now and version.redates(currency)), programme)

    def shown(self, parts, currency):
        """Lots as answers list them."""
        plain = self.programmes[-1].plain
        return [{"lot": self.lots[name].name(), "points": currency, "amount": plain(currency, part),
                 "expires": rfc3339(self.gone(self.lots[name]))} for name, part in parts]

    def points(self, currency, amount):
        return {"points": currency, "amount": self.programmes[-1].plain(currency, amount)}

    # -- members

    def do_member_add(self, request):
        answer = self.known_member(request, None)
        if answer:
            return answer
        if any(name in self.identifiers for name in request["identifiers"]):
            raise Refusal("identifier_taken")
        member, record, claimed = self.enrol(request["identifiers"])
        return self.member_answer(request, record, member, claimed)

    def known_member(self, request, member):
        """A ref that is known; or, without one, identifiers that are all linked
        already: then the newest record that linked just these, else the adding one."""
        if "ref" in request:
            return self.known(request)
        holders = {self.identifiers.get(name) for name in request["identifiers"]}
        if len(holders) != 1 or None in holders or (member is not None and holders != {member.number}):
            return None
        holder = holders.pop()
        own = [record for record in self.records
               if record.member is not None and self.resolve(record.member.number) == holder]
        named = [record for record in own if record.names == request["identifiers"]]
        same = [record for record in named if record.op == request["op"]] or \
            [record for record in named if record.op == "member.add"] or \
            [record for record in own if record.op == "member.add" and record.member.number == holder]
        return {"op": same[-1].op, "seq": same[-1].seq, "duplicate": True, "member": same[-1].member}

    def member_answer(self, request, record, member, claimed=()):
        answer = {"op": record.op, "seq": record.seq, "duplicate": False, "member": MemberId(member.number)}
        if claimed:
            answer["claimed"] = claimed
        if "ref" in request:
            self.remember(request, record.seq, answer)
        return answer

    def enrol(self, names_):
        """(the new member, the record, what had waited for these names)"""
        member = Member(len(self.members), self.now, self.in_force().number)
        self.members.append(member)
        self.wallets[f"m{member.number}"] = Wallet(self.in_force().number)
        for name in names_:
            self.identifiers[name] = member.number
        record = self.record("member.add", member)
        record.names = names_
        claimed = self.claim_waiting(names_, member)
        return self.members[member.number], record, claimed     # what is refused puts a copy in its place

    def do_member_link(self, request):
        answer = self.known_member(request, None) if "ref" in request else None
        if answer:
            return answer
        member = self.find(request["member"])
        answer = self.known_member(request, member) if "ref" not in request else None
        if answer:
            return answer
        if any(name in self.identifiers for name in request["identifiers"]):
            raise Refusal("identifier_taken")
        record = self.record("member.link", member)
        record.names = request["identifiers"]
        for name in request["identifiers"]:
            self.identifiers[name] = member.number
        return self.member_answer(request, record, member, self.claim_waiting(request["identifiers"], member))

    def do_member_unlink(self, request):
        answer = self.known(request)
        if answer:
            return answer
        member = self.find(request["member"])
        if any(self.identifiers.get(name) != member.number for name in request["identifiers"]):
            raise Refusal("unknown_member")
        record = self.record("member.unlink", member)
        for name in request["identifiers"]:
            del self.identifiers[name]
        return self.member_answer(request, record, member)

    # -- purchases

    def basket(self, request, programme):
        """(amount, lines); a receipt without lines is one line without a name."""
        amount = to_units(request["amount"], programme.digits)
        discount = to_units(request.get("discount", 0), programme.digits)
        if "lines" not in request:
            return amount, [{"sku": "", "category": "", "quantity": 10 ** 6, "amount": amount,
                             "discount": discount, "tax": 0, "paid": 0, "excluded": 0}]
        lines = []
        for line in request["lines"]:
            line = self.normal_line(line, "purchase", programme)
            lines.append({"sku": line.get("sku", ""), "category": line.get("category", ""),
                          "quantity": line.get("quantity", 10 ** 6), "amount": line.get("amount", 0),
                          "discount": line.get("discount", 0), "tax": line.get("tax", 0), "paid": 0, "excluded": 0})
        whole = sum(line["amount"] for line in lines)
        if whole - discount != amount:
            raise Refusal("lines_mismatch")
        for line, share in zip(lines, largest_remainder(discount, [line["amount"] for line in lines])):
            line["discounted"] = discount > 0
            if share:
                line["tax"] -= line["tax"] * share // line["amount"]
                line["amount"] -= share
                line["discount"] += share
        return amount, lines

    def do_purchase(self, request):
        if "points_of" in request or ("points" in request and "capture" not in request):
            self.points_of({"points": 0, **request})
        at = self.business_time(request, self.in_force())
        programme = self.programme_at(at)
        identity = None
        if "receipt" in request:
            identity = programme.identity(request, at)
        if "ref" in request:
            answer = self.known(request)
            if answer:
                return answer
            if identity in self.receipts:
                raise Refusal("receipt_exists")
        elif identity is not None:
            answer = self.known(request, self.receipts, identity)
            if answer:
                return answer
        amount, lines = self.basket(request, programme)
        member, enrolled, awaits = self.buyer(request)
        self.refuse_odd_times(request, at)
        if enrolled:
            member, _, _ = self.enrol([request["member"]])
        key = paid = None
        own_card = self.own_card(request, member)
        if member is not None:
            key = self.wallet_of(member)
            self.advance(key, member)
            paid = self.pay(request, programme, member, amount, lines)
        self.exclude(request, programme, amount, lines, paid[2] if paid else 0)

        record = self.record("purchase", member, programme.number, at)
        record.own_card = own_card
        purchase = Purchase(record.seq, None if member is None else member.number, identity, at, programme, amount,
                            lines, "lines" in request)
        answer = {"amount": money_text(amount, programme.digits), "at": rfc3339(at), "programme": programme.number}
        if member is None:
            record.base = programme.looked_at(lines)
            answer.update(self.sold_to_nobody(purchase, awaits))
        else:
            answer["enrolled"] = enrolled
            answer["earned"], answer["repaid"] = self.earn(record, member, programme, lines, at)
            purchase.level = record.level
        record.check()
        answer.update(self.told_of_level(record, member))
        if paid:
            purchase.paid, told, record.paid = paid[:4], paid[4], (*paid[:3], paid[5])
            told["lots"] = self.shown(paid[3], paid[0])     # this purchase may have moved their days
            answer["paid"] = told
        self.purchases[record.seq] = purchase
        if identity is not None:
            answer["receipt"] = identity
            self.remember(request, record.seq, answer, identity=identity, whose=purchase.member)
            held = self.carry_out_held(identity)
            if held:
                answer["held"] = held
                del answer["tier"], answer["granted"]       # of before or after them: not said
        answer.update(self.common("purchase", record, member))
        self.leave_out_what_is_idle(record, answer)
        if member is None:
            answer["member"] = None
        again = dict(answer)        # why one was refused is not recorded
        if "held" in again:
            again["held"] = [{name: told[name] for name in told if name != "code"} for told in again["held"]]
        self.remember(request, record.seq, again, identity=identity, whose=purchase.member)
        return answer

    def earn(self, record, member, programme, lines, at):
        """What these lines give a member, as part of this record: (earned, repaid)."""
        key, wallet = record.key, self.wallets[record.key]
        there, left = self.there(key), sum(line["amount"] for line in lines)
        record.level = self.level_for(member, programme, lines, at, left)
        record.level_told = record.level if programme.tiers and programme.tiers.number(record.level) else None
        record.base = programme.looked_at(lines, record.level)
        gifts, member.carried = self.gifts(member, programme, lines, record.level)
        earned, repaid, sums = [], {}, {}
        for rule, currency, points in gifts:
            record.gave.append((rule, currency, points))
            sums[currency] = sums.get(currency, 0) + points
            earned.append({"points": currency, "amount": programme.plain(currency, points), "rule": rule})
        self.active(record, programme, there, at)
        for currency in programme.points:
            gained = sums.get(currency, 0)
            available_from = programme.available_from(currency, at)
            if available_from is not None and ACTIVATE != available_from <= self.now:
                available_from = None
            expires = NEVER
            if available_from != ACTIVATE:
                rule = self.dating(programme, currency)
                expires = max(rule.expiry_of_purchase(currency, at), available_from or 0)
            active = at
            if available_from not in (None, ACTIVATE) and gained > wallet.debt.get(currency, 0):
                active = max(at, available_from)
            if gained:
                self.active(record, programme, [currency], active)
            settled = self.give(record, programme, currency, gained, expires, "purchase", "issued",
                                available_from)
            if settled:
                repaid[currency] = programme.plain(currency, settled)
        self.count(record, member, programme.counts(at, lines, left, sums))
        for currency, settled in record.repaid.items():
            if settled:
                repaid[currency] = repaid.get(currency, 0) + self.in_force().plain(currency, settled)
        self.date(earned, record)
        record.carry = {currency: exact % 1 for currency, exact in member.carried.items()}
        return earned, repaid

    def gifts(self, member, programme, lines, level):
        """([(rule, currency, points)], what the member has then carried)"""
        gifts, carried = [], dict(member.carried)
        for rule, currency, points, exact in programme.worth(lines, level):
            if exact is not None:
                before = carried.get(currency, Fraction(0))
                carried[currency] = before + exact
                points = floor(carried[currency]) - floor(before)
            gifts.append((rule, currency, points))
        return gifts, carried

    def date(self, earned, record):
        """When the lots of a record are gone, as its answer tells."""
        for gift in earned:
            lot = next((lot for lot in record.lots if lot.currency == gift["points"] and lot.grant is None), None)
            gift["expires"] = rfc3339(self.gone(lot)) if lot else None
            if lot:
                gift["pending"] = lot.pending

    def leave_out_what_is_idle(self, record, answer):
        """Where something late under an older version says that the wallet has long been idle,
        the engine's answer does not show yet that its other points are gone; the next one does."""
        if any(0 < idle <= self.now for idle in record.idle.values()):
            answer.pop("balances", None)

    def pay(self, request, programme, member, amount, lines):
        """Points at the till: (currency, points, minor units, parts, what to tell, seq),
        or None. The lines learn what of them was paid."""
        if "points" not in request and "capture" not in request:
            return None
        key = self.wallet_of(member)
        if "capture" in request:
            reservation = self.open_reservation(request["capture"], "capture", key)
            currency, units = reservation.currency, self.captured(request, reservation)
        else:
            currency, units = self.points_of(request)
            reservation = None
            if currency not in programme.points:
                raise Refusal("unknown_points")
            if not programme.spendable(currency):
                raise Refusal("not_spendable")
            self.refuse_without_proof(request, programme, currency, units)
        tender = programme.points.get(currency, {}).get("tender")
        if tender is None:
            raise Refusal("not_allowed")
        worth = floor(Fraction(units, 10 ** programme.scale(currency)) * Fraction(str(tender["value"]))
                      * 10 ** programme.digits)
        if units < programme.units(currency, tender.get("least", 0)) or worth == 0 \
                or worth > floor(amount * Fraction(str(tender.get("share", "1")))):
            raise Refusal("over_limit")
        if reservation is None and self.spendable(key, currency) < units:
            raise Refusal("insufficient_points")
        there = self.there(key)
        record = self.record("redeem" if reservation is None else "capture", member, programme.number)
        if reservation is None:
            parts = self.redeem(record, currency, units)
        else:
            record.of = reservation.seq
            parts, _, _ = self.resolve_reservation(record, reservation, units, "captured", self.now)
        self.active(record, programme, there, self.now)
        record.check()
        for line, share in zip(lines, largest_remainder(worth, [line["amount"] for line in lines])):
            line["paid"] = share
        told = {**self.points(currency, units), "worth": money_text(worth, programme.digits),
                "lots": self.shown(parts, currency)}
        return currency, units, worth, parts, told, record.seq

    def do_quote(self, request):
        """A purchase in a world that is then forgotten."""
        answer = self.do_purchase(request)
        if answer["duplicate"]:
            answer.pop("seq", None)         # whether a quote of what is known has one is not said
            return answer
        for name in ("seq", "time", "held", "claim_code"):
            answer.pop(name, None)
        if answer.get("enrolled"):
            del answer["member"]
        answer["quote"] = True
        for lot in answer.get("paid", {}).get("lots", []):
            lot.pop("expires")              # before or after the purchase moves it: not said of a quote
        answer.setdefault("receipt", None)
        return answer

    # -- returns

    def do_return(self, request):
        answer = self.known(request)
        if answer:
            return answer
        at = self.business_time(request, self.in_force())
        if "of" in request and request["of"] not in self.receipts:
            return self.hold(request, at)
        if "of" in request:
            self.sold(request)
        self.refuse_odd_times(request, at)
        if "of" in request and self.sold(request).voided:
            raise Refusal("voided")
        answer, seq = self.carry_out_return(request, at)
        self.remember(request, seq, answer)
        return answer

    def sold(self, request):
        """The purchase that a return names."""
        purchase = self.purchases[self.receipts[request["of"]].seq]
        if "member" in request and self.find(request["member"]) is not self.holder(purchase):
            raise Refusal("unknown_receipt")
        return purchase

    def hold(self, request, at):
        """Before its purchase."""
        programme = self.programme_at(at)
        if programme.unknown_returns == "refuse":
            raise Refusal("unknown_receipt")
        awaited = programme.awaited(request, at)
        self.refuse_odd_times(request, at)
        # Of all or of lines: nobody knows yet how much.
        self.approve(request, "return", to_units(request["amount"], programme.digits) if "amount" in request else LIMIT)
        record = self.record("return.held", None, programme.number, at)
        self.held[request["ref"]] = Held(record.seq, request, at, awaited, "waiting")
        answer = {"op": "return", "seq": record.seq, "time": rfc3339(record.time), "duplicate": False,
                  "status": "held"}
        self.remember(request, record.seq, answer)
        return answer

    def carry_out_held(self, identity):
        """What waited for this receipt happens, in the order in which it came."""
        told = []
        for ref, held in list(self.held.items()):
            if held.identity != identity or held.state != "waiting":
                continue
            before = self.state()
            try:
                answer, seq = self.carry_out_return(held.request, held.at, held.seq)
                self.check()
            except Refusal as refusal:
                self.__dict__.update(before)
                self.held[ref] = held._replace(state="refused")
                told.append({"ref": ref, "seq": held.seq, "status": "held", "code": refusal.code})
                continue
            self.held[ref] = held._replace(state="done")
            whose = answer["member"].number if "member" in answer else None
            self.keys[ref] = self.keys[ref]._replace(answer=answer, seq=seq, whose=whose)
            told.append({"ref": ref, "seq": seq, "status": "done"})
        return told

    def carry_out_return(self, request, at, held=None):
        # What comes back of which purchase: [(purchase, as it will be)]
        parts, leftover, unmatched = [], [], []
        if "of" in request:
            purchase = self.sold(request)
            member = self.holder(purchase)
            after = purchase.clone()
            self.take_back(request, after)
            if held is None:
                self.approve(request, "return", purchase.money_left() - after.money_left())
            parts.append((purchase, after))
        elif "no_receipt" in request:
            member, leftover = self.by_amount(request)
        else:
            try:
                member = self.find(request["member"])
            except Refusal:
                if not request.get("enrol"):
                    raise
                member, _, _ = self.enrol([request["member"]])
            parts, leftover, unmatched = self.match(request, member, at)
            if unmatched and request["unmatched"] == "refuse":
                raise Refusal("no_match")
            if not parts and request["unmatched"] == "skip":
                raise Refusal("no_match")
            if request["unmatched"] != "deduct":
                leftover = []
            amount = sum(purchase.money_left() - after.money_left() for purchase, after in parts) + \
                sum(line["amount"] for line in leftover)
            self.approve(request, "return_without_receipt", amount)
        if member is not None:
            self.advance(self.wallet_of(member), member)
        programme = self.programme_at(at)
        restored = self.restore_points(member, programme, parts)
        record, outcome = self.collect(member, programme, parts, leftover, at, "no_receipt" in request)
        record.of = held
        for purchase, after in parts:
            self.purchases[purchase.seq] = after
        if "no_receipt" in request:
            outcome["amount"] = money_text(leftover[0]["amount"], programme.digits)
        answer = {**self.common("return", record, member), **outcome, **restored, "unmatched": unmatched,
                  **(self.told_of_level(record, member) if member else {})}
        answer.pop("granted", None)
        record.any_paid = any(purchase.paid for purchase, _ in parts)
        if "of" in request:
            back = record.returned[0]
            self.returns[record.seq] = Returned(
                purchase.seq, purchase.giver, after.all_back, record.amounts[0] if back[1] == "amount" else 0,
                back[2] if back[1] == "lines" else [], record.forgiven, not purchase.paid and not record.gave_points)
        record.refund = [after.refunded() - purchase.refunded() for purchase, after in parts]
        answer["refund"] = money_text(sum(record.refund), programme.digits)
        if "no_receipt" in request:
            answer["refund"] = answer["amount"]
        return answer, record.seq

    def take_back(self, request, purchase):
        """Mark on a copy of the purchase what this return brings back."""
        if "all" in request:
            if purchase.nothing_left():
                raise Refusal("over_return")
            purchase.all_back = True
        elif purchase.nothing_left():
            raise Refusal("over_return")
        elif "amount" in request:
            if purchase.how == "lines":
                raise Refusal("mixed_return")
            amount = to_units(request["amount"], purchase.programme.digits)
            if purchase.all_back or purchase.amount_back + amount > purchase.amount:
                raise Refusal("over_return")
            purchase.how = "amount"
            purchase.amount_back += amount
        else:
            if purchase.how == "amount":
                raise Refusal("mixed_return")
            purchase.how = "lines"
            for line in request["lines"]:
                wanted = to_units(line["quantity"], 6) if "quantity" in line else None
                candidates = [i for i, sold in enumerate(purchase.lines) if purchase.itemised and
                              (line["line"] == i + 1 if "line" in line else line["sku"] == sold["sku"])]
                if not candidates:
                    raise Refusal("invalid_field", "lines")
                left = sum(purchase.left(i) for i in candidates)
                if wanted is None:
                    wanted = left
                if wanted > left or wanted == 0:
                    raise Refusal("over_return")
                for i in candidates:
                    part = min(purchase.left(i), wanted)
                    purchase.quantities[i] += part
                    wanted -= part

    def match(self, request, member, at):
        """Find the purchases that unreceipted lines came from, the latest first."""
        digits = self.programme_at(at).digits
        copies = {}
        latest = sorted(self.purchases.values(), key=lambda purchase: -purchase.giver)     # since it is theirs
        candidates = [purchase for purchase in latest
                      if self.holder(purchase) is member and purchase.at <= at and not purchase.voided
                      and purchase.how != "amount" and not purchase.all_back]
        leftover, unmatched, order = [], [], []
        for number, line in enumerate(request["lines"], 1):
            wanted = quantity = to_units(line["quantity"], 6)
            paid = {name: to_units(line.get(name, 0), digits) for name in ("amount", "discount", "tax")}
            for purchase in candidates:
                trial = copies.get(purchase.seq) or purchase.clone()
                for i, sold in enumerate(purchase.lines):
                    if sold["sku"] != line["sku"] or not same_price(sold, paid["amount"], quantity):
                        continue
                    part = min(trial.left(i), wanted)
                    if part > 0:
                        trial.quantities[i] += part
                        trial.how = "lines"
                        wanted -= part
                        if purchase.seq not in copies:
                            copies[purchase.seq] = trial
                            order.append(purchase)
            if wanted > 0:
                unmatched.append({"line": number, "quantity": quantity_text(wanted)})
                leftover.append(remainder({"sku": line["sku"], "category": line.get("category", ""), **paid},
                                          quantity - wanted, quantity))
        latest_first = sorted(order, key=lambda purchase: -purchase.giver)
        return [(purchase, copies[purchase.seq]) for purchase in latest_first], leftover, unmatched

    def restore_points(self, member, programme, parts):
        """What points paid of the goods goes back to the lots it came from, the last
        burnt first: {"restored", "lapsed"}. An amount split anew may ask for fewer than
        came back before; they stay."""
        back, gone = {}, {}
        for purchase, after in parts:
            if not purchase.paid:
                continue
            before, now = purchase.points_back, after.points_of_what_came_back()
            if now <= before:
                continue
            after.points_back = now
            currency, _, _, burnt = purchase.paid
            record = self.record("restore", member, programme.number)
            record.of = purchase.seq
            record.posting(currency, "redeemed", before - now)
            skip, due = before, now - before
            for name, part in reversed(burnt):
                already = min(part, skip)
                skip -= already
                take = min(part - already, due)
                due -= take
                if take:
                    restored, lapsed = self.give_back(record, currency, name, take, self.now)
                    back[currency] = back.get(currency, 0) + restored
                    gone[currency] = gone.get(currency, 0) + lapsed
            record.check()
        told = {}
        if any(purchase.paid for purchase, _ in parts):
            told = {"restored": [self.points(currency, amount) for currency, amount in back.items() if amount],
                    "lapsed": [self.points(currency, amount) for currency, amount in gone.items() if amount]}
        return told

    def taken_off(self, purchase, before, rest, dues):
        """What counts no more of a sale of which goods came back."""
        programme, at = purchase.programme, purchase.at
        return programme.counts(at, before, sum(line["amount"] for line in before), dues, -1) + \
            programme.counts(at, rest, sum(line["amount"] for line in rest), {})

    def collect(self, member, programme, parts, leftover, at, by_amount=False):
        """Take the points of the goods. First each part's own lot, then, for what all
        parts together still want, other lots, then the shortfall policy."""
        key = None if member is None else self.wallet_of(member)
        record = self.record("return", member, programme.number, at)
        assessed, wanted, earned, sources = {}, {}, {}, {}
        returned, money, due_of, entries = [], 0, {}, []
        for purchase, after in parts:
            before, rest = purchase.rest(), after.rest()
            amount = sum(line["amount"] for line in before) - sum(line["amount"] for line in rest)
            money += amount
            back = [(i, after.quantities[i] - purchase.quantities[i]) for i in range(len(purchase.lines))
                    if after.quantities[i] != purchase.quantities[i]]
            how = "all" if after.all_back else after.how
            if after.all_back:
                record.returned.append([purchase.seq, "all"])
            elif how == "amount":
                record.returned.append([purchase.seq, "amount", amount])
            else:
                record.returned.append([purchase.seq, "lines", [list(line) for line in back]])
            record.amounts.append(amount)
            returned.append({"seq": purchase.seq, "receipt": purchase.identity, "how": how,
                             "amount": money_text(amount, purchase.programme.digits),
                             "lines": [{"line": i + 1, "quantity": quantity_text(quantity)}
                                       for i, quantity in back]})
            dues = {}
            for currency in purchase.programme.points if member is not None else ():
                due = self.assess(member, purchase.programme, before, rest, currency, purchase.level)
                dues[currency] = due
                assessed[currency] = assessed.get(currency, 0) + due
                earned[currency] = purchase
                own = [lot for lot in self.inside(key, currency)
                       if lot.seq == purchase.giver and lot.earner == member.number and lot.grant is None]
                taken = total(self.burn(record, currency, max(due, 0), own))
                wanted[currency] = wanted.get(currency, 0) + due - taken
                self.note(sources, currency, "from_receipt", taken)
                after.collected[currency] = after.collected.get(currency, 0) + taken
                due_of.setdefault(currency, []).append([after, due - taken])
            entries += self.taken_off(purchase, before, rest, dues)
        if leftover:
            level, dues = self.level_then(member, at, programme), {}
            for currency in programme.points:
                due = dues[currency] = self.assess(member, programme, leftover, [], currency, level)
                assessed[currency] = assessed.get(currency, 0) + due
                wanted[currency] = wanted.get(currency, 0) + due
            if not by_amount:
                entries += programme.counts(at, leftover, None, dues, -1)
        receipts = record.receipts = {purchase.giver for purchase, _ in parts}
        gave = False
        for currency, due in wanted.items():
            shares = due_of.get(currency, [])
            if due < 0:
                # What is left of the baskets is worth more than before: points come back,
                # but never more than returns of them took.
                back = min(-due, sum(after.collected[currency] for after, _ in shares))
                purchase = earned[currency]
                rules = programme if currency in programme.points else purchase.programme
                newer = self.dating(rules, currency)
                expires = rules.expiry(currency, purchase.at) if newer is rules else \
                    newer.expiry_of_purchase(currency, purchase.at)
                self.give(record, programme, currency, back, expires, "purchase", "returned")
                gave = gave or back > 0
                for after, _ in shares:
                    part = min(back, after.collected[currency])
                    after.collected[currency] -= part
                    back -= part
                continue
            collected = 0
            for lot in [lot for lot in self.takeable(key, currency) if lot.earner == member.number]:
                taken = total(self.burn(record, currency, due, [lot]))
                due -= taken
                collected += taken
                self.note(sources, currency, "from_receipt" if lot.seq in receipts else "from_other", taken)
            if due > 0 and programme.shortfall == "refuse":
                raise Refusal("return_shortfall")
            if due > 0 and programme.shortfall == "forgive":
                self.note(sources, currency, "forgiven", due)
            if due > 0 and programme.shortfall == "debt":
                self.note(sources, currency, "debt", due)
                self.owe(record, currency, due)
                collected += due
            for after, open_ in shares:
                part = min(collected, max(open_, 0))
                after.collected[currency] += part
                collected -= part
        for currency in assessed:
            record.posting(currency, "returned", -sum(amount for name, account, amount, _ in record.post
                                                      if name == currency))
        if member is not None:
            self.count(record, member, entries, lowered=True)
        record.check()
        if member is not None:
            record.carry = {currency: exact % 1 for currency, exact in member.carried.items()}
        record.forgiven = {currency: found["forgiven"] for currency, found in sources.items()}
        record.gave_points = gave
        record.assessed = {currency: units for currency, units in assessed.items() if units}
        plain = self.programmes[-1].plain
        outcome = {"at": rfc3339(at), "returned": returned,
                   "amount": money_text(money, self.programmes[-1].digits),
                   "assessed": {currency: plain(currency, units) for currency, units in assessed.items()
                                if units != 0}}
        if min(wanted.values(), default=0) >= 0:
            outcome["collected"] = {currency: {where: plain(currency, units) for where, units in found.items()}
                                    for currency, found in sources.items() if assessed[currency] != 0}
        self.tell_withdrawn(record, outcome)
        return record, outcome

    def note(self, sources, currency, where, amount):
        found = sources.setdefault(currency, {"from_receipt": 0, "from_other": 0, "debt": 0, "forgiven": 0})
        found[where] += amount

    def assess(self, member, programme, before, after, currency, level):
        """What `before` is worth beyond `after`; what was carried leaves the exact sum."""
        whole_before, carried_before = totals(programme.worth(before, level))
        whole_after, carried_after = totals(programme.worth(after, level))
        due = whole_before.get(currency, 0) - whole_after.get(currency, 0)
        exact = carried_before.get(currency, Fraction(0)) - carried_after.get(currency, Fraction(0))
        held = member.carried.get(currency, Fraction(0))
        member.carried[currency] = held - exact
        return due + floor(held) - floor(held - exact)

    # -- spending and correcting

    def points_of(self, request):
        """Currency and units; this is part of reading the request, before any key."""
        programme = self.in_force()
        default = next((name for name in programme.points if programme.spendable(name)), None)
        currency = request.get("points_of", default)
        if currency not in programme.points:
            raise Refusal("unknown_points")
        return currency, programme.units(currency, request["points"])

    def redeem(self, record, currency, units):
        """Burn what can be spent; the caller has seen that it is there."""
        parts = self.burn(record, currency, units, self.available_lots(record.key, currency))
        record.posting(currency, "redeemed", units)
        self.burns[record.seq] = Burn(record.member.number, currency, tuple(parts))
        return parts

    def do_redeem(self, request):
        currency, units = self.points_of(request)
        answer = self.known(request)
        if answer:
            return answer
        member, programme = self.find(request["member"]), self.in_force()
        if not programme.spendable(currency):
            raise Refusal("not_spendable")
        self.refuse_without_proof(request, programme, currency, units)
        self.approve(request, "redeem", units, currency)
        self.advance(self.wallet_of(member), member)
        if self.spendable(self.wallet_of(member), currency) < units:
            raise Refusal("insufficient_points")
        there = self.there(self.wallet_of(member))
        record = self.record("redeem", member, programme.number)
        parts = self.redeem(record, currency, units)
        self.active(record, programme, there, self.now)
        record.check()
        answer = self.common("redeem", record, member)
        answer["redeemed"] = self.points(currency, units)
        answer["lots"] = self.shown(parts, currency)
        self.remember(request, record.seq, answer)
        return answer

    def do_cancel(self, request):
        answer = self.known(request)
        if answer:
            return answer
        if request["of"] not in self.keys:
            return self.tombstone(request)
        programme = self.in_force()
        held = self.held.get(request["of"])
        seq = held.seq if held else self.keys[request["of"]].seq
        if seq in self.cancelled:
            raise Refusal("already_cancelled")
        if held and held.state in ("waiting", "refused"):
            record = self.record("cancel", None, programme.number)
            record.of = seq
            self.held[request["of"]] = held._replace(state="cancelled")
            self.cancelled.add(seq)
            entry = self.keys[request["of"]]
            self.keys[request["of"]] = entry._replace(answer={**entry.answer, "status": "cancelled"})
            answer = {"op": "cancel", "seq": record.seq, "time": rfc3339(record.time), "duplicate": False,
                      "of": seq}
            self.remember(request, record.seq, answer)
            return answer
        if held or seq not in self.burns:
            raise Refusal("not_cancellable")
        burn = self.burns[seq]
        member, currency = self.members[self.resolve(burn.member)], burn.currency
        self.advance(self.wallet_of(member), member)
        record = self.record("cancel", member, programme.number)
        record.of = seq
        restored = lapsed = 0
        for name, part in burn.parts:
            record.posting(currency, "redeemed", -part)
            back, gone = self.give_back(record, currency, name, part, self.now)
            restored, lapsed = restored + back, lapsed + gone
        record.check()
        self.cancelled.add(seq)
        answer = self.common("cancel", record, member)
        answer["of"] = seq
        answer["restored"] = self.points(currency, restored)
        answer["lapsed"] = self.points(currency, lapsed)
        self.remember(request, record.seq, answer)
        return answer

    def tombstone(self, request):
        """Nobody knows what this is about: it must not come any more."""
        if request["of"] in self.barred:
            raise Refusal("already_cancelled")
        record = self.record(request["op"], None, self.in_force().number)
        self.barred.add(request["of"])
        answer = {"op": request["op"], "seq": record.seq, "time": rfc3339(record.time), "duplicate": False,
                  "status": "tombstone"}
        self.remember(request, record.seq, answer)
        return answer

    def do_adjust(self, request):
        currency, units = self.points_of(request)
        answer = self.known(request)
        if answer:
            return answer
        member, programme = self.find(request["member"]), self.in_force()
        self.approve(request, "adjust", abs(units), currency)
        self.advance(self.wallet_of(member), member)
        if units < 0 and self.spendable(self.wallet_of(member), currency) < -units:
            raise Refusal("insufficient_points")
        operator = request.get("operator")
        day = local(self.now, programme.zone).date()
        counter = ("adjust", operator, currency, day)
        limits = programme.adjust_limits.get(operator, programme.adjust_limits.get("*", {}))
        if "per_day" in limits:
            self.counters[counter] = self.counters.get(counter, 0) + abs(units)
        if "most" in limits and abs(units) > programme.units(currency, limits["most"]):
            raise Refusal("over_limit")
        if "per_day" in limits and self.counters[counter] > programme.units(currency, limits["per_day"]):
            raise Refusal("over_limit")
        record = self.record("adjust", member, programme.number)
        parts = []
        if units > 0:
            self.active(record, programme, [currency], self.now)
            self.give(record, programme, currency, units, programme.expiry(currency, self.now),
                      request.get("origin", "goodwill"), "adjusted")
        else:
            parts = self.burn(record, currency, -units, self.available_lots(record.key, currency))
            record.posting(currency, "adjusted", -units)
        self.count(record, member, self.counts_by_hand(programme, currency, self.now, units),
                   lowered=units < 0)
        self.adjusts[record.seq] = Adjusted(member.number, currency, units, tuple(parts),
                                            counter if "per_day" in limits else None)
        record.check()
        answer = self.common("adjust", record, member)
        answer["adjusted"] = self.points(currency, units)
        self.remember(request, record.seq, answer)
        return answer

    def counts_by_hand(self, programme, currency, moment, units):
        """What an adjustment counts: of points that cannot be spent."""
        key = f"earned:{currency}"
        if programme.spendable(currency) or not programme.tiers or key not in programme.tiers.keys.values():
            return []
        return [(key, local(moment, programme.zone).date(), units)]

    # -- reservations

    def do_reserve(self, request):
        currency, units = self.points_of(request)
        answer = self.known(request)
        if answer:
            return answer
        member, programme = self.find(request["member"]), self.in_force()
        if not programme.spendable(currency):
            raise Refusal("not_spendable")
        self.refuse_without_proof(request, programme, currency, units)
        key = self.wallet_of(member)
        self.advance(key, member)
        if self.spendable(key, currency) < units:
            raise Refusal("insufficient_points")
        until = self.until(request, programme)
        record = self.record("reserve", member, programme.number)
        record.until = until
        parts = self.burn(record, currency, units, self.available_lots(key, currency))
        for name, part in parts:
            self.change(name, reserved=self.lots[name].reserved + part)
            record.posting(currency, "reserved", part, name)
        record.check()
        self.reservations[record.seq] = Reservation(record.seq, member.number, key, currency, tuple(parts),
                                                    until, "open")
        answer = self.common("reserve", record, member)
        answer["reserved"] = self.points(currency, units)
        answer["status"] = "open"
        answer["until"] = rfc3339(until)
        answer["lots"] = self.shown(parts, currency)
        self.remember(request, record.seq, answer)
        return answer

    def state_of(self, reservation):
        """As it is now, whether or not anybody recorded that it lapsed."""
        return "lapsed" if reservation.state == "open" and reservation.until <= self.now else reservation.state

    def until(self, request, programme):
        """When a reservation ends that is asked for now."""
        span = read_span(request.get("timeout", programme.timeout))
        if length(span) > length(read_span(programme.longest)):
            raise Refusal("over_limit")
        return add_to_moment(self.now, span, programme.zone)

    def open_reservation(self, ref, field="of", key=None):
        """The one to be resolved, its wallet advanced; only one of wallet `key`, if given."""
        if ref not in self.keys:
            raise Refusal("unknown_ref", field)
        seq = self.keys[ref].seq
        if seq not in self.reservations:
            raise Refusal("not_a_reservation", field)
        reservation = self.reservations[seq]
        if key not in (None, reservation.wallet):
            raise Refusal("unknown_ref", field)
        if reservation.state == "open":     # else the wallet may be another's business by now
            self.advance(reservation.wallet, self.members[self.resolve(reservation.member)])
        if self.reservations[seq].state == "lapsed":
            raise Refusal("reservation_lapsed", field)
        if self.reservations[seq].state != "open":
            raise Refusal("already_resolved", field)
        return self.reservations[seq]

    def captured(self, request, reservation):
        """How many of its points are asked for."""
        units, held = total(reservation.parts), total(reservation.parts)
        if request.get("points_of", reservation.currency) != reservation.currency:
            raise Refusal("invalid_field", "points_of")
        if "points" in request:
            units = self.in_force().units(reservation.currency, request["points"])
        if units > held:
            raise Refusal("over_capture")
        return units

    def resolve_reservation(self, record, reservation, units, state, moment):
        """Redeem so much of it and give back the rest: (parts used, released, lapsed)"""
        currency = reservation.currency
        used, released, lapsed = [], 0, 0
        for name, part in reservation.parts:
            take = min(part, units - total(used))
            self.change(name, reserved=self.lots[name].reserved - part)
            record.posting(currency, "reserved", -part, name)
            if take:
                used.append((name, take))
                record.posting(currency, "redeemed", take)
            if part > take:
                back, gone = self.give_back(record, currency, name, part - take, moment)
                released, lapsed = released + back, lapsed + gone
        self.reservations[reservation.seq] = reservation._replace(state=state)
        if used:
            self.burns[record.seq] = Burn(record.member.number, currency, tuple(used))
        return used, released, lapsed

    def do_reserve_extend(self, request):
        answer = self.known(request)
        if answer:
            return answer
        programme, reservation = self.in_force(), self.open_reservation(request["of"])
        until = max(reservation.until, self.until(request, programme))
        member = self.members[self.resolve(reservation.member)]
        record = self.record("reserve.extend", member, programme.number)
        record.of, record.until = reservation.seq, until
        self.reservations[reservation.seq] = reservation._replace(until=until)
        answer = self.common("reserve.extend", record, member)
        answer["of"], answer["until"], answer["status"] = reservation.seq, rfc3339(until), "open"
        self.remember(request, record.seq, answer)
        return answer

    def do_capture(self, request):
        if "points_of" in request:
            self.points_of({"points": 0, **request})
        answer = self.known(request)
        if answer:
            return answer
        programme, reservation = self.in_force(), self.open_reservation(request["of"])
        currency, units = reservation.currency, self.captured(request, reservation)
        member = self.members[self.resolve(reservation.member)]
        there = self.there(reservation.wallet)
        record = self.record("capture", member, programme.number)
        record.of = reservation.seq
        used, released, lapsed = self.resolve_reservation(record, reservation, units, "captured", self.now)
        self.active(record, programme, there, self.now)
        record.check()
        answer = self.common("capture", record, member)
        answer["of"] = reservation.seq
        answer["redeemed"] = self.points(currency, units)
        answer["released"] = self.points(currency, released)
        answer["lapsed"] = self.points(currency, lapsed)
        answer["lots"] = self.shown(used, currency)
        self.remember(request, record.seq, answer)
        return answer

    def do_release(self, request):
        answer = self.known(request)
        if answer:
            return answer
        if request["of"] not in self.keys:
            return self.tombstone(request)
        programme, reservation = self.in_force(), self.open_reservation(request["of"])
        currency = reservation.currency
        member = self.members[self.resolve(reservation.member)]
        record = self.record("release", member, programme.number)
        record.of = reservation.seq
        _, released, lapsed = self.resolve_reservation(record, reservation, 0, "released", self.now)
        record.check()
        answer = self.common("release", record, member)
        answer["of"] = reservation.seq
        answer["released"] = self.points(currency, released)
        answer["lapsed"] = self.points(currency, lapsed)
        self.remember(request, record.seq, answer)
        return answer

    # -- pending points

    def do_activate(self, request):
        answer = self.known(request)
        if answer:
            return answer
        if "of" in request:
            if request["of"] not in self.receipts:
                raise Refusal("unknown_receipt")
            purchase = self.purchases[self.receipts[request["of"]].seq]
            member = self.holder(purchase)
            if member is None:
                raise Refusal("nothing_pending")
        else:
            member = self.find(request["member"])
        key, programme = self.wallet_of(member), self.in_force()
        self.advance(key, member)
        waiting = [lot for currency in self.currencies(key) for lot in self.pending_lots(key, currency)
                   if lot.available_from == ACTIVATE and
                   ("member" in request or lot.seq == purchase.giver)]
        if "of" in request:
            waiting.sort(key=Lot.key)
        if not waiting:
            raise Refusal("nothing_pending")
        if len(waiting) > 512:
            raise Refusal("limit_exceeded")
        record = self.record("activate", member, programme.number)
        record.of = purchase.seq if "of" in request else None
        self.active(record, programme, {lot.currency for lot in waiting}, self.now)
        activated = []
        for lot in waiting:
            born = self.dating(self.programmes[lot.version - 1], lot.currency)
            counts = lot.earned if born.counts_from_earned(lot.currency) else self.now
            expires = born.expiry(lot.currency, counts, self.now)
            record.posting(lot.currency, "pending", -lot.left, lot.key())
            record.posting(lot.currency, "available", lot.left, lot.key())
            record.dates.append([*lot.key(), expires])
            self.change(lot.key(), pending=False, available_from=0, expires=expires)
            if expires <= self.now:
                self.expire(record, lot.key())
            activated.append({**self.points(lot.currency, lot.left), "lot": lot.name(),
                              "expires": rfc3339(self.gone(self.lots[lot.key()]))})
        record.check()
        answer = self.common("activate", record, member)
        for told in activated:          # by now the member was active
            lot = next(lot for lot in self.lots.values() if lot.name() == told["lot"])
            told["expires"] = rfc3339(self.gone(lot))
        answer["activated"] = activated
        self.remember(request, record.seq, answer)
        return answer

    # -- between wallets

    def do_transfer(self, request):
        currency, units = self.points_of(request)
        answer = self.known(request)
        if answer:
            return answer
        sender, receiver, programme = self.find(request["member"]), self.find(request["to"]), self.in_force()
        source, target = self.wallet_of(sender), self.wallet_of(receiver)
        if source == target:
            raise Refusal("to_oneself")
        rule = programme.points[currency].get("transfer")
        if rule is None:
            raise Refusal("not_allowed")
        self.refuse_without_proof(request, programme, currency, units)
        self.approve(request, "transfer", units, currency)
        counter = ("transfer", sender.number, currency, local(self.now, programme.zone).strftime("%Y-%m"))
        self.counters[counter] = self.counters.get(counter, 0) + units
        if "most" in rule and units > programme.units(currency, rule["most"]):
            raise Refusal("over_limit")
        if "per_month" in rule and self.counters[counter] > programme.units(currency, rule["per_month"]):
            raise Refusal("over_limit")
        self.advance(source, sender)
        self.advance(target, receiver)
        if self.spendable(source, currency) < units:
            raise Refusal("insufficient_points")

        record = self.record("transfer", sender, programme.number)
        record.with_ = MemberId(receiver.number)
        parts = self.burn(record, currency, units, self.available_lots(source, currency))
        record.posting(currency, "moved", units)
        self.active(record, programme, [currency], self.now)
        record.check()

        arrival = self.record("transfer", receiver, programme.number, part=1)
        arrival.with_ = MemberId(sender.number)
        self.active(arrival, programme, [currency], self.now)
        dates = {}
        for name, part in parts:
            expires = self.lots[name].expires
            dates[expires] = dates.get(expires, 0) + part
        if rule.get("expires") == "anew":
            dates = {programme.expiry(currency, self.now): units}
        for expires, part in sorted(dates.items()):
            self.give(arrival, programme, currency, part, expires, "transfer", "moved")
        arrival.check()
        answer = self.common("transfer", record, sender)
        answer["to"] = MemberId(receiver.number)
        answer["transferred"] = self.points(currency, units)
        answer["lots"] = self.shown([(lot.key(), lot.amount) for lot in arrival.lots], currency)
        self.remember(request, record.seq, answer)
        return answer

    def depart(self, record, lots, debts):
        """Out to `moved`."""
        for lot in lots:
            record.posting(lot.currency, "pending" if lot.pending else "available", -lot.left, lot.key())
            record.posting(lot.currency, "moved", lot.left)
        for currency, debt in debts.items():
            record.posting(currency, "debt", debt)
            record.posting(currency, "moved", -debt)
            self.wallets[record.key].debt[currency] = 0
        record.check()

    def arrive(self, record, programme, lots, debts, earner=None):
        """In from `moved`: a lot keeps its number and its dates, and settles a debt."""
        for currency, debt in debts.items():
            self.owe(record, currency, debt)
            record.posting(currency, "moved", debt)
        for lot in sorted((lot for lot in lots if not lot.pending), key=burn_order) + \
                sorted((lot for lot in lots if lot.pending), key=pending_order):
            record.posting(lot.currency, "moved", -lot.left)
            rest = lot.left - self.settle(record, lot.currency, lot.left)
            record.posting(lot.currency, "pending" if lot.pending else "available", rest, lot.key())
            self.change(lot.key(), left=rest, wallet=record.key,
                        earner=lot.earner if earner is None else earner)
        self.active(record, programme, list(programme.points), self.now)

    def open_lots(self, key):
        return [lot for lot in self.inside(key) if lot.left > 0]

    def debts(self, key):
        return {currency: debt for currency, debt in self.wallets[key].debt.items() if debt}

    def refuse_open_reservation(self, key):
        if any(reservation.wallet == key and reservation.state == "open"
               for reservation in self.reservations.values()):
            raise Refusal("open_reservation")

    def do_household_create(self, request):
        answer = self.known(request)
        if answer:
            return answer
        member = self.may_enter(request)
        number = len(self.households) + 1
        self.households[number] = []
        self.wallets[f"h{number}"] = Wallet(self.in_force().number)
        return self.enter(request, member, number)

    def do_household_join(self, request):
        answer = self.known(request)
        if answer:
            return answer
        member = self.may_enter(request)
        number = self.household(request["household"])
        if len(self.households[number]) >= self.in_force().households.get("most", 6):
            raise Refusal("over_limit")
        return self.enter(request, member, number)

    def household(self, name):
        number = int(name[11:]) if name.startswith("household:#") else 0
        if not self.households.get(number):
            raise Refusal("unknown_household")
        return number

    def may_enter(self, request):
        member = self.find(request["member"])
        if self.in_force().households is None:
            raise Refusal("not_allowed")
        if member.household is not None:
            raise Refusal("in_household")
        self.advance(self.wallet_of(member), member)
        self.refuse_open_reservation(self.wallet_of(member))
        return member

    def enter(self, request, member, number):
        programme, old, new = self.in_force(), self.wallet_of(member), f"h{number}"
        before = len(self.records)
        self.advance(new, None)
        for record in self.records[before:]:
            record.caused_by_lowest = True
        record = self.record(request["op"], member, programme.number)
        if request["op"] == "household.create":
            record.with_ = HouseholdId(number)
        lots, debts = self.open_lots(old), self.debts(old)
        if programme.households.get("on_join") == "forfeit":
            for lot in lots:
                self.expire(record, lot.key())
            lots = []
        self.depart(record, lots, debts)
        self.households[number].append(member.number)
        member.household = number
        arrival = self.record(request["op"], member, programme.number, part=1)
        self.arrive(arrival, programme, lots, debts)
        arrival.check()
        answer = self.common(request["op"], record, member)
        answer["household"] = HouseholdId(number)
        self.remember(request, record.seq, answer)
        return answer

    def do_household_leave(self, request):
        answer = self.known(request)
        if answer:
            return answer
        member, programme = self.find(request["member"]), self.in_force()
        number, old = member.household, self.wallet_of(member)
        if number is None:
            raise Refusal("not_in_household")
        self.advance(old, member)
        last = self.households[number] == [member.number]
        take = programme.households is None or programme.households.get("on_leave") != "leave"
        self.refuse_open_reservation(old)
        self.households[number].remove(member.number)
        lots = [lot for lot in self.open_lots(old) if last or (take and lot.earner == member.number)]
        debts = self.debts(old) if last else {}
        self.advance(f"m{member.number}", member)
        record = self.record("household.leave", member, programme.number)
        self.depart(record, lots, debts)
        member.household = None
        arrival = self.record("household.leave", member, programme.number, part=1)
        self.arrive(arrival, programme, lots, debts, member.number if last else None)
        arrival.check()
        answer = self.common("household.leave", record, member)
        answer["household"] = HouseholdId(number)
        self.remember(request, record.seq, answer)
        return answer

    def do_member_merge(self, request):
        answer = self.known(request)
        if answer:
            return answer
        gone, stays, programme = self.find(request["member"]), self.find(request["into"]), self.in_force()
        if gone is stays:
            raise Refusal("to_oneself")
        if gone.household is not None:
            raise Refusal("in_household")
        old, new = self.wallet_of(gone), self.wallet_of(stays)
        self.advance(old, gone)
        self.refuse_open_reservation(old)
        self.advance(new, stays)
        record = self.record("member.merge", gone, programme.number)
        record.with_ = MemberId(stays.number)
        lots, debts = self.open_lots(old), self.debts(old)
        self.depart(record, lots, debts)
        gone.merged = stays.number
        stays.joined = min(stays.joined, gone.joined)
        for name, number in self.identifiers.items():
            if number == gone.number:
                self.identifiers[name] = stays.number
        for (kind, who, currency, when), amount in list(self.counters.items()):
            if kind in ("transfer", "claim", "entry", "benefit") and who == gone.number:
                counter = (kind, stays.number, currency, when)
                self.counters[counter] = self.counters.get(counter, 0) + amount
        for lot in list(self.lots.values()):
            if lot.earner == gone.number:
                self.change(lot.key(), earner=stays.number)

        arrival = self.record("member.merge", stays, programme.number, part=1)
        arrival.with_ = MemberId(gone.number)
        self.arrive(arrival, programme, lots, debts, stays.number)
        for currency, debt in debts.items():
            paid = total(self.burn(arrival, currency, debt, self.takeable(new, currency)))
            arrival.posting(currency, "debt", paid)
            self.wallets[new].debt[currency] -= paid
        record.carry = {currency: Fraction(0) for currency in gone.carried}
        for currency, exact in sorted(gone.carried.items(), key=lambda pair: pair[0].encode()):
            held = stays.carried.get(currency, Fraction(0))
            stays.carried[currency] = held + exact
            units = floor(held + exact) - floor(held) - floor(exact)
            if units:
                self.active(arrival, programme, [currency], self.now)
            self.give(arrival, programme, currency, units, programme.expiry(currency, self.now), "purchase",
                      "issued")
        self.merge_levels(arrival, gone, stays)
        arrival.check()
        arrival.carry = {currency: exact % 1 for currency, exact in stays.carried.items()}
        answer = self.common("member.merge", record, stays)
        answer["member"], answer["into"] = MemberId(gone.number), MemberId(stays.number)
        self.remember(request, record.seq, answer, whose=stays.number)
        return answer

    # -- closing

    def do_close(self, request):
        period, programme = request["period"], self.in_force()
        key = request.get("ref") or f"close/{period}"
        answer = self.known(request, self.keys, key)
        if answer:
            return answer
        year, month = map(int, period.split("-"))
        following = date(year + month // 12, month % 12 + 1, 1)
        open_from = start_of_day(following, programme.zone)
        if open_from > self.now:
            raise Refusal("period_open")
        if self.closed and period <= self.closed[0]:
            raise Refusal("period_closed")
        record = self.record("close", None, programme.number)
        record.closed = open_from
        self.closed = (period, open_from)
        answer = {"op": "close", "seq": record.seq, "time": rfc3339(record.time), "duplicate": False,
                  "period": period, "open_from": following.isoformat()}
        self.remember(request, record.seq, answer, key=key)
        return answer

    def do_sweep(self, request):
        """What time has made due, for all; which wallet comes first is not foretold."""
        wallets, before = 0, len(self.records)
        for key in list(self.wallets):
            cause = self.members[int(key[1:])] if key[0] == "m" else None
            if self.advance(key, cause):
                wallets += 1
        for record in self.records[before:]:
            record.sweep = before
        return {"wallets": wallets, "records": len(self.records) - before}

    # -- programmes

    def do_programme_apply(self, request):
        answer = self.known(request)
        if answer:
            return answer
        document = json.loads(request["programme"])
        last = self.programmes[-1]
        same = json.dumps(document) == json.dumps(last.document)      # in the same order, too
        if "ref" not in request and "from" not in request and same:
            return {"duplicate": True, "version": last.number}
        start = read_moment(request["from"], self.in_force().zone) if "from" in request else self.now
        programme = Version(document, last.number + 1, start)
        for currency in last.points:
            if currency not in programme.points or programme.scale(currency) != last.scale(currency) \
                    or programme.spendable(currency) != last.spendable(currency):
                raise Refusal("programme_change")
        if document["currency"] != last.document["currency"] or document["id"] != last.document["id"] \
                or programme.unique_by != last.unique_by:
            raise Refusal("programme_change")
        if "date" in last.unique_by and any(
                document.get("receipts", {}).get("business_day_starts", "00:00") !=
                old.get("receipts", {}).get("business_day_starts", "00:00") or
                document["timezone"] != old["timezone"] for old in [last.document]):
            raise Refusal("programme_change")      # a receipt's identity rests on its day
        if last.tiers:
            named = {name for level in programme.tiers.levels for name in [level.id, *level.was]} if programme.tiers else ()
            if any(level.id not in named for level in last.tiers.levels):
                raise Refusal("programme_change")
            if programme.tiers and self.comes_back_for_another(programme.tiers):
                raise Refusal("programme_change")
        meant = [next((name for name in version.points if version.spendable(name)), None)
                 for version in (last, programme)]
        if meant[0] != meant[1]:
            raise Refusal("programme_change")      # what "points" means without "points_of"
        if start <= last.start or start < self.now:
            raise Refusal("programme_order")
        record = self.record("programme", None, None)
        self.programmes.append(programme)
        answer = {"version": programme.number, "from": rfc3339(start), "seq": record.seq,
                  "duplicate": False}
        if "ref" in request:
            self.remember(request, record.seq, answer)
        return answer

    # -- questions

    def do_show(self, request):
        member, world = self.find(request["member"]), self
        at = read_moment(request["at"], self.in_force().zone) if "at" in request else self.now
        if at < self.records[-1].time:
            world = self.past(at)
            if member.number >= len(world.members):
                raise Refusal("unknown_member")
            member = world.members[member.number]
        world.now = at
        answer = world.picture_of(member)
        if world is not self:
            for benefit in answer["benefits"]:
                del benefit["seats"]        # what others used by then is not told
        return answer

    def picture_of(self, member):
        key, programme = self.wallet_of(member), self.programmes[-1]
        self.advance(key, None)
        lots = []
        for currency in programme.points:
            for lot in self.takeable(key, currency):
                lots.append({"lot": lot.name(), "points": currency,
                             "amount": programme.plain(currency, lot.amount),
                             "left": programme.plain(currency, lot.left),
                             "origin": lot.origin, "earned": rfc3339(lot.earned), "expires": rfc3339(self.gone(lot)),
                             "available_from": None if not lot.pending else "activate"
                             if lot.available_from == ACTIVATE else rfc3339(lot.available_from)})
        return {"member": MemberId(member.number), "joined": rfc3339(member.joined),
                "at": rfc3339(self.now), "balances": self.balances(key), "lots": lots,
                "tier": self.tier(member), "progress": self.progress(member), "benefits": self.benefits(member)}

    def do_member_show(self, request):
        member = self.find(request["member"])
        return {"member": MemberId(member.number), "joined": rfc3339(member.joined)}

    def do_household_show(self, request):
        number = self.household(request["household"])
        return {"household": HouseholdId(number), "balances": self.balances(f"h{number}"),
                "members": {MemberId(one) for one in self.households[number]}}

    def do_history(self, request):
        member = self.find(request["member"])
        if any(record.op == "elapse" and record.member is None for record in self.records):
            return {"member": MemberId(member.number)}      # whose history these are in is not foretold
        own = [record for record in reversed(self.records) if record.member is not None
               and self.resolve(record.member.number) == member.number
               and record.seq < request.get("before", LIMIT)]
        rest = self.records[request.get("before", len(self.records)) - 1:][:2]
        within = len(rest) == 2 and rest[0].sweep is not None and rest[0].sweep == rest[1].sweep
        if within or any(a.sweep is not None and a.sweep == b.sweep and a.key != b.key for a, b in zip(own, own[1:])):
            return {"member": MemberId(member.number)}      # of two who are one now: in which order is not foretold
        shown = own[:request.get("limit", 20)]
        records = []
        for record in shown:
            entry = {"seq": record.seq, "time": rfc3339(record.time), "op": record.op}
            if record.sweep is not None or record.of_level and record.wallet is not None:
                del entry["seq"]        # of several who share a wallet, or of a sweep: whose comes first is not foretold
            gained = {}
            for currency, account, amount, _ in record.post:
                if account in WALLET:
                    gained[currency] = gained.get(currency, 0) + amount
            entry["points"] = {currency: self.programmes[-1].plain(currency, amount)
                               for currency, amount in gained.items() if amount}
            records.append(entry)
        return {"member": MemberId(member.number), "records": records, "more": len(own) > len(shown)}

    def do_lookup(self, request):
        entry = self.keys.get(request["ref"]) or self.receipts.get(request["ref"])
        if entry is None:
            raise Refusal("unknown_ref")
        return self.again(entry)


def same_price(sold, amount, quantity):
    """The same price of one, as far as rounding to minor units can tell; a share of the
    receipt's discount was rounded, too."""
    sold_quantity, quantity = Fraction(sold["quantity"], 10 ** 6), Fraction(quantity, 10 ** 6)
    tolerance = (sold_quantity + quantity) * (2 if sold.get("discounted") else 1)
    return 2 * abs(sold["amount"] * quantity - amount * sold_quantity) < tolerance
