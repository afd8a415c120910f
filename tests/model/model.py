"""What a ledger should answer, worked out the slow way.

This file is the second opinion: it knows SPEC.md and nothing of the engine. It
keeps every purchase it ever saw, counts with Fraction, walks lists, and
recomputes instead of remembering. Whoever makes it fast has missed its point.

One idea to hold: Model.execute(request) returns the answer that the engine
should give to the same JSON object, as far as the model has an opinion. A key
it leaves out is not compared. Points are whole units of their currency's scale
inside, plain numbers outside; money is whole minor units inside.
"""
import copy
import json
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

LIMIT = 2 ** 53 - 1
NEVER = LIMIT
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MINUTE = 60_000
DAY = 86_400_000

DIGITS = {"CNY": 2, "GBP": 2, "USD": 2, "EUR": 2, "EGP": 2, "JPY": 0, "KWD": 3}

# The fields that make up what a caller asked for, in the order in which a
# difference is looked for.
COMPARED = ["ref", "of", "member", "identifiers", "receipt", "store", "till", "at", "amount",
            "lines", "all", "unmatched", "points", "points_of", "operator", "entry", "reason",
            "text", "from", "programme"]


class Refusal(Exception):
    def __init__(self, code, field=None):
        super().__init__(code)
        self.code, self.field = code, field


class MemberId:
    """A member's id, which only the engine knows: it draws it at random. Stands
    in expected answers; the comparison learns what it is and holds it to that."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return isinstance(other, MemberId) and other.number == self.number

    def __hash__(self):
        return hash(self.number)

    def __repr__(self):
        return f"<member {self.number}>"


# --- Time ---------------------------------------------------------------------

def to_moment(when):
    """Milliseconds since 1970 of an aware datetime; no float on the way."""
    span = when - EPOCH
    return span.days * DAY + span.seconds * 1000 + span.microseconds // 1000


def from_moment(moment):
    return EPOCH + timedelta(milliseconds=moment)


def rfc3339(moment):
    if moment == NEVER:
        return None
    text = from_moment(moment).strftime("%Y-%m-%dT%H:%M:%S")
    if moment % 1000:
        text += f".{moment % 1000:03d}"
    return text + "Z"


def read_moment(text, zone):
    """RFC 3339, or local in the zone; an ambiguous local time is the earlier one."""
    when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone, fold=0)
    return to_moment(when.astimezone(timezone.utc))


def local(moment, zone):
    return from_moment(moment).astimezone(zone)


def last_day_of_month(year, month):
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def read_span(text):
    """(months, days, milliseconds) of "P1Y6M", "P2W", "P1DT12H"."""
    months = days = milliseconds = 0
    number, clock = "", False
    for letter in text[1:]:
        if letter.isdigit():
            number += letter
            continue
        if letter == "T":
            clock = True
            continue
        value, number = int(number), ""
        if letter == "Y":
            months += 12 * value
        elif letter == "M" and not clock:
            months += value
        elif letter == "W":
            days += 7 * value
        elif letter == "D":
            days += value
        elif letter == "H":
            milliseconds += value * 60 * MINUTE
        elif letter == "M":
            milliseconds += value * MINUTE
        elif letter == "S":
            milliseconds += value * 1000
    return months, days, milliseconds


def add_span(day, span):
    """Months first, the day clamped; then days."""
    months, days, _ = span
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    month += 1
    clamped = date(year, month, min(day.day, last_day_of_month(year, month)))
    return clamped + timedelta(days=days)


def end_of(day, boundary):
    if boundary == "end_of_month":
        month = day.month
    elif boundary == "end_of_quarter":
        month = (day.month + 2) // 3 * 3
    elif boundary == "end_of_year":
        month = 12
    else:
        return day
    return date(day.year, month, last_day_of_month(day.year, month))


_starts = {}


def start_of_day(day, zone):
    """The first moment that belongs to a date, found by walking minutes."""
    key = (day, zone.key)
    if key not in _starts:
        moment = to_moment(datetime(day.year, day.month, day.day, tzinfo=timezone.utc)) - 27 * 60 * MINUTE
        while local(moment, zone).date() < day:
            moment += MINUTE
        _starts[key] = moment
    return _starts[key]


# --- Exact numbers --------------------------------------------------------------

def to_units(value, scale):
    """A decimal (text, int or Fraction) in whole smallest units."""
    units = Fraction(str(value)) * 10 ** scale
    if units.denominator != 1:
        raise Refusal("invalid_amount")
    if abs(units) > LIMIT:
        raise Refusal("invalid_amount")
    return int(units)


def money_text(units, digits):
    sign, units = ("-", -units) if units < 0 else ("", units)
    if digits == 0:
        return f"{sign}{units}"
    whole, part = divmod(units, 10 ** digits)
    return f"{sign}{whole}.{part:0{digits}d}"


def quantity_text(millionths):
    return money_text(millionths, 6).rstrip("0").rstrip(".")


def checked(units):
    if abs(units) > LIMIT:
        raise Refusal("overflow")
    return units


def round_by(value, rounding):
    if rounding == "down":
        return floor(value)
    if rounding == "up":
        return -floor(-value)
    if rounding == "nearest":
        return floor(value + Fraction(1, 2))
    if rounding == "even":
        below = floor(value)
        part = value - below
        if part == Fraction(1, 2):
            return below if below % 2 == 0 else below + 1
        return floor(value + Fraction(1, 2))
    raise AssertionError(rounding)


def largest_remainder(total, weights):
    """Split total over weights; what is left over goes one by one to the largest
    fractions, the earlier first among equals."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    shares = [floor(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))
    for i in order[:total - sum(shares)]:
        shares[i] += 1
    return shares


