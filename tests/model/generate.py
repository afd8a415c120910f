"""A busy fortnight at an unlucky retailer, from a seed.

Makes programmes and requests that look for trouble: amounts at the edge of a
carried fraction, moments one millisecond around an expiry, retries spelled in
another way, returns in every order. It looks at the model to know where the
edges are, never at the engine, so that a seed always gives the same requests.
"""
import copy
import json
from datetime import datetime, timezone
from fractions import Fraction
from math import ceil

from climbers import Climbers, random_tiers
from day import AtTheTill, random_till
from model import Model
from terms import (ACTIVATE, DAY, LIMIT, MINUTE, NEVER, Refusal, local, money_text, quantity_text, read_moment, rfc3339,
                   to_moment)

ZONES = ["Europe/London", "America/New_York", "Asia/Shanghai", "Africa/Cairo", "America/Havana",
         "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]
CURRENCIES = {"GBP": 2, "USD": 2, "EUR": 2, "CNY": 2, "JPY": 0, "KWD": 3}
CATEGORIES = ["food", "drink", "gift-card"]
# unit prices in minor units; two goods share a category, one has none
GOODS = {"85123A": (295, "food"), "22423": (1275, "food"), "71053": (339, "drink"), "POST": (1800, ""),
         "M": (1, "drink"), "CARD": (5000, "gift-card")}
START = to_moment(datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc))


# --- Programmes -------------------------------------------------------------------

def random_expiry(rng):
    roll = rng.random()
    if roll < 0.15:
        return "never"
    expires = {}
    if roll < 0.8:
        expires["after"] = rng.choice(["P1D", "P7D", "P2W", "P1M", "P1M", "P3M", "P1M15D", "P6M", "P1Y"])
    if rng.random() < 0.5 or (not expires and rng.random() < 0.5):
        expires["at"] = rng.choice(["end_of_day", "end_of_month", "end_of_month", "end_of_quarter",
                                    "end_of_year", ["06-30", "12-31"], ["02-29"], ["01-15", "02-01", "03-20"]])
    if not expires or rng.random() < 0.3:
        expires["inactive"] = rng.choice(["P3D", "P7D", "P2W", "P1M", "P2M"])
    if "inactive" in expires and "after" not in expires and str(expires.get("at")).startswith("end_of"):
        del expires["at"]                # a mere end beside `inactive` is a fault
    if ("after" in expires or "at" in expires) and rng.random() < 0.3:
        expires["from"] = rng.choice(["earned", "earned", "available"])
    return expires


def random_new_expiry(rng):
    """Of a later version: often for points earned before, too."""
    expires = random_expiry(rng)
    if rng.random() < 0.5:
        expires = {} if expires == "never" else expires
        expires["applies_to"] = "all"
    return expires


def random_pending(rng):
    return rng.choice([{"for": "P1D"}, {"for": "P3D"}, {"for": "P1M"}, {"for": "PT36H"}, {"for": "PT2H30M"},
                       {"until": "return_window"}, {"until": "return_window"}, {"until": "activate"},
                       {"until": "activate"}])


def random_tender(rng, scale):
    tender = {"value": rng.choice(["0.01", "0.05", "1", "0.005", "0.333333", "10"])}
    if rng.random() < 0.4:
        tender["least"] = rng.choice([1, 2, 10, "0.5" if scale else 3])
    if rng.random() < 0.4:
        tender["share"] = rng.choice(["0.5", "0.333333", "1", "0.1"])
    return tender


def random_transfer(rng):
    transfer = {}
    if rng.random() < 0.3:
        transfer["most"] = rng.choice([1, 5, 50])
    if rng.random() < 0.3:
        transfer["per_month"] = max(transfer.get("most", 0), rng.choice([3, 20, 100]))
    if rng.random() < 0.6:
        transfer["expires"] = rng.choice(["keep", "anew"])
    return transfer


def random_life(rng, points, spendable):
    """What makes points of one currency live differently."""
    points["expires"] = random_expiry(rng)
    for name in ("pending", "tender", "transfer"):
        points.pop(name, None)
    if rng.random() < 0.45:
        points["pending"] = random_pending(rng)
    if spendable and rng.random() < 0.6:
        points["tender"] = random_tender(rng, points.get("scale", 0))
    if spendable and rng.random() < 0.7:
        points["transfer"] = random_transfer(rng)


def random_rules_of_life(rng, document, what=("returns", "reservations", "households", "adjust", "closing")):
    """What the whole programme says about it."""
    if "returns" in what:
        returns = {"window": rng.choice(["P3D", "P2W", "P1M"])}
        if "no_receipt" in document.get("returns", {}):
            returns["no_receipt"] = document["returns"]["no_receipt"]
        if rng.random() < 0.8:
            returns["shortfall"] = rng.choice(["debt", "debt", "debt", "forgive", "refuse"])
        if rng.random() < 0.4:
            returns["unknown"] = rng.choice(["hold", "refuse", "refuse"])
        document["returns"] = returns
    if "reservations" in what and rng.random() < 0.6:
        document["reservations"] = rng.choice([
            {"timeout": "PT15M"}, {"timeout": "P1D", "longest": "P7D"}, {"timeout": "PT2H", "longest": "PT3H"},
            {"timeout": "P1D", "longest": "P1M"}, {"longest": "P3D"}])
    if "households" in what:
        document.pop("households", None)
        if rng.random() < 0.85:
            households = {}
            if rng.random() < 0.6:
                households["most"] = rng.choice([2, 2, 3, 4])
            if rng.random() < 0.5:
                households["on_join"] = rng.choice(["bring", "forfeit", "forfeit"])
            if rng.random() < 0.5:
                households["on_leave"] = rng.choice(["take", "leave", "leave"])
            document["households"] = households
    if "adjust" in what and rng.random() < 0.5:
        limits = {}
        for name in rng.sample(["anna", "boss", "*"], rng.randint(1, 3)):
            limits[name] = {}
            if rng.random() < 0.7:
                limits[name]["most"] = rng.choice([5, 100, 500])
            if not limits[name] or rng.random() < 0.6:
                limits[name]["per_day"] = max(limits[name].get("most", 0), rng.choice([10, 150, 700]))
        document["adjust"] = {"limits": limits}
    if "closing" in what and rng.random() < 0.5:
        document["closing"] = {"late": rng.choice(["report", "refuse", "refuse"])}


def random_filter(rng):
    chosen = {}
    if rng.random() < 0.6:
        chosen["category"] = rng.sample(CATEGORIES, rng.randint(1, 2))
    if not chosen or rng.random() < 0.4:
        chosen["sku"] = rng.sample(sorted(GOODS), rng.randint(1, 2))
    return chosen


