"""What a ledger holds: members, wallets, lots, purchases, records, as the model keeps them."""
import copy
from collections import namedtuple
from fractions import Fraction
from math import floor

from terms import ACTIVATE, NEVER, largest_remainder

WALLET = ("available", "pending", "reserved", "debt")


class Unknown:
    """Something random that only the engine knows. Stands in expected answers; the
    comparison learns what it is and holds the engine to that. In requests it is
    written with its number: `id:#3`, `household:#1`."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return type(other) is type(self) and other.number == self.number

    def __hash__(self):
        return hash((self.prefix, self.number))

    def __repr__(self):
        return f"<{self.prefix}{self.number}>"

    def token(self):
        return f"{self.prefix}#{self.number}"


class MemberId(Unknown):
    prefix = "id:"


class HouseholdId(Unknown):
    prefix = "household:"


class ClaimCode(Unknown):
    """The code on the receipt of the n-th purchase; in requests `code:#17`."""
    prefix = ""

    def token(self):
        return f"code:#{self.number}"


class Lot(namedtuple("Lot", "seq index currency amount left reserved pending available_from expires "
                            "origin earned earner version wallet grant", defaults=[None])):
    """Never changed, always replaced. `pending` says what `left` is; `grant`: the level that gave it."""

    def name(self):
        return f"{self.seq}.{self.index}"

    def key(self):
        return (self.seq, self.index)


def burn_order(lot):
    return (lot.expires, lot.seq, lot.index)


def pending_order(lot):
    """The earliest available first; what waits for somebody, last."""
    return (NEVER if lot.available_from == ACTIVATE else lot.available_from, lot.seq, lot.index)


class Member:
    def __init__(self, number, joined, judged=1):
        self.number, self.joined = number, joined
        self.carried = {}                 # currency: the exact sum of all contributions, whole and all
        self.merged = None                # the number of whom this one became part
        self.household = None
        self.history = []                 # (measure, day, amount) of all that counts for a level
        self.standing = None              # tiers.Standing; None: nothing has ever counted
        self.judged_at = 0                # the moment of the newest record about the level
        self.levels = []                  # (from this moment on, level, version that calls it so)
        self.judged = judged              # number of the last version that may have judged anew

    def clone(self):
        twin = copy.copy(self)
        twin.carried = dict(self.carried)
        return twin


class Wallet:
    def __init__(self, dated):
        self.debt, self.idle = {}, {}     # idle 0: never
        self.known = set()                # currencies of which it has, or has had, something
        self.dated = dated                # number of the last version whose new rules its lots have met

    def clone(self):
        twin = Wallet(self.dated)
        twin.debt, twin.idle, twin.known = dict(self.debt), dict(self.idle), set(self.known)
        return twin


# parts: ((lot, amount), …) as they were taken; state: open, captured, released, lapsed
Reservation = namedtuple("Reservation", "seq member wallet currency parts until state")
# what a return of one receipt did; giver: whose sale it was. undoable: not one that cannot be voided by its nature
Returned = namedtuple("Returned", "purchase giver all amount lines forgiven undoable")
Adjusted = namedtuple("Adjusted", "member currency units parts counter")
# what a redeem or capture burnt
Burn = namedtuple("Burn", "member currency parts")
# state: waiting, refused (its purchase came and would not have it), done, cancelled
Held = namedtuple("Held", "seq request at identity state")
# what a key stands for; whose: the member whose balances a retry is told
Entry = namedtuple("Entry", "normal op answer seq whose ref")


class Purchase:
    def __init__(self, seq, member, identity, at, programme, amount, lines, itemised):
        self.itemised = itemised              # lines were sent; else there is one for the total
        self.seq, self.member, self.identity, self.at = seq, member, identity, at     # member: who has it now
        self.code = None                      # its ClaimCode
        self.level = None                     # by which it was valued for who has it now
        self.giver = seq                      # the record whose lot is the sale's own
        self.waited_for = None                # the card or phone that it was held for
        self.awaits = None                    # the same, as long as it waits
        self.voided = False
        self.programme, self.amount, self.lines = programme, amount, lines
        self.how = None                       # "lines" or "amount", once a part came back
        self.quantities = [0] * len(lines)    # millionths returned of each line
        self.amount_back = 0                  # returned by amount
        self.all_back = False
        self.collected = {}                   # currency: what returns of it really took so far
        self.paid = None                      # (currency, points, minor units, parts as burnt)
        self.points_back = 0                  # how many of them have come back

    def clone(self):
        twin = copy.copy(self)
        twin.quantities, twin.collected = list(self.quantities), dict(self.collected)
        return twin

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

    def returned(self):
        """What has come back in sum, as heads say it behind the number; [] is nothing."""
        if self.how == "amount" and self.amount_back:
            return ["amount", self.amount_back]
        lines = [[i, back] for i, back in enumerate(self.quantities) if back]
        return ["lines", lines] if lines else []

    def money_left(self):
        return sum(line["amount"] for line in self.rest())

    def points_of_what_came_back(self):
        """Of the points that paid; by what is left, not by the steps."""
        _, points, minor, _ = self.paid
        return points - points * sum(line["paid"] for line in self.rest()) // minor

    def refunded(self):
        """Money handed out in sum; points have paid their share of each line."""
        paid = self.paid[2] if self.paid else 0
        if self.all_back:
            return self.amount - paid
        if self.how == "amount":
            return (self.amount - paid) * self.amount_back // self.amount
        return sum((line["amount"] - line["paid"]) * back // line["quantity"]
                   for line, back in zip(self.lines, self.quantities))


def remainder(line, returned, of):
    if of == 0 or returned == 0:
        return dict(line)
    rest = dict(line)
    for part in ("amount", "discount", "tax", "paid", "excluded"):
        rest[part] = line.get(part, 0) - floor(Fraction(line.get(part, 0) * returned, of))
    return rest


class Record:
    """A head, as far as it can be foretold."""

    def __init__(self, seq, time, op, member=None, programme=None, at=None, wallet=None):
        self.seq, self.time, self.op, self.member, self.programme = seq, time, op, member, programme
        self.at = time if at is None else at
        self.wallet = wallet       # HouseholdId, where it is not the member's own
        self.post, self.lots, self.gave, self.returned, self.carry, self.of = [], [], [], [], {}, None
        self.idle, self.until, self.paid, self.with_, self.closed = {}, None, None, None, None
        self.dates = []            # (seq, index, expires) of lots that an activate released, or a rule dated
        self.names = None          # of a member.link: what it linked
        self.part = None
        self.amounts, self.refund, self.assessed, self.any_paid = [], [], {}, False     # of a return's body
        self.caused_by_lowest = False   # an elapse of a household: by whom of it the model cannot know
        self.sweep = None          # which sweep wrote it: their order among each other is not foretold
        self.base, self.own_card, self.operator = None, False, None     # of a purchase's body; of operator.link
        self.counted = None        # of a claim: which counter of its month
        self.measured, self.counts, self.tier = [], [], None    # as heads have them, but for limits of points
        self.repaid, self.forfeited = {}, {}    # currency: what of that settled a debt; what a fall let lapse
        self.withdrawn = []        # (currency, units, where from) of entry rewards that were taken back
        self.moved, self.granted, self.used = None, [], []      # (level, level); (level, currency, units); counters
        self.level = self.level_told = None             # by which a purchase or claim was valued; None: the first
        self.stands_at, self.holds = None, []           # of `tier`: the id of the level, and holds in their order
        self.of_level = False      # an elapse of a level: whose comes first of a wallet is not foretold
        self.any_programme = op.startswith(("member.", "household.", "operator."))

    def posting(self, currency, account, amount, lot=None):
        if amount != 0:
            self.post.append((currency, account, amount, lot))

    def check(self):
        sums = {}
        for currency, _, amount, _ in self.post:
            sums[currency] = sums.get(currency, 0) + amount
        assert all(total == 0 for total in sums.values()), self.post


def total(parts):
    return sum(amount for _, amount in parts)