# --- The programme --------------------------------------------------------------

class Programme:
    """One version of the document, read without checking it."""

    def __init__(self, document, number=1, start=None):
        self.document, self.number, self.start = document, number, start
        self.zone = ZoneInfo(document["timezone"])
        self.digits = DIGITS[document["currency"]]
        receipts = document.get("receipts", {})
        self.unique_by = [part for part in ("store", "till", "date")
                          if part in receipts.get("unique_by", [])]
        hours, minutes = receipts.get("business_day_starts", "00:00").split(":")
        self.day_starts = timedelta(hours=int(hours), minutes=int(minutes))
        self.late = read_span(receipts.get("late", "P7D"))
        self.late_operators = receipts.get("late_operators", [])
        base = document.get("base", {})
        self.tax_excluded = base.get("tax") == "excluded"
        self.discounts_ignored = base.get("discounts") == "ignore"
        self.excluding = base.get("excluding", {})
        self.points = document["points"]
        self.earn = document.get("earn", [])
        self.shortfall = document.get("returns", {}).get("shortfall", "debt")

    def scale(self, currency):
        return self.points[currency].get("scale", 0)

    def spendable(self, currency):
        return self.points[currency].get("spendable", True)

    def plain(self, currency, units):
        """Points as answers show them."""
        return Fraction(units, 10 ** self.scale(currency))

    def expiry(self, currency, at):
        expires = self.points[currency].get("expires")
        if expires is None or expires == "never":
            return NEVER
        inclusive = end_of(add_span(local(at, self.zone).date(), read_span(expires["after"])),
                           expires.get("at", "end_of_day"))
        return start_of_day(inclusive + timedelta(days=1), self.zone)

    def business_day(self, at):
        when = local(at, self.zone)
        day = when.date()
        if timedelta(hours=when.hour, minutes=when.minute) < self.day_starts:
            day -= timedelta(days=1)
        return day

    def identity(self, request, at):
        if "date" in self.unique_by and "at" not in request:
            raise Refusal("missing_field", "at")     # a retry tomorrow would be another receipt
        parts = {"store": request.get("store"), "till": request.get("till"),
                 "date": self.business_day(at).isoformat()}
        needed = [parts[part] for part in self.unique_by]
        if None in needed:
            raise Refusal("missing_field")
        return "/".join(needed + [request["receipt"]])

    def worth(self, lines):
        """What lines earn: [(rule, currency, points, exact)], one entry for each gift
        of each rule that finds something to count; exact is not None for carry."""
        found = []
        for rule in self.earn:
            bases = []
            for line in lines:
                if names(self.excluding, line) or names(rule.get("excluding", {}), line):
                    continue
                only = rule.get("only", {})
                if (only.get("sku") or only.get("category")) and not names(only, line):
                    continue
                base = line["amount"]
                if self.discounts_ignored:
                    base += line["discount"]
                if self.tax_excluded:
                    base -= line["tax"]
                bases.append(max(base, 0))
            if sum(bases) == 0:
                continue
            per = Fraction(rule["per"]) * 10 ** self.digits
            rounding = rule.get("rounding", "down")
            for currency, gives in rule["gives"].items():
                rate = Fraction(str(gives)) * 10 ** self.scale(currency) / per
                if rounding == "carry":
                    found.append((rule["id"], currency, 0, sum(bases) * rate))
                elif rule.get("each", "receipt") == "line":
                    found.append((rule["id"], currency,
                                  checked(sum(round_by(base * rate, rounding) for base in bases)), None))
                else:
                    found.append((rule["id"], currency, checked(round_by(sum(bases) * rate, rounding)), None))
        return found


def names(chosen, line):
    return (line["sku"] != "" and line["sku"] in chosen.get("sku", [])) or \
           (line["category"] != "" and line["category"] in chosen.get("category", []))


def totals(worth):
    """(points by currency, exact carried contribution by currency)"""
    whole, carried = {}, {}
    for _, currency, points, exact in worth:
        if exact is None:
            whole[currency] = whole.get(currency, 0) + points
        else:
            carried[currency] = carried.get(currency, Fraction(0)) + exact
    return whole, carried


