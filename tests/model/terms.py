"""What the ledger's words mean, without a ledger: moments and civil dates, exact
numbers, and one version of the programme with what a basket earns under it.

All of it is pure. It knows SPEC.md (sections 2, 3, 10, 11) and nothing of the engine.
"""
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

LIMIT = 2 ** 53 - 1
NEVER = LIMIT
ACTIVATE = -1               # available from: not before an `activate`
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MINUTE = 60_000
DAY = 86_400_000

DIGITS = {"CNY": 2, "GBP": 2, "USD": 2, "EUR": 2, "EGP": 2, "JPY": 0, "KWD": 3}


class Refusal(Exception):
    def __init__(self, code, field=None, entry=None):
        super().__init__(code)
        self.code, self.field, self.entry = code, field, entry     # entry: which request of a group


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


def length(span):
    """To compare two: a day has 24 hours, a month is a twelfth of 365.25 days."""
    months, days, milliseconds = span
    return months * Fraction(36525, 1200) * DAY + days * DAY + milliseconds


def add_to_moment(moment, span, zone):
    """Months and days on the clocks of the zone, then the rest exactly."""
    months, days, milliseconds = span
    if months == days == 0:
        return moment + milliseconds
    when = local(moment, zone)
    moved = add_span(when.date(), (months, days, 0))
    return to_moment(datetime.combine(moved, when.time(), tzinfo=zone)) + milliseconds


def next_listed(day, listed):
    """The first of the days "MM-DD" that is not before `day`."""
    found = []
    for text in listed:
        month, number = map(int, text.split("-"))
        for year in (day.year, day.year + 1):
            one = date(year, month, min(number, last_day_of_month(year, month)))
            if one >= day:
                found.append(one)
    return min(found)


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

