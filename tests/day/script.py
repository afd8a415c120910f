"""What happens on the day, by seed: every till's sales, hour by hour, and what becomes
of each later. Pure: the same seed gives the same day, and with it what everybody must
have in the evening."""
import random

DAY = "2026-03-02"  # in London as in UTC
OPENS, HOURS = 9, 12
STORE = "S1"
PROGRAMME = {
    "loyalty": 1, "id": "day", "timezone": "Europe/London", "currency": "GBP",
    "receipts": {"unique_by": ["store", "till"], "business_day_starts": "04:00"},
    "members": {"unknown": "hold"}, "claims": {"within": "P7D", "code": "optional"},
    "points": {"point": {}},
    "earn": [{"id": "base", "per": "1.00", "gives": {"point": 1}, "rounding": "carry"}]}
MAPPING = {
    "encoding": "utf-8", "time_format": "%Y-%m-%dT%H:%M:%SZ",
    "columns": {"receipt": "number", "store": "store", "till": "till", "time": "time", "member": "card",
                "amount": "amount"}}


def money(pence):
    return f"{pence // 100}.{pence % 100:02}"


def moment(second):
    """Seconds from the opening on."""
    second += OPENS * 3600
    return f"{DAY}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


class Sale:
    def __init__(self, till, number, second, card, lines):
        self.till, self.number, self.second, self.card, self.lines = till, number, second, card, lines
        self.amount = sum(amount for _, amount in lines)
        self.kept = self.amount  # what is not returned
        self.owner = card        # who has it in the evening
        self.voided = False

    @property
    def identity(self):
        return f"{STORE}/T{self.till:02}/{self.number}"

    def request(self, skew):
        request = {"op": "purchase", "receipt": str(self.number), "store": STORE, "till": f"T{self.till:02}",
                   "at": moment(self.second + skew), "amount": money(self.amount),
                   "lines": [[sku, "", "", money(amount)] for sku, amount in self.lines]}
        return {**request, "member": f"card:{self.card}"} if self.card else request