# --- Members, lots, purchases, records ---------------------------------------------

class Lot:
    def __init__(self, seq, index, currency, amount, earned, expires, origin):
        self.earned = earned
        self.seq, self.index, self.currency = seq, index, currency
        self.amount = self.left = amount
        self.expires, self.origin = expires, origin

    def name(self):
        return f"{self.seq}.{self.index}"


def burn_order(lot):
    return (lot.expires, lot.seq, lot.index)


class Member:
    def __init__(self, number, joined):
        self.number, self.joined = number, joined
        self.lots, self.debt = [], {}
        self.carried = {}                 # currency: the exact sum of all contributions, whole and all

    def available(self, currency):
        return sum(lot.left for lot in self.lots if lot.currency == currency) - self.debt.get(currency, 0)

    def open_lots(self, currency):
        return sorted((lot for lot in self.lots if lot.currency == currency and lot.left > 0),
                      key=burn_order)


class Purchase:
    def __init__(self, seq, member, identity, at, programme, amount, lines, itemised):
        self.itemised = itemised              # lines were sent; else there is one for the total
        self.seq, self.member, self.identity, self.at = seq, member, identity, at
        self.programme, self.amount, self.lines = programme, amount, lines
        self.how = None                       # "lines" or "amount", once a part came back
        self.quantities = [0] * len(lines)    # millionths returned of each line
        self.amount_back = 0                  # returned by amount
        self.all_back = False

    def rest(self):
        """The basket without what has been returned."""
        if self.all_back:
            return []
        if self.how == "amount":
            if self.amount_back == self.amount:
                return []
            back = largest_remainder(self.amount_back, [line["amount"] for line in self.lines])
            return [remainder(line, share, line["amount"]) for line, share in zip(self.lines, back)]
        return [remainder(line, quantity, line["quantity"])
                for line, quantity in zip(self.lines, self.quantities)]

    def left(self, index):
        return 0 if self.all_back else self.lines[index]["quantity"] - self.quantities[index]

    def nothing_left(self):
        if self.all_back:
            return True
        if self.how == "amount":
            return self.amount_back == self.amount
        return all(self.left(i) == 0 for i in range(len(self.lines)))


def remainder(line, returned, of):
    if of == 0 or returned == 0:
        return dict(line)
    rest = dict(line)
    for part in ("amount", "discount", "tax"):
        rest[part] = line[part] - floor(Fraction(line[part] * returned, of))
    return rest


class Record:
    """A head, as far as it can be foretold."""

    def __init__(self, seq, time, op, member=None, programme=None, at=None):
        self.seq, self.time, self.op, self.member, self.programme = seq, time, op, member, programme
        self.at = time if at is None else at
        self.post, self.lots, self.gave, self.returned, self.carry, self.of = [], [], [], {}, {}, None
        self.names = None          # of a member.link: what it linked

    def posting(self, currency, account, amount, lot=None):
        if amount != 0:
            self.post.append((currency, account, amount, None if lot is None else (lot.seq, lot.index)))

    def check(self):
        sums = {}
        for currency, _, amount, _ in self.post:
            sums[currency] = sums.get(currency, 0) + amount
        assert all(total == 0 for total in sums.values()), self.post


# --- The ledger -------------------------------------------------------------------

