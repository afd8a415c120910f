"""What goes on at a till beside plain sales, for the generator: customers without their
card, cards that nobody has yet, vouchers and discounts, mistakes and what mends them,
second signatures, exchanges, and the end of the day. Part of Generator.
"""
from fractions import Fraction

from terms import DAY, Refusal, money_text, rfc3339

OPERATORS = ["anna", "boss", "carl"]
COUNTRIES = {"86": "13800", "44": "7700", "1": "20255"}


# --- Programmes -------------------------------------------------------------------

def random_till(rng, document, without=()):
    """What a programme says about the day at the till; anew each time."""
    for name in ("members", "claims", "voids", "operators", "approvals"):
        document.pop(name, None)
    if "members" not in without:
        members = {"unknown": rng.choice(["refuse", "enrol", "hold", "hold", "hold"])}
        if "phones" not in without and rng.random() < 0.5:
            members["phone_country"] = rng.choice(sorted(COUNTRIES))
            if rng.random() < 0.4:
                members["phone_trunk"] = rng.choice(["0", "8", ""])
        if "hold" in without and members["unknown"] == "hold" and "unknown" not in without:
            del members["unknown"]
        if "unknown" in without:
            del members["unknown"]
        if members and rng.random() < 0.9:
            document["members"] = members
    if "claims" not in without and rng.random() < 0.85:
        claims = {}
        if rng.random() < 0.5:
            claims["within"] = rng.choice(["P3D", "P2W", "P3M", "PT36H"])
        if rng.random() < 0.3:
            claims["per_month"] = rng.choice([1, 2, 5])
        if rng.random() < 0.6:
            claims["code"] = rng.choice(["optional", "optional", "required"])
        document["claims"] = claims
    if "voids" not in without and rng.random() < 0.3:
        document["voids"] = {"within": rng.choice(["P1D", "P2W", "PT36H", "P1M"])}
    if "own_card" not in without and rng.random() < 0.6:
        document["operators"] = {"own_card": rng.choice(["refuse", "flag", "allow"])}
    if "approvals" not in without and rng.random() < 0.5:
        document["approvals"] = random_approvals(rng, document)
    if "tenders" not in without:
        document.setdefault("base", {}).pop("excluding_tenders", None)
        if rng.random() < 0.5:
            document["base"]["excluding_tenders"] = rng.sample(["voucher", "cash", "gift"], rng.randint(0, 2))
    returns = document.setdefault("returns", {})
    returns.pop("no_receipt", None)
    if "no_receipt" not in without and rng.random() < 0.5:
        returns["no_receipt"] = {} if rng.random() < 0.5 else {"most": some_money(rng, document)}
    for points in document["points"].values():
        points.pop("proof_above", None)
        if "proof" not in without and points.get("spendable", True) and rng.random() < 0.3:
            points["proof_above"] = rng.choice([1, 5, 50])


def some_money(rng, document):
    digits = {"JPY": 0, "KWD": 3}.get(document["currency"], 2)
    return money_text(rng.choice([100, 1500, 6000]), digits)


def random_approvals(rng, document):
    approvals = {}
    for op in rng.sample(["adjust", "claim", "reassign", "redeem", "return", "return_without_receipt", "transfer",
                          "void"], rng.randint(1, 4)):
        approvals[op] = {}
        if op in ("adjust", "redeem", "transfer") and rng.random() < 0.7:
            approvals[op]["above"] = rng.choice([1, 10, 100])
        if op in ("return", "return_without_receipt", "void") and rng.random() < 0.7:
            approvals[op]["above"] = some_money(rng, document)
    if rng.random() < 0.4:
        approvals["by"] = rng.sample(OPERATORS, rng.randint(1, 2))
    return approvals


# --- Requests ---------------------------------------------------------------------