class Day:
    """`tills` tills and `sales` sales in all."""

    def __init__(self, seed, tills, sales):
        self.chance = random.Random(seed)
        self.tills = tills
        self.each = sales // tills
        self.cards = [f"{1000 + i}" for i in range(max(20, sales // 25))]
        # These have a card in their hands and are nobody yet: enrolled some hours later.
        self.enrolled_at = {card: self.chance.randrange(2, HOURS - 1) for card in self.cards[::12]}
        self.skews = [self.chance.randrange(-120, 240) for _ in range(tills)]
        self.offline = [self.hours_offline(till) for till in range(tills)]
        self.hours = [[[] for _ in range(HOURS)] for _ in range(tills)]  # actions
        self.sales = []
        for till in range(tills):
            self.sell(till)
        for card, hour in self.enrolled_at.items():
            self.act(self.chance.randrange(tills), hour, f"enrol-{card}",
                     [{"op": "member.add", "ref": f"enrol-{card}", "identifiers": [f"card:{card}"]}])
        for actions in (hour for till in self.hours for hour in till):
            actions.sort(key=lambda action: action["second"])

    def hours_offline(self, till):
        """A third of the tills, for some hours; the second one until after its close."""
        if till == 1:
            return list(range(HOURS - 3, HOURS))
        if till % 3 != 0:
            return []
        first = self.chance.randrange(1, HOURS - 4)
        return list(range(first, first + self.chance.randrange(2, 4)))

    def act(self, till, hour, key, requests, second=None, kind="other"):
        if second is None:
            second = hour * 3600 + self.chance.randrange(3600)
        for request in requests:
            if request["op"] == "return":
                request["at"] = moment(second + self.skews[till])
        self.hours[till][hour].append({"key": key, "second": second, "kind": kind, "requests": requests})

    def basket(self):
        return [(f"A{self.chance.randrange(50)}", self.chance.randrange(5, 4000))
                for _ in range(self.chance.randrange(1, 5))]

    def sell(self, till):
        for i in range(self.each):
            second = i * HOURS * 3600 // self.each
            card = None if self.chance.random() < 0.15 else self.chance.choice(self.cards)
            sale = self.record(till, 1000 + i, second, card)
            self.becomes(sale, second // 3600)
            if self.chance.random() < 0.02 and second // 3600 not in self.offline[till]:
                self.redeem(till, 1000 + i, second // 3600)

    def record(self, till, number, second, card):
        sale = Sale(till, number, second, card, self.basket())
        self.sales.append(sale)
        self.act(till, second // 3600, f"sale-{sale.identity}", [sale.request(self.skews[till])], second, "sale")
        return sale

    def redeem(self, till, number, hour):
        ref = f"redeem-{till}-{number}"
        card = self.chance.choice([card for card in self.cards if card not in self.enrolled_at])
        self.act(till, hour, ref, [{"op": "redeem", "ref": ref, "member": f"card:{card}",
                                    "points": self.chance.randrange(1, 30)}], kind="redeem")

    def becomes(self, sale, hour):
        """What happens to it later, if anything: at most one thing, so that the evening
        does not depend on who came first."""
        if hour + 1 >= HOURS:
            return
        later, fate = self.chance.randrange(hour + 1, HOURS), self.chance.random()
        unheard = hour in self.offline[sale.till] and hour + 1 in self.offline[sale.till]
        if unheard and fate > 0.8:  # and brought back where nobody has heard of it
            self.bring_back(sale, hour + 1, [till for till in range(self.tills)
                                             if hour + 1 not in self.offline[till]])
            return
        if sale.card is None and fate < 0.2:
            self.claim(sale, later)
        elif fate < 0.04:
            self.bring_back(sale, later, range(self.tills))
        elif fate < 0.055:
            sale.voided, sale.kept = True, 0
            self.act(sale.till, later, f"void-{sale.identity}",
                     [{"op": "void", "ref": f"void-{sale.identity}", "of": sale.identity}], kind="void")
        elif fate < 0.07:
            self.exchange(sale, later)

    def claim(self, sale, hour):
        sale.owner = self.chance.choice([card for card in self.cards if card not in self.enrolled_at])
        self.act(sale.till, hour, f"claim-{sale.identity}",
                 [{"op": "claim", "receipt": sale.identity, "member": f"card:{sale.owner}"}], kind="claim")

    def bring_back(self, sale, hour, tills):
        """At one of these tills, perhaps before the ledger has heard of the sale."""
        request = {"op": "return", "ref": f"return-{sale.identity}", "of": sale.identity}
        how, line = self.chance.randrange(3), self.chance.randrange(len(sale.lines))
        if how == 0:
            request["all"], sale.kept = True, 0
        elif how == 1:
            part = self.chance.randrange(1, sale.amount + 1)
            request["amount"], sale.kept = money(part), sale.amount - part
        else:
            request["lines"], sale.kept = [{"line": line + 1}], sale.amount - sale.lines[line][1]
        self.act(self.chance.choice(tills), hour, request["ref"], [request])

    def exchange(self, sale, hour):
        """The goods come back, and others go out under a receipt of their own."""
        sale.kept = 0
        second = hour * 3600 + self.chance.randrange(3600)
        other = Sale(sale.till, sale.number + 500000, second, sale.card, self.basket())
        self.sales.append(other)
        self.act(sale.till, hour, f"exchange-{sale.identity}",
                 [{"op": "return", "ref": f"exchange-{sale.identity}", "of": sale.identity, "all": True},
                  other.request(self.skews[sale.till])], second, "exchange")

    # --- The evening -----------------------------------------------------------------

    def sold_by(self, till):
        standing = [sale for sale in self.sales if sale.till == till and not sale.voided]
        return len(standing), sum(sale.amount for sale in standing)

    def points(self, redeemed):
        """Of each card; `redeemed` is what the tills' journals say."""
        kept = {card: 0 for card in self.cards}
        for sale in self.sales:
            if sale.owner is not None:
                kept[sale.owner] += sale.kept
        return {card: pence // 100 - redeemed.get(card, 0) for card, pence in kept.items()}