class Model:
    def __init__(self, document):
        self.programmes = [Programme(document, 1, 0)]
        self.records = [Record(0, 0, "genesis"), Record(1, 0, "programme")]
        self.members = []
        self.identifiers = {}       # "card:…": member
        self.keys = {}              # ref: (request, answer, record's seq)
        self.receipts = {}          # receipt identity: the same
        self.purchases = {}         # seq: Purchase
        self.redeems = {}           # seq: [(lot, amount)]
        self.cancelled = set()
        self.now = 0
        self.live = False           # before the first live operation the log's clock stands at 0

    # -- the entrance

    def execute(self, request):
        """The answer to one request. Each operation refuses before it changes
        anything (test_model.py holds it to that)."""
        self.now = max(self.records[-1].time,
                       read_moment(request["now"], None) if "now" in request else 0)
        try:
            answer = getattr(self, "do_" + request["op"].replace(".", "_"))(request)
            answer = {"ok": True, **answer}
        except Refusal as refusal:
            error = {"code": refusal.code}
            if refusal.field:
                error["field"] = refusal.field
            answer = {"ok": False, "error": error}
        if "id" in request:
            answer["id"] = request["id"]
        return answer

    def dream_of(self, member):
        """(a copy of the world as far as an operation on this member changes it, the
        member's copy): what happens there, happened nowhere."""
        world = copy.copy(self)
        world.records = list(self.records)
        world.identifiers = dict(self.identifiers)
        world.members = list(self.members)
        if member is None:
            return world, None
        twin = copy.deepcopy(member)
        world.members[member.number] = twin
        for name, who in self.identifiers.items():
            if who is member:
                world.identifiers[name] = twin
        return world, twin

    # -- common ground

    def programme_at(self, at):
        chosen = self.programmes[0]
        for programme in self.programmes[1:]:
            if programme.start <= at:
                chosen = programme
        return chosen

    def in_force(self):
        return self.programme_at(self.now)

    def find(self, name):
        if name in self.identifiers:
            return self.identifiers[name]
        bare = [who for which, who in self.identifiers.items() if which.split(":", 1)[1] == name]
        if len(bare) == 1:
            return bare[0]
        if len(bare) > 1:
            raise Refusal("ambiguous_member")
        raise Refusal("unknown_member")

    def normal(self, request):
        """What was asked, in one spelling."""
        programme = self.in_force()
        normal = {}
        for field in COMPARED:
            if field not in request:
                continue
            value = request[field]
            if field == "member":
                value = self.identifiers[value].number if value in self.identifiers else value
            elif field in ("at", "from"):
                value = read_moment(value, programme.zone)
            elif field == "amount":
                value = to_units(value, programme.digits)
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

    def known(self, request, scope, key):
        """The recorded answer of a known key; a refusal where it asks something else."""
        if key not in scope:
            return None
        recorded, answer, seq = scope[key]
        if recorded["op"] != request["op"].replace("quote", "purchase"):
            raise Refusal("key_reused")
        first, second = self.normal(recorded), self.normal(request)
        fields = list(COMPARED)
        if request.get("member") not in self.identifiers:
            fields.append("member")     # nobody to compare with, unless all else is the same
            fields.remove("member")
        for field in fields:
            if first.get(field) != second.get(field):
                raise Refusal("key_reused", field)
        answer = copy.deepcopy(answer)
        answer["duplicate"] = True
        answer.pop("enrolled", None)
        if "balances" in answer:
            answer["balances"] = self.balances(self.members[answer["member"].number])
        return answer

    def remember(self, request, seq, answer, ref=None, identity=None):
        entry = (copy.deepcopy(request), answer, seq)
        if ref is not None:
            self.keys[ref] = entry
        if identity is not None:
            self.receipts[identity] = entry

    def business_time(self, request, programme):
        """Business time."""
        return read_moment(request["at"], programme.zone) if "at" in request else self.now

    def refuse_odd_times(self, request, at):
        if at > self.now + 5 * MINUTE:
            raise Refusal("in_future")
        programme = self.in_force()      # lateness goes by today's rule
        if request.get("operator") not in programme.late_operators:
            months, days, milliseconds = programme.late
            when = local(at, programme.zone)
            moved = add_span(when.date(), (months, days, 0))
            limit = to_moment(datetime.combine(moved, when.time(), tzinfo=programme.zone)) + milliseconds
            if limit < self.now:
                raise Refusal("too_late")

    def lapsing(self, member, time):
        return sorted((lot for lot in member.lots if lot.left > 0 and lot.expires <= time), key=burn_order)

    def balances(self, member):
        """As they stand now, whether or not anybody recorded what lapsed."""
        out = {}
        programme = self.programmes[-1]
        for currency in programme.points:
            units = self.spendable_now(member, currency)
            out[currency] = {"available": programme.plain(currency, units),
                             "pending": 0, "reserved": 0}
        return out

    def advance(self, member):
        lapsed = self.lapsing(member, self.now)
        if not lapsed:
            return
        record = self.record("elapse", member)
        for lot in lapsed:
            record.posting(lot.currency, "available", -lot.left, lot)
            record.posting(lot.currency, "expired", lot.left)
            lot.left = 0
        record.check()

    def record(self, op, member=None, programme=None, at=None):
        self.live = self.live or op != "programme"
        record = Record(len(self.records), self.now if self.live else 0, op,
                        None if member is None else MemberId(member.number), programme, at)
        self.records.append(record)
        return record

    def common(self, op, record, member):
        return {"op": op, "seq": record.seq, "time": rfc3339(record.time),
                "member": MemberId(member.number), "duplicate": False,
                "balances": self.balances(member)}

    # -- what moves points

    def give(self, member, record, currency, amount, expires, origin, account):
        """Points flow in: debt first, the rest becomes a lot, which may be born
        lapsed. Returns what settled debt."""
        if amount == 0:
            return 0
        record.posting(currency, account, -amount)
        settled = min(member.debt.get(currency, 0), amount)
        member.debt[currency] = member.debt.get(currency, 0) - settled
        record.posting(currency, "debt", settled)
        amount -= settled
        if amount > 0:
            lot = Lot(record.seq, len(record.lots), currency, amount, record.at, expires, origin)
            record.lots.append(lot)
            member.lots.append(lot)
            record.posting(currency, "available", amount, lot)
            if expires <= record.time:
                record.posting(currency, "available", -amount, lot)
                record.posting(currency, "expired", amount)
                lot.left = 0
        return settled

    def burn(self, member, record, currency, amount, lots):
        """Take up to `amount` from these lots in turn; how much was there."""
        taken = 0
        for lot in lots:
            part = min(lot.left, amount - taken)
            lot.left -= part
            taken += part
            record.posting(currency, "available", -part, lot)
        return taken

    # -- members

    def do_member_add(self, request):
        answer = self.known_member(request, None)
        if answer:
            return answer
        if any(name in self.identifiers for name in request["identifiers"]):
            raise Refusal("identifier_taken")
        member = self.enrol(request["identifiers"])
        return self.member_answer(request, self.records[-1], member)

    def known_member(self, request, member):
        """A ref that is known; or, without one, identifiers that are all linked
        already: then the newest record that linked just these, else the adding one."""
        if "ref" in request:
            return self.known(request, self.keys, request["ref"])
        holders = {self.identifiers[name].number if name in self.identifiers else None
                   for name in request["identifiers"]}
        if len(holders) != 1 or None in holders or (member is not None and holders != {member.number}):
            return None
        holder = holders.pop()
        own = [record for record in self.records if record.member == MemberId(holder)]
        same = [record for record in own
                if record.op == request["op"] == "member.link" and record.names == request["identifiers"]] or \
            [record for record in own if record.op == "member.add"]
        return {"op": same[-1].op, "seq": same[-1].seq, "duplicate": True, "member": MemberId(holder)}

    def member_answer(self, request, record, member):
        answer = {"op": record.op, "seq": record.seq, "duplicate": False, "member": MemberId(member.number)}
        if "ref" in request:
            self.remember(request, record.seq, answer, ref=request["ref"])
        return answer

    def enrol(self, names_):
        member = Member(len(self.members), self.now)
        self.members.append(member)
        for name in names_:
            self.identifiers[name] = member
        self.record("member.add", member)
        return member

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
            self.identifiers[name] = member
        return self.member_answer(request, record, member)

    def do_member_unlink(self, request):
        if "ref" in request:
            answer = self.known(request, self.keys, request["ref"])
            if answer:
                return answer
        member = self.find(request["member"])
        if any(self.identifiers.get(name) is not member for name in request["identifiers"]):
            raise Refusal("unknown_member")
        record = self.record("member.unlink", member)
        for name in request["identifiers"]:
            del self.identifiers[name]
        return self.member_answer(request, record, member)

    # -- purchases

    def basket(self, request, programme):
        """(amount, lines); a receipt without lines is one line without a name."""
        amount = to_units(request["amount"], programme.digits)
        if "lines" not in request:
            return amount, [{"sku": "", "category": "", "quantity": 10 ** 6, "amount": amount,
                             "discount": 0, "tax": 0}]
        lines = []
        for line in request["lines"]:
            line = self.normal_line(line, "purchase", programme)
            lines.append({"sku": line.get("sku", ""), "category": line.get("category", ""),
                          "quantity": line.get("quantity", 10 ** 6), "amount": line.get("amount", 0),
                          "discount": line.get("discount", 0), "tax": line.get("tax", 0)})
        if sum(line["amount"] for line in lines) != amount:
            raise Refusal("lines_mismatch")
        return amount, lines

    def do_purchase(self, request, quote=False):
        at = self.business_time(request, self.in_force())
        programme = self.programme_at(at)
        identity = None
        if "receipt" in request:
            identity = programme.identity(request, at)
        if "ref" in request:
            answer = self.known(request, self.keys, request["ref"])
            if answer:
                return answer
            if identity in self.receipts:
                raise Refusal("receipt_exists")
        elif identity is not None:
            answer = self.known(request, self.receipts, identity)
            if answer:
                return answer
        amount, lines = self.basket(request, programme)
        try:
            member = self.find(request["member"])
        except Refusal:
            if not request.get("enrol") or not request["member"].startswith(("card:", "phone:")):
                raise
            member = None
        self.refuse_odd_times(request, at)
        worth = programme.worth(lines)
        whole, carried = totals(worth)
        for currency in programme.points:
            held = 0 if member is None else self.spendable_now(member, currency)
            checked(held + whole.get(currency, 0) + floor(carried.get(currency, 0)))

        # From here on it succeeds.
        enrolled = member is None
        if enrolled:
            member = self.enrol([request["member"]])
        self.advance(member)
        record = self.record("purchase", member, programme.number, at)
        earned, repaid = [], {}
        sums = {}
        for rule, currency, points, exact in worth:
            if exact is not None:
                before = floor(member.carried.get(currency, Fraction(0)))
                member.carried[currency] = member.carried.get(currency, Fraction(0)) + exact
                points = floor(member.carried[currency]) - before
            record.gave.append((rule, currency, points))
            sums[currency] = sums.get(currency, 0) + points
            earned.append({"points": currency, "amount": programme.plain(currency, points), "rule": rule})
        for currency in programme.points:
            settled = self.give(member, record, currency, sums.get(currency, 0),
                                programme.expiry(currency, at), "purchase", "issued")
            if settled:
                repaid[currency] = programme.plain(currency, settled)
        for gift in earned:
            expires = [lot.expires for lot in record.lots if lot.currency == gift["points"]]
            gift["expires"] = rfc3339(expires[0]) if expires else None
        record.check()
        record.carry = {currency: exact % 1 for currency, exact in member.carried.items()}
        answer = self.common("purchase", record, member)
        answer.update({"amount": money_text(amount, programme.digits), "at": rfc3339(at),
                       "programme": programme.number, "enrolled": enrolled, "earned": earned,
                       "repaid": repaid})
        if identity is not None:
            answer["receipt"] = identity
        if not quote:
            self.purchases[record.seq] = Purchase(record.seq, member, identity, at, programme, amount, lines,
                                                   "lines" in request)
            self.remember(request, record.seq, answer, ref=request.get("ref"), identity=identity)
        return answer

    def do_quote(self, request):
        """A purchase in a copy of the world that is then forgotten."""
        world, _ = self.dream_of(self.identifiers.get(request["member"]))
        answer = world.do_purchase(request, quote=True)
        if answer["duplicate"]:
            return answer
        for name in ("seq", "time"):
            del answer[name]
        if answer["enrolled"]:
            del answer["member"]
        answer["quote"] = True
        answer.setdefault("receipt", None)
        return answer

    # -- returns

    def do_return(self, request):
        answer = self.known(request, self.keys, request["ref"])
        if answer:
            return answer
        at = self.business_time(request, self.in_force())
        if "of" in request:
            if request["of"] not in self.receipts:
                raise Refusal("unknown_receipt")
            purchase = self.purchases[self.receipts[request["of"]][2]]
            member = purchase.member
        self.refuse_odd_times(request, at)
        if "of" not in request:
            member = self.find(request["member"])

        # What comes back of which purchase, tried on copies: [(purchase, as it will be, lines)]
        parts, leftover, unmatched = [], [], []
        if "of" in request:
            after = copy.copy(purchase)
            after.quantities = list(purchase.quantities)
            self.take_back(request, after)
            parts.append((purchase, after))
        else:
            parts, leftover, unmatched = self.match(request, member, at)
            if unmatched and request["unmatched"] == "refuse":
                raise Refusal("no_match")
            if not parts and request["unmatched"] == "skip":
                raise Refusal("no_match")
        deduct = bool(leftover) and request.get("unmatched") == "deduct"

        # Whether a shortfall is refused is found out on a copy of the world.
        world, twin = self.dream_of(member)
        world.carry_out_return(twin, parts, leftover if deduct else [], at)
        record, outcome = self.carry_out_return(member, parts, leftover if deduct else [], at)
        for purchase, after in parts:
            purchase.how, purchase.quantities = after.how, after.quantities
            purchase.amount_back, purchase.all_back = after.amount_back, after.all_back
        answer = self.common("return", record, member)
        answer.update(outcome)
        answer["unmatched"] = unmatched
        self.remember(request, record.seq, answer, ref=request["ref"])
        return answer

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
        candidates = [purchase for purchase in reversed(list(self.purchases.values()))
                      if purchase.member is member and purchase.at <= at and purchase.how != "amount"
                      and not purchase.all_back]
        leftover, unmatched, order = [], [], []
        for number, line in enumerate(request["lines"], 1):
            wanted = quantity = to_units(line["quantity"], 6)
            paid = {name: to_units(line.get(name, 0), digits) for name in ("amount", "discount", "tax")}
            for purchase in candidates:
                trial = copies.get(purchase.seq)
                if trial is None:
                    trial = copy.copy(purchase)
                    trial.quantities = list(purchase.quantities)
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
        latest_first = sorted(order, key=lambda purchase: -purchase.seq)
        return [(purchase, copies[purchase.seq]) for purchase in latest_first], leftover, unmatched

    def carry_out_return(self, member, parts, leftover, at):
        """Record it; the purchases themselves are marked by the caller. First each
        part's own lot, then, for what all parts together still want, other lots in
        burn order, then the shortfall policy."""
        self.advance(member)
        record = self.record("return", member, self.programme_at(at).number, at)
        assessed, wanted, earned, sources = {}, {}, {}, {}
        returned, money = [], 0
        for purchase, after in parts:
            programme = purchase.programme
            before, rest = purchase.rest(), after.rest()
            amount = sum(line["amount"] for line in before) - sum(line["amount"] for line in rest)
            money += amount
            back = [(i, after.quantities[i] - purchase.quantities[i]) for i in range(len(purchase.lines))
                    if after.quantities[i] != purchase.quantities[i]]
            how = "all" if after.all_back else after.how
            record.returned[purchase.seq] = (how, amount, back)
            returned.append({"seq": purchase.seq, "receipt": purchase.identity, "how": how,
                             "amount": money_text(amount, programme.digits),
                             "lines": [{"line": i + 1, "quantity": quantity_text(quantity)}
                                       for i, quantity in back]})
            for currency in programme.points:
                due = self.assess(member, programme, before, rest, currency)
                assessed[currency] = assessed.get(currency, 0) + due
                earned[currency] = purchase.at
                own = [lot for lot in member.lots if lot.seq == purchase.seq and lot.currency == currency]
                taken = self.burn(member, record, currency, max(due, 0), own)
                wanted[currency] = wanted.get(currency, 0) + due - taken
                self.note(sources, currency, "from_receipt", taken)
        if leftover:
            programme = self.programme_at(at)
            for currency in programme.points:
                due = self.assess(member, programme, leftover, [], currency)
                assessed[currency] = assessed.get(currency, 0) + due
                wanted[currency] = wanted.get(currency, 0) + due
        policy = self.programme_at(at).shortfall
        receipts = [purchase.seq for purchase, _ in parts]
        for currency, due in wanted.items():
            if due < 0:
                # What is left of the baskets is worth more than before: points come back.
                self.give(member, record, currency, -due,
                          self.programme_at(at).expiry(currency, earned[currency]), "purchase", "returned")
                continue
            for lot in member.open_lots(currency):
                taken = self.burn(member, record, currency, due, [lot])
                due -= taken
                self.note(sources, currency, "from_receipt" if lot.seq in receipts else "from_other", taken)
            if due > 0 and policy == "refuse":
                raise Refusal("return_shortfall")
            if due > 0 and policy == "forgive":
                self.note(sources, currency, "forgiven", due)
            if due > 0 and policy == "debt":
                self.note(sources, currency, "debt", due)
                member.debt[currency] = checked(member.debt.get(currency, 0) + due)
                record.posting(currency, "debt", -due)
        for currency in assessed:
            record.posting(currency, "returned", -sum(amount for name, account, amount, _ in record.post
                                                      if name == currency))
        record.check()
        record.carry = {currency: exact % 1 for currency, exact in member.carried.items()}
        programme = self.programmes[-1]
        plain = programme.plain
        outcome = {"at": rfc3339(at), "returned": returned, "amount": money_text(money, programme.digits),
                   "assessed": {currency: plain(currency, units) for currency, units in assessed.items()
                                if units != 0}}
        if min(wanted.values(), default=0) >= 0:
            outcome["collected"] = {currency: {where: plain(currency, units) for where, units in found.items()}
                                    for currency, found in sources.items() if assessed[currency] != 0}
        return record, outcome

    def note(self, sources, currency, where, amount):
        found = sources.setdefault(currency, {"from_receipt": 0, "from_other": 0, "debt": 0, "forgiven": 0})
        found[where] += amount

    def assess(self, member, programme, before, after, currency):
        """What `before` is worth beyond `after`; what was carried leaves the exact sum."""
        whole_before, carried_before = totals(programme.worth(before))
        whole_after, carried_after = totals(programme.worth(after))
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
        return currency, to_units(request["points"], programme.scale(currency))

    def spendable_now(self, member, currency):
        """What an operation would find after advancing."""
        return member.available(currency) - sum(
            lot.left for lot in self.lapsing(member, self.now) if lot.currency == currency)

    def do_redeem(self, request):
        currency, amount = self.points_of(request)
        answer = self.known(request, self.keys, request["ref"])
        if answer:
            return answer
        member = self.find(request["member"])
        if not self.in_force().spendable(currency):
            raise Refusal("not_spendable")
        if self.spendable_now(member, currency) < amount:
            raise Refusal("insufficient_points")
        programme = self.in_force()
        self.advance(member)
        record = self.record("redeem", member, programme.number)
        taken = []
        for lot in member.open_lots(currency):
            part = self.burn(member, record, currency, amount - sum(part for _, part in taken), [lot])
            if part > 0:
                taken.append((lot, part))
        record.posting(currency, "redeemed", amount)
        record.check()
        self.redeems[record.seq] = (member, currency, taken)
        answer = self.common("redeem", record, member)
        answer["redeemed"] = {"points": currency, "amount": programme.plain(currency, amount)}
        answer["lots"] = [{"lot": lot.name(), "points": currency, "amount": programme.plain(currency, part),
                           "expires": rfc3339(lot.expires)} for lot, part in taken]
        self.remember(request, record.seq, answer, ref=request["ref"])
        return answer

    def do_cancel(self, request):
        answer = self.known(request, self.keys, request["ref"])
        if answer:
            return answer
        if request["of"] not in self.keys:
            raise Refusal("unknown_ref")
        seq = self.keys[request["of"]][2]
        if seq not in self.redeems:
            raise Refusal("not_cancellable")
        if seq in self.cancelled:
            raise Refusal("already_cancelled")
        member, currency, taken = self.redeems[seq]
        self.advance(member)
        programme = self.in_force()
        record = self.record("cancel", member, programme.number)
        record.of = seq
        back = lapsed = 0
        for lot, part in taken:
            record.posting(currency, "redeemed", -part)
            if lot.expires <= record.time:
                record.posting(currency, "expired", part)
                lapsed += part
                continue
            back += part
            settled = min(member.debt.get(currency, 0), part)
            member.debt[currency] = member.debt.get(currency, 0) - settled
            record.posting(currency, "debt", settled)
            lot.left += part - settled
            record.posting(currency, "available", part - settled, lot)
        record.check()
        self.cancelled.add(seq)
        answer = self.common("cancel", record, member)
        answer["restored"] = {"points": currency, "amount": programme.plain(currency, back)}
        answer["lapsed"] = {"points": currency, "amount": programme.plain(currency, lapsed)}
        self.remember(request, record.seq, answer, ref=request["ref"])
        return answer

    def do_adjust(self, request):
        currency, amount = self.points_of(request)
        answer = self.known(request, self.keys, request["ref"])
        if answer:
            return answer
        member = self.find(request["member"])
        if amount < 0 and self.spendable_now(member, currency) < -amount:
            raise Refusal("insufficient_points")
        checked(self.spendable_now(member, currency) + amount)
        programme = self.in_force()
        self.advance(member)
        record = self.record("adjust", member, programme.number)
        if amount > 0:
            self.give(member, record, currency, amount, programme.expiry(currency, self.now), "goodwill",
                      "adjusted")
        else:
            self.burn(member, record, currency, -amount, member.open_lots(currency))
            record.posting(currency, "adjusted", -amount)
        record.check()
        answer = self.common("adjust", record, member)
        answer["adjusted"] = {"points": currency, "amount": programme.plain(currency, amount)}
        self.remember(request, record.seq, answer, ref=request["ref"])
        return answer

    # -- programmes

    def do_programme_apply(self, request):
        if "ref" in request:
            answer = self.known(request, self.keys, request["ref"])
            if answer:
                return answer
        document = json.loads(request["programme"])
        last = self.programmes[-1]
        if "ref" not in request and "from" not in request and document == last.document:
            return {"duplicate": True, "version": last.number}
        start = read_moment(request["from"], self.in_force().zone) if "from" in request else self.now
        programme = Programme(document, last.number + 1, start)
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
            self.remember(request, record.seq, answer, ref=request["ref"])
        return answer

    # -- questions

    def do_show(self, request):
        member = self.find(request["member"])
        programme = self.programmes[-1]
        lots = []
        for currency in programme.points:
            for lot in member.open_lots(currency):
                if lot.expires > self.now:
                    lots.append({"lot": lot.name(), "points": currency,
                                 "amount": programme.plain(currency, lot.amount),
                                 "left": programme.plain(currency, lot.left),
                                 "origin": lot.origin, "earned": rfc3339(lot.earned),
                                 "expires": rfc3339(lot.expires)})
        return {"member": MemberId(member.number), "joined": rfc3339(member.joined),
                "at": rfc3339(self.now), "balances": self.balances(member), "lots": lots}

    def do_history(self, request):
        member = self.find(request["member"])
        own = [record for record in reversed(self.records) if record.member == MemberId(member.number)
               and record.seq < request.get("before", LIMIT)]
        shown = own[:request.get("limit", 20)]
        records = []
        for record in shown:
            entry = {"seq": record.seq, "time": rfc3339(record.time), "op": record.op}
            gained = {}
            for currency, account, amount, _ in record.post:
                if account in ("available", "debt"):
                    gained[currency] = gained.get(currency, 0) + amount
            entry["points"] = {currency: self.programmes[-1].plain(currency, amount)
                               for currency, amount in gained.items() if amount}
            records.append(entry)
        return {"member": MemberId(member.number), "records": records, "more": len(own) > len(shown)}

    def do_lookup(self, request):
        entry = self.keys.get(request["ref"]) or self.receipts.get(request["ref"])
        if entry is None:
            raise Refusal("unknown_ref")
        answer = copy.deepcopy(entry[1])
        answer["duplicate"] = True
        answer.pop("enrolled", None)
        if "balances" in answer:
            answer["balances"] = self.balances(self.members[answer["member"].number])
        return answer


def same_price(sold, amount, quantity):
    """The same price of one, as far as rounding to minor units can tell."""
    sold_quantity, quantity = Fraction(sold["quantity"], 10 ** 6), Fraction(quantity, 10 ** 6)
    return 2 * abs(sold["amount"] * quantity - amount * sold_quantity) < sold_quantity + quantity