def random_rule(rng, name, document):
    digits = CURRENCIES[document["currency"]]
    gives = {}
    for currency in rng.sample(sorted(document["points"]), rng.randint(1, len(document["points"]))):
        fine = {0: [], 1: ["0.5", "1.2"], 2: ["0.5", "1.25"]}[document["points"][currency].get("scale", 0)]
        gives[currency] = rng.choice([1, 1, 2, 5, *fine])
    rule = {"id": name, "per": money_text(rng.choice([1, 1, 30, 70, 100, 100, 300, 700, 5000, 5000]), digits),
            "gives": gives}
    rule["rounding"] = rng.choice(["down", "up", "nearest", "even", "carry", "carry", "carry"])
    if rule["rounding"] != "carry" and rng.random() < 0.4:
        rule["each"] = rng.choice(["line", "receipt"])
    if rng.random() < 0.35:
        rule["only"] = random_filter(rng)
    if rng.random() < 0.25:
        rule["excluding"] = random_filter(rng)
    return rule


def random_programme(rng, without=()):
    document = {"loyalty": 1, "id": "model", "timezone": rng.choice(ZONES),
                "currency": rng.choice(sorted(CURRENCIES)), "points": {}}
    receipts = {}
    if rng.random() < 0.7:
        receipts["unique_by"] = rng.sample(["store", "till", "date"], rng.randint(0, 3))
    if rng.random() < 0.5:
        receipts["business_day_starts"] = rng.choice(["04:00", "00:30", "23:00", "00:00"])
    if rng.random() < 0.7:
        receipts["late"] = rng.choice(["P7D", "P30D", "PT36H", "P2M"])
    if rng.random() < 0.7:
        receipts["late_operators"] = ["boss", "head-office"]
    if receipts:
        document["receipts"] = receipts
    if rng.random() < 0.5:
        document["base"] = random_base(rng)
    for currency in ["star", "coin", "level"][:rng.randint(1, 3)]:
        points = {}
        if rng.random() < 0.3:
            points["scale"] = rng.choice([1, 2])
        if currency == "level":
            points["spendable"] = False
        random_life(rng, points, currency != "level")
        document["points"][currency] = points
    document["earn"] = [random_rule(rng, name, document)
                        for name in ["base", "extra", "third"][:rng.choice([1, 1, 2, 3])]]
    random_rules_of_life(rng, document)
    random_till(rng, document, without)
    random_tiers(rng, document, without)
    return document


def random_base(rng):
    base = {}
    if rng.random() < 0.5:
        base["tax"] = rng.choice(["included", "excluded", "excluded"])
    if rng.random() < 0.5:
        base["discounts"] = rng.choice(["deduct", "ignore", "ignore"])
    if rng.random() < 0.5:
        base["excluding"] = random_filter(rng)
    if rng.random() < 0.4:
        base["points"] = rng.choice(["deduct", "ignore", "ignore"])
    return base


def changed_programme(rng, document, without=()):
    """A next version that may follow."""
    document = copy.deepcopy(document)
    for _ in range(rng.randint(1, 3)):
        what = rng.choice(["rate", "rule", "expiry", "expiry", "base", "zone", "points", "late", "returns",
                           "reservations", "households", "adjust", "closing", "till", "till", "tiers", "tiers"])
        if what == "rate" and document["earn"]:
            old = rng.choice(document["earn"])
            document["earn"][document["earn"].index(old)] = random_rule(rng, old["id"], document)
        elif what == "rule":
            if len(document["earn"]) > 1 and rng.random() < 0.5:
                document["earn"].pop(rng.randrange(len(document["earn"])))
            else:
                taken = [rule["id"] for rule in document["earn"]]
                name = next(f"rule-{n}" for n in range(99) if f"rule-{n}" not in taken)
                if len(taken) < 4:
                    document["earn"].insert(rng.randint(0, len(taken)), random_rule(rng, name, document))
        elif what == "expiry":
            currency = rng.choice(list(document["points"]))
            random_life(rng, document["points"][currency], document["points"][currency].get("spendable", True))
            document["points"][currency]["expires"] = random_new_expiry(rng)
            document.setdefault("returns", {}).setdefault("window", "P1M")
        elif what == "base":
            kept = document.get("base", {}).get("excluding_tenders")
            document["base"] = random_base(rng)
            if kept is not None:
                document["base"]["excluding_tenders"] = kept
        elif what == "till":
            random_till(rng, document, without)
        elif what == "tiers":
            random_tiers(rng, document, without, new="tiers" not in document)
        elif what in ("returns", "reservations", "households", "adjust", "closing"):
            random_rules_of_life(rng, document, [what])
        elif what == "zone" and rng.random() < 0.5:
            document["timezone"] = rng.choice(ZONES)
        elif what == "late":
            document.setdefault("receipts", {})["late"] = rng.choice(["P7D", "P30D", "P2M"])
        elif what == "points" and len(document["points"]) < 4:
            document["points"].setdefault(rng.choice(["extra", "bonus"]), {"expires": random_expiry(rng)})
    return document


# --- Requests ---------------------------------------------------------------------

def to_milliseconds(span):
    return span.days * DAY + span.seconds * 1000