def is_date(text):
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


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
        self.paid_earns = base.get("points") == "ignore"
        self.excluding = base.get("excluding", {})
        self.excluding_tenders = base.get("excluding_tenders", ["voucher"])
        self.points = document["points"]
        self.earn = document.get("earn", [])
        returns = document.get("returns", {})
        self.shortfall = returns.get("shortfall", "debt")
        self.window = returns.get("window")
        self.unknown_returns = returns.get("unknown", "hold")
        self.by_amount = returns.get("no_receipt")
        reservations = document.get("reservations", {})
        self.timeout = reservations.get("timeout", "PT15M")
        self.longest = reservations.get("longest", "P1D")
        self.households = document.get("households")
        self.adjust_limits = document.get("adjust", {}).get("limits", {})
        self.late_in_closed = document.get("closing", {}).get("late", "report")
        members = document.get("members", {})
        self.unknown_members = members.get("unknown", "refuse")
        self.phone_country, self.phone_trunk = members.get("phone_country"), members.get("phone_trunk", "0")
        self.claims = document.get("claims")
        self.voids_within = document.get("voids", {}).get("within")
        self.own_card = document.get("operators", {}).get("own_card", "flag")
        self.approvals = document.get("approvals", {})

    def scale(self, currency):
        return self.points[currency].get("scale", 0)

    def spendable(self, currency):
        return self.points[currency].get("spendable", True)

    def plain(self, currency, units):
        """Points as answers show them."""
        return Fraction(units, 10 ** self.scale(currency))

    def units(self, currency, points):
        return to_units(points, self.scale(currency))

    def available_from(self, currency, at):
        """When points of a purchase of this moment can be spent: None: at once, or
        a moment, or ACTIVATE."""
        pending = self.points[currency].get("pending")
        if pending is None:
            return None
        if pending.get("until") == "activate":
            return ACTIVATE
        span = read_span(self.window if pending.get("until") == "return_window" else pending["for"])
        months, days, milliseconds = span
        if months == days == 0:
            return at + milliseconds
        return start_of_day(add_span(local(at, self.zone).date(), span) + timedelta(days=1), self.zone)

    def expiry(self, currency, moment, available_from=0):
        """The first moment at which points are gone that count from `moment`; never
        before they are available."""
        rule = self.points[currency].get("expires", "never")
        if rule == "never" or ("after" not in rule and "at" not in rule):
            return NEVER
        day = local(moment, self.zone).date()
        if "after" in rule:
            day = add_span(day, read_span(rule["after"]))
        boundary = rule.get("at", "end_of_day")
        day = next_listed(day, boundary) if isinstance(boundary, list) else end_of(day, boundary)
        return max(start_of_day(day + timedelta(days=1), self.zone), available_from)

    def counts_from_earned(self, currency):
        rule = self.points[currency].get("expires", "never")
        return rule != "never" and rule.get("from") == "earned"

    def expiry_of_purchase(self, currency, at):
        """When points of a purchase lapse, if they need not wait for an `activate`."""
        available_from = self.available_from(currency, at)
        waits = available_from not in (None, ACTIVATE) and not self.counts_from_earned(currency)
        return self.expiry(currency, available_from if waits else at)

    def redates(self, currency):
        """Whether its rule is for points earned before, too."""
        rule = self.points.get(currency, {}).get("expires", "never")
        return rule != "never" and rule.get("applies_to") == "all"

    def inactive(self, currency, moment):
        """When points lapse if nothing happens after this moment; None: no such rule."""
        rule = self.points.get(currency, {}).get("expires", "never")
        if rule == "never" or "inactive" not in rule:
            return None
        day = add_span(local(moment, self.zone).date(), read_span(rule["inactive"]))
        return start_of_day(day + timedelta(days=1), self.zone)

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

    def awaited(self, request, at):
        """The identity that a return can wait for: `of` in whole, or as a number."""
        pieces = request["of"].split("/", len(self.unique_by))
        if len(pieces) > len(self.unique_by) and all(pieces) and \
                all(is_date(piece) for part, piece in zip(self.unique_by, pieces) if part == "date"):
            return request["of"]
        if "date" in self.unique_by:  # `at` is when goods came back, not the receipt's day
            raise Refusal("unknown_receipt")
        try:
            return self.identity({**request, "receipt": request["of"]}, at)
        except Refusal:
            raise Refusal("unknown_receipt")

    def phone(self, text):
        """E.164 of what was dialled or written, or a Refusal."""
        number = "".join(letter for letter in text if letter not in " -().")
        if number.startswith("00"):
            number = "+" + number[2:]
        elif not number.startswith("+"):
            if self.phone_country is None:
                raise Refusal("invalid_field")
            if self.phone_trunk and number.startswith(self.phone_trunk):
                number = number[len(self.phone_trunk):]
            number = "+" + self.phone_country + number
        if not (9 <= len(number) <= 16 and number[1:].isdigit() and number[1] != "0"):
            raise Refusal("invalid_field")
        return number

    def proof_needed(self, currency, units):
        above = self.points.get(currency, {}).get("proof_above")
        return above is not None and units > self.units(currency, above)

    def bases(self, rule, lines):
        """What each line that the rule looks at counts for."""
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
            if not self.paid_earns:
                base -= line.get("paid", 0)      # what points paid of it
            base -= line.get("excluded", 0)      # what vouchers and their like paid of it
            bases.append(max(base, 0))
        return bases

    def applies(self, rule, level):
        """Whether a rule is for members of this level (tiers.py)."""
        return True

    def multiply(self, level, currency):
        return Fraction(1)

    def looked_at(self, lines, level=None):
        """[(rule, minor units)] of the rules that find something."""
        return [(rule["id"], sum(self.bases(rule, lines))) for rule in self.earn
                if self.applies(rule, level) and sum(self.bases(rule, lines))]

    def worth(self, lines, level=None):
        """What lines earn at a level: [(rule, currency, points, exact)], one entry for each gift
        of each rule that finds something to count; exact is not None for carry."""
        found = []
        for rule in self.earn:
            bases = self.bases(rule, lines)
            if sum(bases) == 0 or not self.applies(rule, level):
                continue
            per = Fraction(rule["per"]) * 10 ** self.digits
            rounding = rule.get("rounding", "down")
            for currency, gives in rule["gives"].items():
                rate = Fraction(str(gives)) * 10 ** self.scale(currency) / per * self.multiply(level, currency)
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