class AtTheTill:
    TILL = {"nobody": 4, "stranger": 5, "owner": 4, "claim": 4, "reassign": 3, "void": 6, "story": 9,
            "operator": 1.5, "by_amount": 2.5, "till_close": 1.5, "group": 2.5, "exchange": 3}

    def till_left_out(self, request):
        """By --without."""
        op, model = request["op"], self.model
        if op in ("group", "exchange"):
            inner = request.get("requests") or [{"op": "return", **request["return"]},
                                                {"op": "purchase", **request["purchase"]}]
            return any(self.left_out(one) for one in inner)
        if "void_held" in self.without and op == "void" and request["of"] in model.held:
            return True
        sale = op in ("purchase", "quote")
        if "void_purchase" in self.without and op == "void":
            entry = model.keys.get(request["of"]) or model.receipts.get(request["of"])
            if entry and entry.op == "purchase":
                return True
        if op == "void" and any(f"void_{entry.op}" in self.without for entry in [model.keys.get(request["of"])] if entry):
            return True
        return sale and "anonymous" in self.without and "member" not in request or \
            sale and "hold" in self.without and request.get("member") in self.strangers or \
            "no_receipt" in self.without and "no_receipt" in request

    def sign(self, request):
        """Somebody stands at the till; a second one may have to nod, and the customer to prove."""
        op, what = request["op"], request["op"]
        if op == "return" and "of" not in request:
            what = "return_without_receipt"
        rules = self.model.in_force().approvals
        if "approvals" not in self.without and (what in rules and not self.one_in(5) or self.one_in(25)) \
                and op not in ("quote", "show", "sweep"):
            request.setdefault("operator", self.rng.choice(OPERATORS))
            others = [one for one in rules.get("by", OPERATORS) if one != request["operator"]]
            request.setdefault("approved_by", self.rng.choice(others if others and not self.one_in(6) else OPERATORS))
        if "proof" not in self.without and (op in ("redeem", "reserve", "transfer") or op == "purchase" and "points" in request) \
                and self.one_in(2):
            request.setdefault("proof", self.rng.choice(["pin", "app", "otp"]))

    def was_held(self, request):
        """A sale that waits, or waited, for just this card: a retry must name it, too."""
        entry = self.model.keys.get(request.get("ref"))
        if entry is None and request["op"] == "purchase":
            entry = next((one for one in self.model.receipts.values() if one.normal.get("receipt") == request["receipt"]
                          and isinstance(one.normal.get("member"), str)), None)
        return entry is not None and isinstance(entry.normal.get("member"), str)

    # -- the basket

    def fill_basket(self, request):
        """Discount of the whole, what it was paid with, coupons."""
        digits = self.digits()
        amount = int(Fraction(request["amount"]) * 10 ** digits)
        if "discount" not in self.without and self.one_in(5) and amount > 0:
            off = self.rng.choice([1, self.rng.randint(1, amount), self.rng.randint(1, amount), amount])
            request["discount"] = self.money(off)
            if "lines" in request and not self.one_in(12):
                amount -= off
                request["amount"] = self.money(amount)
        if "tenders" not in self.without and self.one_in(4):
            self.pay_with(request, amount)
        if "coupons" not in self.without and self.one_in(12):
            request["coupons"] = self.rng.sample(["WELCOME", "10OFF", "星"], self.rng.randint(1, 2))

    def pay_with(self, request, amount, points=0):
        due = amount - points
        if self.one_in(5):
            rounding = self.rng.choice([-2, -1, 1, 2])
            if due + rounding >= 0:
                due += rounding
                request["rounding"] = money_text(rounding, self.digits())
        kinds = self.rng.sample(["cash", "card", "voucher", "gift"], self.rng.choice([1, 2, 2, 3]))
        tenders = []
        for kind in kinds[:-1]:
            part = self.rng.randint(0, due)
            due -= part
            tenders.append([kind, self.money(part)])
        tenders.append([kinds[-1], self.money(due + (1 if self.one_in(20) else 0))])
        if self.one_in(2):
            tenders = [{"type": kind, "amount": part} for kind, part in tenders]
        request["tenders"] = tenders

    # -- sales without a member

    def nobody(self):
        request = self.basket("nobody")
        del request["member"]
        if self.one_in(6):
            self.send({**request, "op": "quote"}, again=False)
        answer = self.send(request)
        if answer["ok"] and self.one_in(4):      # a retry that names somebody
            self.send({**request, "member": self.member()}, again=False)

    def new_stranger(self):
        if "phones" in self.without or self.one_in(2):
            name = f"card:{90000 + self.number('stranger')}"
        else:
            country = self.model.in_force().phone_country or "86"
            name = f"phone:+{country}{COUNTRIES[country]}{self.number('stranger'):06d}"
        self.strangers.append(name)
        return name

    def a_stranger(self):
        waiting = [name for name in self.strangers if name not in self.model.identifiers]
        return self.rng.choice(waiting[-3:]) if waiting and not self.one_in(3) else self.new_stranger()

    def dial(self, name):
        """A phone as somebody might write it here."""
        programme = self.model.in_force()
        if not name.startswith("phone:+") or "phones" in self.without or self.one_in(3):
            return name
        number, country = name[7:], programme.phone_country
        spelt = [f"{number[:5]} {number[5:8]}-{number[8:]}", number]
        spelt = ["+" + one for one in spelt] + (["00" + one for one in spelt] if country else [])
        if country and number.startswith(country):
            rest = number[len(country):]
            spelt += [rest, (programme.phone_trunk or "") + rest, f"({rest[:3]}) {rest[3:]}"]
        fits = []
        for one in spelt:
            try:
                if programme.phone(one) == "+" + number:
                    fits.append("phone:" + one)
            except Refusal:
                pass
        return self.rng.choice(fits) if fits else name

    def stranger(self):
        """A card that nobody has: refused, enrolled or held."""
        name = self.a_stranger()
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            request = self.basket(self.dial(name))
            if self.one_in(5):
                request["enrol"] = True
            if self.one_in(6):
                request["at"] = self.spell(self.past())
            if self.one_in(8):
                self.send({**request, "op": "quote"}, again=False)
            answer = self.send(request)
            if answer["ok"] and self.one_in(3):
                self.send({**request, "member": self.rng.choice([self.dial(name), self.member()])}, again=False)
            if answer["ok"] and answer.get("enrolled"):
                self.cards.append(name)

    def owner(self):
        """Somebody comes for the card that sales wait for."""
        names = sorted({purchase.awaits for purchase in self.model.purchases.values()
                        if purchase.awaits and purchase.awaits not in self.model.identifiers})
        names = names or [name for name in self.strangers if name not in self.model.identifiers]
        if names:
            self.find_owner(self.rng.choice(names))

    def find_owner(self, name):
        self.find_owner_of([name])

    def find_owner_of(self, names):
        roll, spelt = self.rng.random(), [self.dial(name) for name in names]
        if roll < 0.3:
            request = {"op": "member.add", "identifiers": spelt}
        elif roll < 0.75:
            request = {"op": "member.link", "member": self.member(), "identifiers": spelt}
        elif roll < 0.9 or "lines_enrol" in self.without:
            request = {**self.basket(spelt[0]), "enrol": True}
        else:
            request = {"op": "return", "ref": self.ref(), "member": spelt[0], "unmatched": self.rng.choice(["skip", "deduct"]),
                       "enrol": True, "lines": [{"sku": "85123A", "quantity": "1", "amount": self.money(295)}]}
        if self.one_in(2):
            request["ref"] = self.ref()
        answer = self.send(request)
        if answer["ok"]:
            self.cards += [name for name in names if name in self.model.identifiers and name not in self.cards
                           and name != "card:nobody"]       # that one comes and goes
            if self.one_in(4):
                self.send(self.respelled(request), sign=False)
        return answer

    # -- who has it

    def some_sale(self, fits=lambda purchase: True):
        found = [purchase for purchase in list(self.model.purchases.values())[-40:] if purchase.identity and fits(purchase)]
        return self.rng.choice(found[-8:] if self.one_in(2) else found) if found else None

    def claim(self):
        purchase = self.some_sale(lambda one: one.member is None or self.one_in(15))
        if purchase:
            self.claim_it(purchase)

    def claim_it(self, purchase):
        request = {"op": "claim", "receipt": purchase.identity, "member": self.member()}
        roll = self.rng.random()
        answered = self.model.receipts[purchase.identity].answer
        if roll < 0.7 and "claim_code" in answered:
            request["code"] = purchase.code.token() + self.rng.choice(["", "", "/lower", "/dashed", "/letters"])
        elif roll < 0.8:
            request["code"] = "ZZZZ-ZZZZ"
        if self.one_in(2):
            request["ref"] = self.ref()
        if self.one_in(6):
            request["operator"] = self.rng.choice(OPERATORS)
        if self.one_in(8):
            request["approved_by"] = self.rng.choice(OPERATORS)
        if self.one_in(8):
            request["reason"] = "forgot-card"
        return self.send(request)

    def reassign(self):
        purchase = self.some_sale(lambda one: not one.paid or self.one_in(6))
        if purchase:
            self.reassign_it(purchase)

    def reassign_it(self, purchase):
        return self.send({"op": "reassign", "ref": self.ref(), "of": purchase.identity, "to": self.member(),
                          "reason": "wrong-card"})

    # -- mistakes

    def void(self):
        """Something that was done lately, mostly what can be undone."""
        kinds = {"purchase": 3, "return": 4, "redeem": 2, "capture": 1, "adjust": 3, "claim": 3, "benefit.use": 1, "action": 1}
        kind = self.rng.choices(list(kinds), list(kinds.values()))[0]
        refs = [ref for ref, entry in self.model.keys.items() if entry.op == kind]
        if self.one_in(12):
            refs = list(self.model.keys)
        if kind == "purchase" and self.one_in(2):
            refs = list(self.model.receipts)
        of = self.rng.choice(refs[-12:]) if refs and not self.one_in(25) else f"never-{self.number('ref')}"
        self.void_it(of)

    def void_it(self, of):
        request = {"op": "void", "ref": self.ref(), "of": of}
        if self.one_in(60):
            request["ref"] = of
        if self.one_in(6):
            request["reason"] = "mistake"
        answer = self.send(request)
        if answer["ok"] and self.one_in(6):
            self.send({"op": "lookup", "ref": of}, again=False)
        if answer["ok"] and self.one_in(8):
            self.send({**request, "ref": self.ref()})
        return answer

    def story(self):
        """Much happens to one sale."""
        roll = self.rng.random()
        request = self.basket(self.member())
        if self.one_in(2) and "lines" not in request:
            request["lines"], total = self.lines()
            for field in ("discount", "tenders", "rounding"):
                request.pop(field, None)
            request["amount"] = self.money(total)
        if roll < 0.35:
            request["member"] = self.dial(self.a_stranger())
        elif roll < 0.6:
            del request["member"]
        answer = self.send(request)
        if not answer["ok"] or answer.get("receipt") not in self.model.receipts:
            return
        seq = self.model.receipts[answer["receipt"]].seq
        for _ in range(self.rng.choice([2, 3, 4, 5, 7])):
            if self.one_in(3):
                self.pass_time()
            self.next_in_story(seq, request)

    def next_in_story(self, seq, request):
        purchase = self.model.purchases[seq]
        holder = self.model.holder(purchase)
        name = f"id:#{holder.number}" if holder else self.member()
        refs = [ref for ref, entry in self.model.keys.items() if entry.op == "return" and
                self.model.returns.get(entry.seq) and self.model.returns[entry.seq].purchase == seq]
        claims = [ref for ref, entry in self.model.keys.items() if entry.op == "claim" and
                  self.model.records[entry.seq].of == seq]
        steps = {"part": 6, "all": 2, "reassign": 3, "void_purchase": 1, "retry": 2, "lookup": 1, "spend": 2, "merge": 0.7,
                 "household": 1, "activate": 0.5, "goods": 1, "show": 1}
        if holder is None:
            steps.update(claim=6, owner=3 if purchase.awaits else 0)
        if refs:
            steps["void_return"] = 6
        if claims:
            steps["void_claim"] = 3
        step = self.rng.choices(list(steps), list(steps.values()))[0]
        if step == "part":
            self.part_of(purchase)
        elif step == "all":
            self.bring_back({"of": purchase.identity, "all": True})
        elif step == "reassign":
            self.reassign_it(purchase)
        elif step == "claim":
            self.claim_it(purchase)
        elif step == "owner":
            self.find_owner(purchase.awaits)
        elif step == "void_purchase":
            self.void_it(purchase.identity)
        elif step == "void_return":
            self.void_it(self.rng.choice(refs))
        elif step == "void_claim":
            self.void_it(self.rng.choice(claims))
        elif step == "retry":
            self.send(self.respelled(request), sign=False)
        elif step == "lookup":
            self.send({"op": "lookup", "ref": purchase.identity}, again=False)
        elif step == "spend":
            for currency in self.model.in_force().points:
                have = self.have(name, currency)
                if have > 0 and self.model.in_force().spendable(currency):
                    self.send({"op": "redeem", "ref": self.ref(), "member": name, "points_of": currency,
                               "points": self.points_text(currency, self.some_of(have))})
        elif step == "merge":
            if holder and holder.household is None:
                self.send({"op": "member.merge", "ref": self.ref(), "member": name, "into": self.member()})
        elif step == "household":
            self.household()
        elif step == "activate":
            self.send({"op": "activate", "ref": self.ref(), "of": purchase.identity})
        elif step == "goods":
            line = self.rng.choice(purchase.lines)
            if line["sku"] and holder:
                self.bring_back({"member": name, "unmatched": self.rng.choice(["skip", "refuse", "deduct"]),
                                 "lines": [{"sku": line["sku"], "quantity": self.quantity(line["quantity"]),
                                            "amount": self.money(line["amount"])}]})
        elif holder:
            self.send({"op": "show", "member": name}, again=False)

    def part_of(self, purchase):
        """Some goods of one sale come back."""
        if purchase.how != "amount" and (purchase.how == "lines" or self.one_in(2)) and purchase.itemised:
            i = self.rng.randrange(len(purchase.lines))
            line = {"line": i + 1}
            if not self.one_in(3):
                line["quantity"] = self.quantity(self.rng.randint(1, max(1, purchase.left(i))))
            self.bring_back({"of": purchase.identity, "lines": [line]})
        elif purchase.amount:
            left = max(1, purchase.amount - purchase.amount_back)
            self.bring_back({"of": purchase.identity, "amount": self.money(self.rng.randint(1, left))})

    # -- who stands at the till

    def operator(self):
        request = {"op": "operator.link", "ref": self.ref(), "of": self.rng.choice(OPERATORS), "member": self.member()}
        if self.one_in(4):
            request = {"op": "operator.unlink", "ref": self.ref(), "of": self.rng.choice([*OPERATORS, "nobody"])}
        answer = self.send(request)
        if answer["ok"] and "member" in request:
            for _ in range(self.rng.choice([1, 2])):
                sale = self.basket(request["member"] if not self.one_in(3) else self.member())
                sale["operator"] = request["of"]
                self.send(sale)

    def by_amount(self):
        request = {"member": self.member(), "no_receipt": True,
                   "amount": self.money(self.rng.choice([1, 99, 100, 1500, 1501, self.rng.randint(1, 9000)]))}
        self.bring_back(request)

    # -- several at once

    def some_request(self):
        kind = self.rng.choice(["sale", "sale", "nobody", "redeem", "reserve", "adjust", "return", "add"])
        if kind == "sale":
            return self.basket(self.member())
        if kind == "nobody":
            request = self.basket("nobody")
            del request["member"]
            return request
        if kind in ("redeem", "reserve"):
            return self.spending(kind)
        if kind == "adjust":
            return {"op": "adjust", "ref": self.ref(), "member": self.member(), "points": self.rng.choice([5, -1, 30]),
                    "points_of": self.currency(), "reason": "goodwill"}
        if kind == "add":
            return {"op": "member.add", "ref": self.ref(), "identifiers": [self.new_stranger()]}
        purchase = self.sold()
        if purchase is None:
            return self.basket(self.member())
        return {"op": "return", "ref": self.ref(), "of": purchase.identity, "all": True}

    def group(self):
        requests = [self.some_request() for _ in range(self.rng.choice([1, 2, 2, 3, 5]))]
        for one in requests:
            one["now"] = rfc3339(self.now)
            self.sign(one)
        if self.one_in(4) and self.accepted:
            before = self.rng.choice(self.accepted[-10:])
            if before["op"] not in ("programme.apply", "group", "exchange"):
                requests.insert(self.rng.randint(0, len(requests)), {**before, "now": rfc3339(self.now)})
        group = {"op": "group", "requests": requests}
        for field, value in (("store", "store-1"), ("till", "till-2"), ("operator", "anna"), ("entry", "scan"),
                             ("at", rfc3339(self.now))):
            if self.one_in(5):
                group[field] = value
        answer = self.send(group, sign=False)
        if answer["ok"] and len(group) == 2:         # each of them may be sent again by itself
            self.accepted += [one for one, told in zip(requests, answer["answers"]) if not told.get("duplicate")]
            self.reserved += [one["ref"] for one in requests if one["op"] == "reserve" and one["ref"] in self.model.keys]

    def exchange(self):
        purchase = self.sold()
        if not purchase:
            return
        back = {"ref": self.ref(), "of": purchase.identity}
        if self.one_in(2) or not purchase.amount or purchase.how == "lines":
            back["all"] = True
        else:
            back["amount"] = self.money(self.rng.randint(1, max(1, purchase.amount - purchase.amount_back)))
        sale = self.basket(self.member())
        del sale["op"]
        if not self.one_in(3):
            del sale["member"]
        request = {"op": "exchange", "return": back, "purchase": sale}
        for field in ("store", "till", "operator", "at"):
            if field in sale and self.one_in(2):
                request[field] = sale.pop(field)
        if self.one_in(3):
            request["operator"], request["approved_by"] = "anna", "boss"
        answer = self.send(request)
        if answer["ok"] and self.one_in(2):
            self.send(request, again=False)

    # -- the end of the day

    def till_close(self):
        programme = self.model.in_force()
        day = programme.business_day(self.now + self.rng.choice([0, 0, -DAY, DAY, -3 * DAY]))
        request = {"op": "till.close", "store": "store-1", "till": self.rng.choice(["till-1", "till-2"]),
                   "date": day.isoformat(), "count": self.rng.randint(0, 40), "sum": self.money(self.rng.randint(0, 99999))}
        if self.one_in(2):
            request["ref"] = self.ref()
        answer = self.send(request)
        if answer["ok"] and self.one_in(2):
            self.send({**request, "count": request["count"] + 1} if self.one_in(2) else self.respelled(request),
                      again=False)