class Generator(AtTheTill, Climbers):
    def __init__(self, rng, document, members=6, without=()):
        self.rng, self.model = rng, Model(document)
        self.without = set(without)  # operations that are not sent; `tender`, `held` as well
        self.now = START
        self.requests, self.expected = [], []
        self.numbers = {"ref": 0, "receipt": 0, "card": 0, "month": 0, "stranger": 0}
        self.reserved = []           # refs of reservations
        self.to_come = []            # purchases whose returns came before them
        self.accepted = []           # writing requests that may be sent again
        self.cards = []
        self.strangers = []          # cards and phones that nobody had when they were first seen
        self.quiet = 0               # so many steps without a show: one commit takes several operations
        for _ in range(members):
            self.add_member()

    # -- helpers

    def number(self, what):
        self.numbers[what] += 1
        return self.numbers[what]

    def send(self, request, again=True, sign=True):
        request = {**request, "now": rfc3339(self.now)}
        if again and sign:
            self.sign(request)
        if self.left_out(request):
            return {"ok": False}
        answer = self.model.execute(request)
        self.requests.append(request)
        self.expected.append(answer)
        if again and answer["ok"] and not answer.get("duplicate"):
            self.accepted.append(request)
        return answer

    def left_out(self, request):
        op, of = request["op"], request.get("of")
        return self.till_left_out(request) or op in self.without or \
            "show_at" in self.without and op == "show" and "at" in request or \
            "tender" in self.without and ("points" in request and "amount" in request or "capture" in request) or \
            "held" in self.without and op == "return" and of is not None and of not in self.model.receipts or \
            "tombstone" in self.without and op in ("cancel", "release") and of not in self.model.keys

    def ref(self):
        return f"ref-{self.number('ref')}"

    def member(self):
        return self.rng.choice(self.cards[:6] if self.rng.random() < 0.8 else self.cards)

    def known(self, name):
        """The member of this name, as the model has them now, or None."""
        try:
            return self.model.find(name)
        except Refusal:
            return None

    def one_in(self, n):
        return self.rng.randrange(n) == 0

    def digits(self):
        return self.model.in_force().digits

    def money(self, units):
        text = money_text(units, self.digits())
        if self.digits() and self.one_in(8):
            text = text.rstrip("0").rstrip(".") if self.one_in(2) else text + "0"
        return text

    def quantity(self, millionths):
        return quantity_text(millionths)

    def span(self):
        """How long until the next thing happens."""
        roll = self.rng.random()
        if roll < 0.15:
            return 0
        if roll < 0.3:
            return self.rng.randint(1, 1000)
        if roll < 0.7:
            return self.rng.randint(1, 300 * MINUTE)
        if roll < 0.93:
            return self.rng.randint(1, 3 * DAY)
        return self.rng.randint(1, 25 * DAY)

    def pass_time(self):
        self.model.now = self.now
        if self.one_in(12):
            due = [*map(self.model.next_due, self.model.wallets), *map(self.model.levels_due, self.model.wallets)]
            moments = sorted({moment for moment in due if moment is not None and self.now <= moment < NEVER})
            soon = [moment for moment in moments if moment < self.now + 45 * DAY]
            if not self.one_in(6):
                moments = soon
            if moments:
                self.now = max(self.now, self.rng.choice(moments[:3]) + self.rng.choice([-1, 0, 1]))
                return
        if self.one_in(40):             # a clock behind: the log clamps it
            return
        if self.one_in(60):
            self.now = max(self.now, self.next_clock_change() + self.rng.randint(-2 * 60, 2 * 60) * MINUTE)
            return
        if self.one_in(30):             # what is earned now lapses on the day the clocks change
            days = self.rng.choice([1, 7, 14, 28, 30, 31])
            self.now = max(self.now, self.next_clock_change() - (days + 1) * DAY + self.rng.randint(0, 12) * 60 * MINUTE)
            return
        if self.one_in(20):             # around the start of the business day
            programme = self.model.in_force()
            midnight = local(self.now, programme.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
            start = to_moment(midnight.astimezone(timezone.utc)) + DAY + to_milliseconds(programme.day_starts)
            self.now = max(self.now, start + self.rng.choice([-60, -1, 0, 1, 30]) * MINUTE
                           + self.rng.choice([-1, 0, 0]))
            return
        self.now += self.span()

    def next_clock_change(self):
        zone = self.model.in_force().zone
        moment = self.now
        for _ in range(400):
            if local(moment, zone).utcoffset() != local(moment + DAY, zone).utcoffset():
                break
            moment += DAY
        else:
            return self.now
        while local(moment, zone).utcoffset() == local(moment + MINUTE, zone).utcoffset():
            moment += MINUTE
        return moment + MINUTE

    # -- one step

    def step(self):
        self.pass_time()
        kinds = {"purchase": 40, "late_purchase": 7, "quote": 5, "return_all": 5, "return_amount": 8,
                 "return_lines": 9, "return_unreceipted": 8, "redeem": 9, "cancel": 6, "adjust": 6,
                 "retry": 7, "altered_retry": 6, "programme": 1.2, "new_rule": 1, "identifiers": 2, "unknown": 3,
                 "look_ahead": 2, "look_at": 4, "lookup": 2, "new_member": 1.5, "enrol": 1, "receipt_again": 2,
                 "tender": 9, "reserve": 8, "extend": 1, "capture": 3, "capture_tender": 1.5, "release": 1.5,
                 "activate": 4, "transfer": 6, "household": 8, "merge": 1.5, "too_early": 3, "purchase_at_last": 3,
                 "tombstone": 2, "close": 1.5, "sweep": 2, **self.TILL, **self.TIERS}
        kind = self.rng.choices(list(kinds), list(kinds.values()))[0]
        getattr(self, kind)()
        if self.quiet:
            self.quiet -= 1
        elif self.one_in(20):
            self.quiet = self.rng.randint(2, 30)
        else:
            self.show()

    def show(self):
        last = self.requests[-1]
        name = last.get("member") if last.get("member") in self.model.identifiers else self.member()
        self.send({"op": "show", "member": name}, again=False)

    def show_all(self):
        for name in self.cards:
            if name in self.model.identifiers:
                self.send({"op": "show", "member": name}, again=False)

    # -- members

    def add_member(self):
        card = f"card:{1000 + self.number('card')}"
        request = {"op": "member.add", "identifiers": [card]}
        if self.one_in(2):
            request["ref"] = self.ref()
        if self.one_in(3):
            request["identifiers"].append(f"phone:+8613800{self.numbers['card']:06d}")
        if self.send(request)["ok"]:
            self.cards.append(card)

    new_member = add_member

    def identifiers(self):
        if self.one_in(2):
            card = f"card:{1000 + self.number('card')}" if not self.one_in(4) else self.member()
            request = {"op": "member.link", "ref": self.ref(), "member": self.member(), "identifiers": [card]}
            if self.one_in(3):
                del request["ref"]
            self.send(request)
        else:
            linked = [name for name in self.model.identifiers if name not in self.cards]
            name = self.rng.choice(linked) if linked and not self.one_in(4) else "card:nobody"
            holder = self.member()
            if name in self.model.identifiers and not self.one_in(4):
                number = self.model.identifiers[name]
                holder = next((card for card in self.cards if self.model.identifiers.get(card) == number), holder)
            self.send({"op": "member.unlink", "ref": self.ref(), "member": holder, "identifiers": [name]})

    def enrol(self):
        card = f"card:{1000 + self.number('card')}"
        request = self.basket(card)
        if self.one_in(3):
            self.send(request)          # refused: nobody has the card
        request["enrol"] = True
        if self.one_in(3):
            self.send({**request, "op": "quote"}, again=False)
        if self.send(request)["ok"] and card in self.model.identifiers:     # else it was held the first time
            self.cards.append(card)

    # -- purchases

    def edge_amount(self, member):
        """An amount that brings a carried sum just to a whole point, or not quite; or
        one that is worth just half a point."""
        programme = self.model.in_force()
        rules = [(rule, currency) for rule in programme.earn for currency in rule["gives"]]
        if not rules:
            return self.rng.choice([99, 100, 101, 4999, 5000, 5001])
        rule, currency = self.rng.choice(rules)
        rate = Fraction(rule["gives"][currency]) * 10 ** programme.scale(currency) / \
            (Fraction(rule["per"]) * 10 ** programme.digits)
        if rule.get("rounding") != "carry":
            halves = Fraction(self.rng.randint(1, 9), 2) / rate
            return max(0, ceil(halves) + self.rng.choice([-1, 0, 0, 0]))
        carried = member.carried.get(currency, Fraction(0)) if member else Fraction(0)
        missing = (1 - carried % 1) + self.rng.choice([0, 0, 1, 3])
        return max(0, ceil(missing / rate) + self.rng.choice([-1, 0, 0, 1]))

    def amount(self, name):
        roll = self.rng.random()
        if roll < 0.3:
            return self.edge_amount(self.known(name))
        if roll < 0.36:
            return self.rng.choice([0, 0, 1, 2])
        if roll < 0.365:
            return self.rng.choice([LIMIT // 100, LIMIT, LIMIT // 7])
        return self.rng.randint(1, 30000)

    def lines(self):
        lines, total, small = [], 0, self.one_in(6)
        for _ in range(self.rng.choice([1, 1, 2, 2, 3, 4, 6])):
            sku = self.rng.choice(sorted(GOODS))
            price, category = GOODS[sku]
            quantity = self.rng.choice([1, 1, 1, 2, 3, 5, 12]) * 10 ** 6
            if self.one_in(6):
                quantity = self.rng.choice([385000, 1500000, 333333, 1])
            amount = price * quantity // 10 ** 6
            if small:
                amount = self.rng.randint(0, 9)
            line = {"sku": sku, "category": category, "quantity": self.quantity(quantity)}
            if self.one_in(4):
                off = self.rng.randint(0, amount)
                amount -= off
                line["discount"] = self.money(off)
            if self.one_in(12):
                del line["sku"]
            if self.one_in(3):
                line["tax"] = self.money(amount // 6 if self.one_in(2) else self.rng.randint(0, amount))
            if not category:
                del line["category"]
            if line["quantity"] == "1" and self.one_in(2):
                del line["quantity"]
            line["amount"] = self.money(amount)
            total += amount
            lines.append(line)
        if self.one_in(3):
            lines = [self.as_array(line) for line in lines]
        return lines, total

    def as_array(self, line):
        row = [line.get("sku", ""), line.get("category", ""), line.get("quantity", "1"), line["amount"],
               line.get("discount", self.money(0)), line.get("tax", self.money(0))]
        while len(row) > 4 and Fraction(row[-1]) == 0:
            row.pop()
        return row

    def basket(self, name):
        programme = self.model.in_force()
        request = {"op": "purchase", "member": name, "receipt": f"R{self.number('receipt')}"}
        if self.one_in(8):
            request["receipt"] = f"R{self.rng.randint(1, 5)}"
        for place in ("store", "till"):
            if place in programme.unique_by or self.one_in(4):
                request[place] = self.rng.choice([place + "-1", place + "-2"])
        if "date" in programme.unique_by and not self.one_in(40):
            request["at"] = self.spell(self.now)
        if self.one_in(2):
            request["ref"] = self.ref()
        if self.one_in(2):
            request["lines"], total = self.lines()
            if self.one_in(40):
                total += 1               # does not add up
            request["amount"] = self.money(total)
        else:
            request["amount"] = self.money(self.amount(name))
        self.fill_basket(request)
        if self.one_in(6):
            request["text"] = "für Émile 星 \"quoted\" \\ slash"
        if self.one_in(6):
            request["entry"] = self.rng.choice(["scan", "keyed", "app"])
        if self.one_in(6):
            request["operator"] = self.rng.choice(["anna", "boss"])
        return request

    def purchase(self):
        request = self.basket(self.member())
        if self.one_in(6):
            request["at"] = self.spell(self.now + self.rng.choice([0, -MINUTE, MINUTE, 5 * MINUTE]))
        self.send(request)

    def spell(self, moment):
        """A moment in one of its spellings."""
        roll = self.rng.random()
        if roll < 0.6:
            return rfc3339(moment)
        zone = self.model.in_force().zone
        when = local(moment, zone)
        if roll < 0.8:
            return when.isoformat(timespec="milliseconds")
        plain = when.replace(tzinfo=None)
        if plain.replace(tzinfo=zone, fold=0).astimezone(timezone.utc) != when.astimezone(timezone.utc):
            return rfc3339(moment)       # the second of two equal local times has no local spelling
        return plain.isoformat(timespec="milliseconds")

    def past(self):
        return self.now - self.rng.choice([self.rng.randint(0, 8 * DAY), self.rng.randint(0, 40 * DAY),
                                           self.rng.randint(0, 100 * DAY)])

    def late_purchase(self):
        request = self.basket(self.member())
        if self.one_in(2):
            request["operator"] = "boss"
        moment = self.now + 6 * MINUTE if self.one_in(8) else self.past()
        request["at"] = self.spell(moment)
        self.send(request)

    def quote(self):
        request = self.basket(self.member())
        if self.one_in(5):
            request["at"] = rfc3339(self.past())
        self.send({**request, "op": "quote"}, again=False)
        if self.one_in(2):
            self.show()
        if not self.one_in(4):
            self.send(request)

    def receipt_again(self):
        sold = [request for request in self.accepted if request["op"] == "purchase"]
        if sold:
            request = dict(self.rng.choice(sold[-20:]))
            request["ref"] = self.ref()
            self.send(request)

    # -- returns

    def sold(self, fits=lambda purchase: True):
        fitting = [purchase for purchase in list(self.model.purchases.values())[-60:]
                   if fits(purchase) and (not purchase.nothing_left() or self.one_in(12))]
        return self.rng.choice(fitting) if fitting else None

    def bring_back(self, request):
        request = {"op": "return", "ref": self.ref(), **request}
        if self.one_in(5):
            request["at"] = self.spell(self.past() if self.one_in(2) else self.now)
        if self.one_in(8):
            request["operator"] = self.rng.choice(["anna", "boss"])
        return self.send(request)

    def return_all(self):
        purchase = self.sold()
        if purchase:
            self.bring_back({"of": purchase.identity, "all": True})

    def return_amount(self):
        purchase = self.sold(lambda p: p.amount > 0 and (p.how != "lines" or self.one_in(8)))
        if not purchase:
            return
        crumbs = purchase.amount < 50    # unit by unit: where shares jump
        for _ in range(self.rng.choice([1, 1, 2, 4]) if not crumbs else purchase.amount):
            left = max(purchase.amount - purchase.amount_back, 1)
            amount = self.rng.choice([left, 1, self.rng.randint(1, left), self.rng.randint(1, left),
                                      max(1, left // 2), left + 1] if not crumbs else [1, 1, 1, 2])
            self.bring_back({"of": purchase.identity, "amount": self.money(amount)})

    def return_lines(self):
        purchase = self.sold(lambda p: p.lines[0]["sku"] and (p.how != "amount" or self.one_in(8)))
        if not purchase:
            return
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            lines = []
            for i in self.rng.sample(range(len(purchase.lines)), self.rng.randint(1, min(2, len(purchase.lines)))):
                line, left = {}, purchase.left(i)
                sold = purchase.lines[i]
                if sold["sku"] and self.one_in(3):
                    if any(other.get("sku") == sold["sku"] for other in lines):
                        continue
                    if any("line" in other and purchase.lines[other["line"] - 1]["sku"] == sold["sku"]
                           for other in lines):
                        continue
                    line["sku"] = sold["sku"]
                    left = sum(purchase.left(j) for j, other in enumerate(purchase.lines)
                               if other["sku"] == sold["sku"])
                else:
                    if any(other.get("sku") == sold["sku"] for other in lines):
                        continue
                    line["line"] = i + 1
                if not self.one_in(4):
                    quantity = self.rng.choice([left, 10 ** 6, self.rng.randint(1, max(1, left)), left // 2,
                                                sold["quantity"] + 10 ** 6])
                    line["quantity"] = self.quantity(max(1, quantity))
                lines.append(line)
            if lines:
                self.bring_back({"of": purchase.identity, "lines": lines})

    def return_unreceipted(self):
        name = self.member()
        member = self.known(name)
        bought = [line for purchase in self.model.purchases.values()
                  if member and self.model.holder(purchase) is member
                  for line in purchase.lines if line["sku"]]
        lines = []
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            if bought and not self.one_in(5):
                sold = self.rng.choice(bought[-20:])
                sku, price = sold["sku"], Fraction(sold["amount"], sold["quantity"])
            else:
                sku = self.rng.choice(sorted(GOODS))
                price = Fraction(GOODS[sku][0], 10 ** 6)
            quantity = self.rng.choice([1, 1, 2, 3, 20]) * 10 ** 6
            if self.one_in(6):
                quantity = self.rng.choice([500000, 385000])
            amount = round(price * quantity) + self.rng.choice([0, 0, 0, 0, 1, -1, 50])
            line = {"sku": sku, "quantity": self.quantity(quantity), "amount": self.money(max(0, amount))}
            if self.one_in(3) and GOODS[sku][1]:
                line["category"] = GOODS[sku][1]
            if self.one_in(5) and amount > 0:
                line["tax"] = self.money(self.rng.randint(0, amount))
            if self.one_in(5):
                line["discount"] = self.money(self.rng.randint(0, 300))
            lines.append(line)
        self.bring_back({"member": name, "lines": lines,
                         "unmatched": self.rng.choice(["refuse", "skip", "deduct"])})

    # -- spending

    def currency(self):
        return self.rng.choice(list(self.model.in_force().points))

    def have(self, name, currency):
        """What a member could spend now."""
        self.model.now = max(self.now, self.model.records[-1].time)
        member = self.known(name)
        return self.model.spendable_now(member, currency) if member else 0

    def rich(self, fits=lambda programme, currency: programme.spendable(currency)):
        """(a member who has something, of which currency); mostly."""
        name, currency = self.member(), self.currency()
        programme = self.model.in_force()
        if not self.one_in(6):
            self.model.now = max(self.now, self.model.records[-1].time)
            world = self.model.dream()
            found = []
            for card in self.cards:
                key = world.wallet_of(world.members[world.identifiers[card]])
                world.advance(key, None)
                found += [(card, one) for one in programme.points
                          if fits(programme, one) and world.spendable(key, one) > 0]
            if found:
                return self.rng.choice(found)
        return name, currency

    def some_of(self, have):
        return max(1, self.rng.choice([1, have, have // 2, self.rng.randint(1, max(1, have)), have + 1]))

    def points_text(self, currency, units):
        text = money_text(units, self.model.in_force().scale(currency))
        if "." not in text:
            return units if abs(units) < 10 ** 15 and not self.one_in(8) else text
        return text if len(text) > 15 else float(text)      # a number only where a double keeps it

    def spending(self, op):
        """A redeem or a reserve."""
        name, currency = self.rich()
        units = self.some_of(self.have(name, currency))
        request = {"op": op, "ref": self.ref(), "member": name, "points": self.points_text(currency, units),
                   "points_of": currency}
        if currency == self.default() and self.one_in(2):
            del request["points_of"]
        if self.one_in(6):
            request["receipt"] = f"R{self.rng.randint(1, 5)}"
        return request

    def default(self):
        programme = self.model.in_force()
        return next((one for one in programme.points if programme.spendable(one)), None)

    def redeem(self):
        self.send(self.spending("redeem"))

    def cancel(self):
        redeemed = [request["ref"] for request in self.accepted if request["op"] in ("redeem", "capture")]
        redeemed += [ref for ref, held in self.model.held.items() if held.state in ("waiting", "refused")
                     and self.one_in(3)]
        others = [request["ref"] for request in self.accepted if request["op"] != "redeem" and "ref" in request]
        of = f"never-{self.number('ref')}"
        if redeemed and not self.one_in(8):
            of = self.rng.choice(redeemed[-15:])
        elif others and self.one_in(2):
            of = self.rng.choice(others)
        self.send({"op": "cancel", "ref": self.ref(), "of": of})

    def adjust(self):
        currency = self.currency()
        units = self.rng.choice([1, 5, 100, self.rng.randint(1, 1000)]) * self.rng.choice([1, 1, 1, -1])
        request = {"op": "adjust", "ref": self.ref(), "member": self.member(), "points_of": currency,
                   "points": self.points_text(currency, units), "reason": "goodwill"}
        if units > 0 and self.one_in(2):
            request["origin"] = self.rng.choice(["goodwill", "marketing", "partner"])
        if self.one_in(2):
            request["operator"] = self.rng.choice(["anna", "boss", "carl"])
        self.send(request)

    # -- points at the till

    def tendered(self, request, name, currency, have):
        """Pays so many of them as the programme would just allow, or other sums."""
        programme = self.model.in_force()
        rule = programme.points[currency].get("tender", {"value": "0.05"})
        worth = Fraction(rule["value"]) / 10 ** programme.scale(currency) * 10 ** programme.digits
        amount = Fraction(request["amount"]) * 10 ** programme.digits
        most = int(amount * Fraction(rule.get("share", "1")) / worth)
        units = self.rng.choice([min(have, most), min(have, most), most, most + 1, self.some_of(have),
                                 self.rng.randint(1, max(1, min(have, most)))])
        if have > most > 0 and self.one_in(2):
            units = self.rng.randint(1, most)
        request["points"] = self.points_text(currency, max(1, units))
        if currency != self.default() or self.one_in(2):
            request["points_of"] = currency
        return request

    def tender(self):
        name, currency = self.rich(lambda programme, one: "tender" in programme.points[one])
        request = self.tendered(self.basket(name), name, currency, self.have(name, currency))
        if self.one_in(8):
            request["at"] = self.spell(self.past())
        if self.one_in(6):
            self.send({**request, "op": "quote"}, again=False)
        answer = self.send(request)
        if answer["ok"] and self.one_in(2) and answer["receipt"] in self.model.receipts:
            purchase = self.model.purchases[self.model.receipts[answer["receipt"]].seq]
            if self.one_in(2):
                self.pass_time()
            for _ in range(self.rng.choice([1, 2, 3])):
                left = purchase.amount - purchase.amount_back
                if left <= 0 or self.one_in(3):
                    self.bring_back({"of": purchase.identity, "all": True})
                else:
                    self.bring_back({"of": purchase.identity, "amount": self.money(self.rng.randint(1, left))})
                purchase = self.model.purchases[purchase.seq]

    def open_reservations(self):
        return [(ref, self.model.reservations[self.model.keys[ref].seq]) for ref in self.reserved]

    def reservation(self):
        """(ref, reservation): mostly one that is still open."""
        found = self.open_reservations()
        still = [pair for pair in found if pair[1].state == "open"]
        if still and not self.one_in(6):
            return still[-1] if self.one_in(2) else self.rng.choice(still)
        return self.rng.choice(found) if found else (None, None)

    def reserve(self):
        request = self.spending("reserve")
        if self.one_in(2):
            request["timeout"] = self.rng.choice(["PT1M", "PT2H", "PT5H30M", "P1D", "P3D", "P7D", "P1M"])
        if not self.send(request)["ok"]:
            return
        self.reserved.append(request["ref"])
        if self.one_in(3):               # left to lapse, or for later
            return
        for _ in range(self.rng.choice([1, 1, 2])):
            self.now += self.rng.choice([0, 1000, 5 * MINUTE, 15 * MINUTE, 16 * MINUTE])
            if self.one_in(5):           # what an open reservation forbids
                self.send(self.rng.choice([
                    {"op": "household.leave", "ref": self.ref(), "member": request["member"]},
                    {"op": "household.create", "ref": self.ref(), "member": request["member"]},
                    {"op": "member.merge", "ref": self.ref(), "member": request["member"], "into": self.member()}]))
            self.rng.choice([self.extend, self.capture, self.capture, self.capture_tender, self.release])()

    def extend(self):
        ref, _ = self.reservation()
        request = {"op": "reserve.extend", "ref": self.ref(), "of": self.some_ref(ref)}
        if self.one_in(2):
            request["timeout"] = self.rng.choice(["PT1M", "PT2H", "P1D", "P3D", "P1M"])
        self.send(request)

    def some_ref(self, ref):
        """This one, or now and then one that is something else."""
        if ref is None or self.one_in(10):
            others = [request["ref"] for request in self.accepted if "ref" in request]
            return self.rng.choice(others) if others and self.one_in(2) else f"never-{self.number('ref')}"
        return ref

    def capture(self):
        ref, reservation = self.reservation()
        request = {"op": "capture", "ref": self.ref(), "of": self.some_ref(ref)}
        if reservation and self.one_in(2):
            units = sum(part for _, part in reservation.parts)
            request["points"] = self.points_text(reservation.currency, self.some_of(units))
        if reservation and reservation.currency != self.default() and ("points" in request or self.one_in(4)):
            request["points_of"] = reservation.currency
        if self.one_in(10):
            request["points_of"] = self.currency()
        if self.one_in(6):
            request["receipt"] = f"R{self.rng.randint(1, 5)}"
        self.send(request)

    def capture_tender(self):
        ref, reservation = self.reservation()
        if reservation is None or (reservation.state != "open" and not self.one_in(4)):
            return
        whose = self.model.resolve(reservation.member)
        name = next((card for card in self.cards if self.model.identifiers.get(card) == whose), None)
        if name is None:
            return
        request = self.basket(name)
        if "lines" not in request and self.one_in(2):
            request["amount"] = self.money(self.rng.randint(10, 100000))
        request["capture"] = self.some_ref(ref)
        if self.one_in(2):
            units = sum(part for _, part in reservation.parts)
            request["points"] = self.points_text(reservation.currency, self.some_of(units))
            if reservation.currency != self.default():      # they are read as those of `points_of`
                request["points_of"] = reservation.currency
        self.send(request)

    def release(self):
        ref, _ = self.reservation()
        self.send({"op": "release", "ref": self.ref(), "of": self.some_ref(ref)})

    def activate(self):
        waits = [one for one, points in self.model.in_force().points.items()
                 if points.get("pending", {}).get("until") == "activate"]
        if waits and self.one_in(2):
            sale = self.basket(self.member())
            sale["amount"] = self.money(self.rng.randint(100, 30000))
            sale.pop("lines", None)
            self.send(sale)
            if self.one_in(2):
                self.pass_time()
        request = {"op": "activate", "ref": self.ref()}
        waiting = [lot for lot in self.model.lots.values() if lot.pending and lot.left
                   and (lot.available_from == ACTIVATE or self.one_in(10))]
        if waiting and not self.one_in(5):
            lot = self.rng.choice(waiting)
            sold = self.model.purchases.get(self.model.records[lot.seq].of or lot.seq)
            if self.one_in(2) and sold and sold.identity:
                request["of"] = sold.identity
            else:
                request["member"] = f"id:#{lot.earner}"
        elif self.one_in(2):
            request["of"] = self.rng.choice([*list(self.model.receipts)[-5:], "no/such/receipt"])
        else:
            request["member"] = self.member() if not self.one_in(4) else "card:nobody"
        self.send(request)

    # -- between wallets

    def transfer(self):
        name, currency = self.rich(lambda programme, one: "transfer" in programme.points[one])
        units = self.some_of(self.have(name, currency))
        most = self.model.in_force().points[currency].get("transfer", {}).get("most")
        if most and self.one_in(2):
            units = self.rng.choice([1, self.model.in_force().units(currency, most)])
        monthly = self.model.in_force().points[currency].get("transfer", {}).get("per_month")
        if monthly and self.one_in(2):       # just what is left of the month
            month = local(self.model.now, self.model.in_force().zone).strftime("%Y-%m")
            sender = self.known(name)
            given = self.model.counters.get(("transfer", sender.number if sender else 0, currency, month), 0)
            units = max(1, self.model.in_force().units(currency, monthly) - given + self.rng.choice([0, 0, 1]))
        request = {"op": "transfer", "ref": self.ref(), "member": name, "to": self.member(),
                   "points": self.points_text(currency, units)}
        if request["to"] == name and not self.one_in(5):
            request["to"] = self.rng.choice(self.cards)
        if self.one_in(20):
            request["to"] = "card:nobody"
        if currency != self.default() or self.one_in(2):
            request["points_of"] = currency
        self.send(request)

    def household(self):
        homes = [number for number, inside in self.model.households.items() if inside]
        single = [card for card in self.cards if self.known(card) and self.known(card).household is None]
        shared = [card for card in self.cards if self.known(card) and self.known(card).household is not None]
        any_home = f"household:#{self.rng.choice(homes)}" if homes else "household:#99"
        kind = self.rng.choice(["create", "join", "join", "join", "leave", "show"])
        if len(homes) > 2 and kind == "create":
            kind = "join"
        if not homes and not self.one_in(4):
            kind = "create"
        if not shared and kind == "leave" and not self.one_in(6):
            kind = "join"
        if kind == "show":
            self.send({"op": "household.show", "household": self.some_home(any_home)}, again=False)
            return
        right = shared if kind == "leave" else single
        name = self.rng.choice(right) if right and not self.one_in(8) else self.member()
        request = {"op": f"household.{kind}", "ref": self.ref(), "member": name}
        if kind == "join":
            request["household"] = self.some_home(any_home)
        self.send(request)
        if self.one_in(2) and homes:
            self.send({"op": "household.show", "household": any_home}, again=False)
        if self.one_in(3):               # much happens between its members
            inside = [card for card in self.cards if self.known(card) and self.known(card).household is not None]
            if len(inside) > 1:
                a, b = self.rng.sample(inside, 2)
                for step in self.rng.sample([self.redeem, self.transfer, self.tender, self.return_all, self.cancel,
                                             self.return_amount, self.activate], 3):
                    step()
                self.send({"op": "household.leave", "ref": self.ref(), "member": a})
                self.send({"op": "show", "member": b}, again=False)

    def some_home(self, home):
        return home if not self.one_in(12) else f"household:#{len(self.model.households) + 9}"

    def merge(self):
        if len(self.cards) < 5 and not self.one_in(4):
            return
        request = {"op": "member.merge", "ref": self.ref(), "member": self.rng.choice(self.cards),
                   "into": self.member()}
        gone = self.known(request["member"])
        if gone and gone.household is not None and not self.one_in(4):
            return
        number = gone.number if gone else 0
        if self.send(request)["ok"]:
            self.send({"op": "show", "member": f"id:#{number}"}, again=False)
            self.send({"op": "history", "member": request["into"], "limit": 6}, again=False)
            self.add_member()

    # -- out of order

    def too_early(self):
        """Returns of a receipt that comes later."""
        sale = self.basket(self.member())
        sale["at"] = rfc3339(self.now - self.rng.choice([0, MINUTE, DAY]))
        if self.one_in(2) and sale["amount"].strip("0.") == "":
            return
        try:
            self.model.now = max(self.now, self.model.records[-1].time)
            programme = self.model.programme_at(read_moment(sale["at"], None))
            identity = programme.identity(sale, read_moment(sale["at"], None))
        except Refusal:
            return
        if identity in self.model.receipts:
            return
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            back = self.rng.choice([{"all": True}, {"amount": self.money(self.rng.randint(1, 500))},
                                    {"lines": [{"line": self.rng.choice([1, 1, 2])}]}])
            request = {"of": identity, **back}
            if self.one_in(4):
                request["member"] = sale["member"] if not self.one_in(3) else self.member()
            self.bring_back(request)
        self.to_come.append(sale)
        if self.one_in(2):
            if self.one_in(2):
                self.pass_time()
            self.purchase_at_last()

    def purchase_at_last(self):
        if self.to_come:
            sale = self.to_come.pop(self.rng.choice([-1, 0]))
            if self.one_in(4):
                self.send({**sale, "op": "quote"}, again=False)
            self.send(sale)
            for ref in list(self.model.held)[-3:]:
                if self.one_in(2):
                    self.send({"op": "lookup", "ref": ref}, again=False)

    def tombstone(self):
        """A cancel overtakes what it cancels."""
        ref = self.ref()
        request = self.rng.choice([self.spending("redeem"), self.spending("reserve"), self.basket(self.member())])
        request["ref"] = ref
        late = {"op": self.rng.choice(["cancel", "release"]), "ref": self.ref(), "of": ref}
        self.send(late)
        if self.one_in(3):
            self.send(self.respelled(late))
        if self.one_in(4):
            self.send({**late, "ref": self.ref()})
        if self.one_in(4):               # nobody has the ref, and nobody will
            self.send(self.rng.choice([
                {"op": "capture", "ref": self.ref(), "of": ref}, {"op": "reserve.extend", "ref": self.ref(), "of": ref},
                {"op": "release", "ref": self.ref(), "of": ref}, {"op": "cancel", "ref": self.ref(), "of": late["ref"]},
                {"op": "lookup", "ref": ref}]), again=False)
        self.send(request)

    def close(self):
        month = local(self.now, self.model.in_force().zone).strftime("%Y-%m")
        year, number = map(int, month.split("-"))
        back = self.rng.choice([0, 1, 1, 1, 2, 3])
        count = year * 12 + number - 1 - back
        request = {"op": "close", "period": f"{count // 12:04d}-{count % 12 + 1:02d}"}
        if self.one_in(3):
            request["ref"] = self.ref()
        self.send(request)
        if self.one_in(2):
            sale = self.basket(self.member())
            sale["operator"], sale["at"] = "boss", rfc3339(self.now - self.rng.randint(1, 40) * DAY)
            self.send(sale)

    def sweep(self):
        """Changes what is recorded, never what a balance says, in the past and ahead."""
        questions = [{"op": "show", "member": self.member(), "at": rfc3339(self.now + span)}
                     for span in self.rng.sample([-20 * DAY, -DAY, 0, DAY, 60 * DAY], 2)]
        for request in questions:
            self.send(request, again=False)
        self.send({"op": "sweep"}, again=False)
        for request in questions:
            self.send(request, again=False)

    def look_at(self):
        """`show --at`: what will be, and what was."""
        moment = self.now + self.rng.choice([0, 1, MINUTE, DAY, 10 * DAY, 90 * DAY, 400 * DAY])
        if self.one_in(4):
            moment = max(START - DAY, self.past())
        elif self.one_in(2):
            key = self.rng.choice(list(self.model.wallets))
            due = self.model.next_due(key)
            if due < self.now + 3000 * DAY:
                moment = due + self.rng.choice([-1, 0, 1])
        self.send({"op": "show", "member": self.member(), "at": rfc3339(moment)}, again=False)

    # -- the same again

    def respelled(self, request):
        """The same request in other words."""
        request = {key: value for key, value in request.items() if key != "now"}
        if "amount" in request and self.digits() and self.one_in(2):
            request["amount"] = money_text(int(Fraction(request["amount"]) * 10 ** self.digits()), self.digits()) + "00"
        if "at" in request and self.one_in(2):
            zone = self.model.in_force().zone
            request["at"] = rfc3339(read_moment(request["at"], zone))
        if request.get("member") in self.model.identifiers and self.one_in(2) and not self.was_held(request):
            who = self.model.identifiers[request["member"]]
            request["member"] = self.rng.choice([f"id:#{who}", *(
                name for name, other in self.model.identifiers.items() if other == who)])
        if self.one_in(4):
            request["accept_clock"] = True
        if self.one_in(4):
            request["id"] = f"till-{self.rng.randint(1, 9)}"
        keys = list(request)
        self.rng.shuffle(keys)
        return {key: request[key] for key in keys}

    def earlier(self):
        if not self.accepted:
            return None
        recent = self.accepted[-15:] if self.one_in(2) else self.accepted
        request = self.rng.choice(recent)
        if "at" in request and request["at"][-1] != "Z" and request["at"][-6] not in "+-":
            return None                  # local times are read in the zone in force, which may have changed
        return request

    def retry(self):
        request = self.earlier()
        if request and request["op"] != "programme.apply":
            self.send(self.respelled(request), sign=False)

    def altered_retry(self):
        tries = [request for request in (self.earlier() for _ in range(4)) if request]
        request = max(tries, key=len, default=None)      # the one with most that may be altered
        if not request or request["op"].startswith(("programme", "member")) or ("ref" not in request and "receipt" not in request):
            return
        request = {key: value for key, value in request.items() if key != "now"}
        fields = [field for field in ("member", "amount", "at", "points", "reason", "text", "operator", "entry",
                                      "level", "action", "benefit", "of", "all", "lines", "unmatched", "till", "store", "to", "capture",
                                      "timeout", "origin", "points_of", "discount", "tenders", "rounding", "coupons", "proof",
                      "approved_by", "no_receipt", "code", "count", "sum")
                  if field in request]
        unique_by = self.model.in_force().unique_by
        if "ref" not in request:
            fields = [field for field in fields if field not in ("store", "till", "at")
                      or (field in ("store", "till") and field not in unique_by)]
        if not fields:
            return
        field = self.rng.choice(fields)
        if field == "member":
            others = [card for card in self.cards if self.known(card) is not self.known(request["member"])
                      and card in self.model.identifiers]
            if not others:
                return
            request["member"] = self.rng.choice(others)
        elif field == "at":
            request["at"] = rfc3339(self.now - DAY)
        elif field == "points":
            request["points"] = request["points"] + 1 if isinstance(request["points"], int) else 7
        elif field in ("amount", "discount", "rounding", "sum"):
            request[field] = self.money(int(Fraction(request[field]) * 10 ** self.digits()) + 1)
        elif field == "tenders":
            request["tenders"] = request["tenders"] + [["gold", self.money(1)]] if len(request["tenders"]) < 3 \
                else request["tenders"][:-1]
        elif field == "coupons":
            request["coupons"] = request["coupons"] + ["one-more"]
        elif field == "count":
            request["count"] += 1
        elif field == "code":
            request["code"] = "YYYYYYYY"
        elif field == "proof":
            request["proof"] = "pin" if request["proof"] != "pin" else "otp"
        elif field == "no_receipt":
            request["amount"] = self.money(int(Fraction(request["amount"]) * 10 ** self.digits()) + 1)
        elif field == "of":
            request["of"] += "x"
        elif field in ("to", "points_of"):
            others = [other for other in (self.cards if field == "to" else self.model.in_force().points)
                      if other != request[field]]
            if not others or (field == "to" and self.known(others[0]) is self.known(request["to"])):
                return
            request[field] = others[0]
        elif field == "timeout":
            request["timeout"] = "PT7M"
        elif field == "origin":
            request["origin"] = "partner" if request["origin"] != "partner" else "marketing"
        elif field == "all":
            del request["all"]
            request["amount"] = self.money(1)
        elif field == "lines":
            request["lines"] = request["lines"] + [request["lines"][0]]
        elif field == "unmatched":
            request["unmatched"] = "skip" if request["unmatched"] != "skip" else "deduct"
        elif field == "entry":
            request["entry"] = "scan" if request["entry"] != "scan" else "keyed"
        else:
            request[field] += "-2"
        self.send(request, again=False)

    # -- everything else

    def programme(self):
        # Not in the millisecond of what was before it: whether a new rule dates a lot of its own
        # moment is not said.
        self.now = max(self.now, self.model.records[-1].time + 1)
        document = changed_programme(self.rng, self.model.programmes[-1].document, self.without)
        again = self.one_in(5)
        if again:
            document = self.model.in_force().document
        request = {"op": "programme.apply", "programme": json.dumps(document, ensure_ascii=False)}
        if document != self.model.in_force().document and self.one_in(2):
            request["ref"] = self.ref()
        if self.one_in(2):
            request["from"] = rfc3339(self.now + self.rng.choice([0, DAY, 5 * DAY, -DAY]))
        self.send(request)

    def new_rule(self):
        """Of which points earned before get new dates, also those that a reservation holds."""
        name, currency = self.rich()
        waiting = [lot.currency for lot in self.model.lots.values() if lot.pending and lot.left]
        if waiting and self.one_in(2):
            currency = self.rng.choice(waiting)
        have = self.have(name, currency)
        request = {"op": "reserve", "ref": self.ref(), "member": name, "points_of": currency,
                   "points": self.points_text(currency, max(1, self.rng.choice([have, have, have // 2]))),
                   "timeout": self.model.in_force().longest}
        if self.send(request)["ok"]:
            self.reserved.append(request["ref"])
        self.now = max(self.now, self.model.records[-1].time + 1)
        document = copy.deepcopy(self.model.programmes[-1].document)
        points = document["points"][currency]
        expires = random_new_expiry(self.rng)
        points["expires"] = {**({} if expires == "never" else expires), "applies_to": "all"} \
            if self.one_in(3) else {"after": self.rng.choice(["P1D", "P2W", "P3M", "P1Y"]), "applies_to": "all"}
        if self.one_in(2):
            points["pending"] = random_pending(self.rng)
            document.setdefault("returns", {}).setdefault("window", "P2W")
        else:
            points.pop("pending", None)
        self.send({"op": "programme.apply", "programme": json.dumps(document, ensure_ascii=False)})
        if self.one_in(2):
            self.now += self.rng.choice([1, MINUTE, 60 * MINUTE])
        self.rng.choice([self.release, self.capture, self.cancel, self.purchase, self.redeem, self.activate, self.sweep])()

    def unknown(self):
        request = self.rng.choice([
            {"op": "redeem", "ref": self.ref(), "member": "card:nobody", "points": 1},
            {"op": "show", "member": "phone:+4412345678"},
            {"op": "return", "ref": self.ref(), "of": "no/such/receipt", "all": True},
            {"op": "adjust", "ref": self.ref(), "member": self.member(), "points": 1, "points_of": "gold",
             "reason": "none"},
            {"op": "redeem", "ref": self.ref(), "member": self.member(), "points": 1, "points_of": "gold"},
            {"op": "lookup", "ref": "never-seen"},
            {"op": "reserve", "ref": self.ref(), "member": "card:nobody", "points": 1},
            {"op": "transfer", "ref": self.ref(), "member": "card:nobody", "to": self.member(), "points": 1},
            {"op": "household.leave", "ref": self.ref(), "member": "card:nobody"},
            {"op": "household.create", "ref": self.ref(), "member": "card:nobody"},
            {"op": "member.merge", "ref": self.ref(), "member": self.member(), "into": "card:nobody"},
            {**self.basket("card:nobody")},
        ])
        self.send(request, again=False)

    def look_ahead(self):
        """Balances are right at the moment they are read, without any record."""
        now = self.now
        self.now += self.rng.choice([DAY, 40 * DAY, 400 * DAY])
        if self.one_in(2):
            self.now = now
            self.pass_time()
        self.send({"op": "show", "member": self.member()}, again=False)
        self.now = now

    def lookup(self):
        known = [request["ref"] for request in self.accepted if "ref" in request and
                 request["op"] not in ("programme.apply",)]
        if known:
            self.send({"op": "lookup", "ref": self.rng.choice(known)}, again=False)
        if self.model.receipts and self.one_in(3):
            self.send({"op": "lookup", "ref": self.rng.choice(list(self.model.receipts))}, again=False)
        if self.one_in(2):
            request = {"op": "history", "member": self.member(), "limit": self.rng.randint(1, 8)}
            if self.one_in(3):
                before = self.rng.randint(1, len(self.model.records))
                if before == len(self.model.records) or self.model.records[before].sweep is None:
                    request["before"] = before
            self.send(request, again=False)
