"""The day at the till (SPEC.md section 20), as the model sees it: sales without a member
and how they find one, what a sale is paid with, who must approve what, and how mistakes
are undone. Part of Model.
"""
from fractions import Fraction
from math import floor

from terms import (Refusal, add_to_moment, largest_remainder, local, money_text, read_moment, read_span, rfc3339,
                   to_units, totals)
from things import ClaimCode, MemberId, total

MOST_WAITING = 64           # sales for one card or phone


class AtTheTill:

    # -- who is it?

    def dialled(self, request):
        """The request with every phone in its one spelling."""
        programme, request = self.in_force(), dict(request)

        def one(field, name):
            if not isinstance(name, str) or not name.startswith("phone:"):
                return name
            try:
                return "phone:" + programme.phone(name[6:])
            except Refusal as refusal:
                raise Refusal(refusal.code, field) from None

        for field in ("member", "to", "into"):
            if field in request:
                request[field] = one(field, request[field])
        if "identifiers" in request:
            request["identifiers"] = [one("identifiers", name) for name in request["identifiers"]]
        return request

    def buyer(self, request):
        """(member, to be enrolled?, the card or phone to wait for)"""
        if "member" not in request:
            return None, False, None
        try:
            return self.find(request["member"]), False, None
        except Refusal as refusal:
            name = request["member"]
            if refusal.code != "unknown_member" or not name.startswith(("card:", "phone:")):
                raise
            how = "enrol" if request.get("enrol") else "refuse" if "points" in request or "capture" in request \
                else self.in_force().unknown_members
            if how == "refuse":
                raise
            return None, how == "enrol", name if how == "hold" else None

    def holder(self, purchase):
        """Who has the sale now, or None."""
        return None if purchase.member is None else self.members[self.resolve(purchase.member)]

    def sold_to_nobody(self, purchase, awaits):
        """Marks the purchase; what the answer says of it."""
        purchase.code = ClaimCode(len(self.purchases))
        if awaits is not None and len(self.waiting_for([awaits])) < MOST_WAITING:
            purchase.awaits = purchase.waited_for = awaits
        tiers = purchase.programme.tiers
        whole, carried = totals(purchase.programme.worth(purchase.lines, tiers and tiers.levels[0].id))
        claimable = {}
        for currency in purchase.programme.points:
            units = whole.get(currency, 0) + floor(carried.get(currency, Fraction(0)))
            if units:
                claimable[currency] = purchase.programme.plain(currency, units)
        told = {"status": "held" if purchase.awaits else "anonymous", "claimable": claimable}
        if purchase.programme.claims is not None:
            told["claim_code"] = purchase.code
        return told

    def waiting_for(self, names):
        """The held sales that nobody has yet, card by card as they are named, then by number."""
        return [purchase for name in names for purchase in self.purchases.values()
                if purchase.awaits == name and purchase.member is None and not purchase.voided]

    def claim_waiting(self, names, member):
        """A card or phone has somebody now: what waited for it is theirs."""
        told = []
        for purchase in self.waiting_for(names):
            before = self.state()
            try:
                self.refuse_closed(purchase)
                record, earned, _ = self.give_sale(purchase, self.members[member.number])
                self.check()
            except Refusal:
                self.__dict__.update(before)
                continue
            told.append(({"of": purchase.seq, "seq": record.seq, "receipt": purchase.identity, "earned": earned}, record))
        for one, record in told:
            self.date(one["earned"], record)        # a later one may have moved the day
        return [one for one, _ in told]

    def refuse_closed(self, purchase):
        if self.closed and self.in_force().late_in_closed == "refuse" and purchase.at < self.closed[1]:
            raise Refusal("period_closed")

    def give_sale(self, purchase, member):
        """A `claim` record: the member gets what is left of the sale."""
        self.advance(self.wallet_of(member), member)
        record = self.record("claim", member, purchase.programme.number, purchase.at)
        record.of = purchase.seq
        rest = purchase.rest()
        earned, repaid = self.earn(record, member, purchase.programme, rest, purchase.at)
        record.check()
        self.hand_over(purchase, member.number, record.seq, record.level)
        return record, earned, repaid

    def hand_over(self, purchase, number, giver, level=None):
        """From now on the sale is somebody else's: what was taken from the one before is
        not for this one to get back."""
        after = purchase.clone()
        after.member, after.giver, after.collected, after.awaits = number, giver, {}, None
        after.level = level
        self.purchases[purchase.seq] = after

    def tell_what_became_of_it(self, entry, answer):
        """What a retry says beyond the recorded outcome."""
        if entry.op != "purchase":
            if entry.seq in self.voided:
                answer["status"] = "void"
            elif entry.op in ("redeem", "capture") and entry.seq in self.cancelled:
                answer["status"] = "cancelled"
            return
        purchase = self.purchases[entry.seq]
        if purchase.voided:
            answer["status"] = "void"
        elif purchase.giver != purchase.seq:
            answer["status"] = "claimed" if answer["member"] is None else "reassigned"
            answer["holder"] = MemberId(self.holder(purchase).number)
        elif answer["member"] is None:
            answer["status"] = "held" if purchase.awaits else "anonymous"

    # -- claim and reassign

    def named(self, request, field):
        """The purchase that a RECEIPT names, in whole or as a number with what belongs to it."""
        name = request[field]
        if name not in self.receipts:
            at = self.business_time(request, self.in_force())
            try:
                name = self.in_force().identity({**request, "receipt": name}, at)
            except Refusal:
                pass
        if name not in self.receipts:
            raise Refusal("unknown_receipt")
        return self.purchases[self.receipts[name].seq]

    def do_claim(self, request):
        try:
            key = request.get("ref") or f"claim/{self.named(request, 'receipt').identity}"
        except Refusal:
            key = None                  # nobody has the receipt, nobody claimed it
        answer = self.known(request, self.keys, key)
        if answer:
            return answer
        member, programme = self.find(request["member"]), self.in_force()
        purchase = self.named(request, "receipt")
        if purchase.voided:
            raise Refusal("voided")
        if purchase.member is not None:
            raise Refusal("already_claimed")
        claims = programme.claims
        if claims is None:
            raise Refusal("not_allowed")
        if add_to_moment(purchase.at, read_span(claims.get("within", "P30D")), programme.zone) < self.now:
            raise Refusal("too_late")
        self.refuse_wrong_code(request, purchase, claims)
        own_card = self.own_card(request, member)
        self.approve(request, "claim")
        counter = ("claim", member.number, None, local(self.now, programme.zone).strftime("%Y-%m"))
        self.counters[counter] = self.counters.get(counter, 0) + 1
        if self.counters[counter] > claims.get("per_month", 1 << 60):
            raise Refusal("over_limit")
        self.refuse_closed(purchase)
        record, earned, repaid = self.give_sale(purchase, member)
        record.counted = counter
        record.own_card = own_card
        answer = {**self.common("claim", record, member), **self.told_of(purchase, earned, repaid),
                  **self.told_of_level(record, member)}
        self.leave_out_what_is_idle(record, answer)
        self.remember(request, record.seq, answer, key=key)
        return answer

    def told_of(self, purchase, earned, repaid):
        """What the answers of claim and reassign say of the sale."""
        told = {"of": purchase.seq, "receipt": purchase.identity, "at": rfc3339(purchase.at),
                "programme": purchase.programme.number, "earned": earned, "repaid": repaid}
        if not purchase.all_back and not purchase.returned():
            told["amount"] = money_text(purchase.amount, purchase.programme.digits)
        return told

    def refuse_wrong_code(self, request, purchase, claims):
        """In requests the right code is `code:#17`, whatever it is, with how it is spelt behind it."""
        if "code" in request:
            if request["code"].split("/")[0] != purchase.code.token():
                raise Refusal("wrong_code")
        elif claims.get("code", "required") == "required" and not self.approved(request):
            raise Refusal("wrong_code")

    def do_reassign(self, request):
        answer = self.known(request)
        if answer:
            return answer
        receiver, programme = self.find(request["to"]), self.in_force()
        purchase = self.named(request, "of")
        old = self.holder(purchase)
        if purchase.voided:
            raise Refusal("voided")
        if old is receiver:
            raise Refusal("to_oneself")
        if purchase.paid:
            raise Refusal("not_allowed")
        self.own_card(request, receiver)
        self.approve(request, "reassign")
        self.refuse_closed(purchase)
        self.advance(self.wallet_of(receiver), receiver)
        if old is not None:
            self.advance(self.wallet_of(old), old)
        record = self.record("reassign", old, programme.number)
        record.of = purchase.seq
        taken = self.take_sale(record, old, purchase, programme, owed=True)
        given, earned, repaid = self.give_sale(purchase, receiver)
        answer = {**self.common("reassign", record, receiver), **self.told_of(purchase, earned, repaid), **taken,
                  "from": None if old is None else MemberId(old.number)}
        self.leave_out_what_is_idle(given, answer)
        self.remember(request, record.seq, answer)
        return answer

    def take_sale(self, record, member, purchase, programme, owed=False):
        """Back from the member what the goods that are left of it have earned."""
        told = {"assessed": {}, "collected": {}}
        if member is None:
            return told
        plain, dues = self.programmes[-1].plain, {}
        record.receipts = {purchase.giver}
        for currency in purchase.programme.points:
            due = dues[currency] = self.assess(member, purchase.programme, purchase.rest(), [], currency, purchase.level)
            if due:
                found = self.take_points(record, currency, due, purchase.giver, programme, "returned", owed)
                told["assessed"][currency] = plain(currency, due)
                told["collected"][currency] = {where: plain(currency, units) for where, units in found.items()}
        record.carry = {currency: exact % 1 for currency, exact in member.carried.items()}
        self.count(record, member, self.taken_off(purchase, purchase.rest(), [], dues), lowered=True)
        record.check()
        self.tell_withdrawn(record, told)
        return told

    def take_points(self, record, currency, due, own, programme, account, owed=False, grant=False):
        """From the lots of record `own`, then from others of this member, then by the shortfall policy;
        where no goods come back (`owed`) nothing is forgiven. `grant`: own are those that levels gave."""
        member, sources = record.member.number, {}
        self.note(sources, currency, "from_receipt", 0)
        for mine in (True, False):
            lots = [lot for lot in self.takeable(record.key, currency)
                    if lot.earner == member and (lot.seq == own and (lot.grant is not None) == grant) == mine]
            for lot in lots:
                taken = total(self.burn(record, currency, due, [lot]))
                due -= taken
                of_receipt = lot.seq in ({own} if record.receipts is None else record.receipts)
                self.note(sources, currency, "from_receipt" if of_receipt else "from_other", taken)
        if due and programme.shortfall == "refuse":
            raise Refusal("return_shortfall")
        forgiven = programme.shortfall == "forgive" and not owed
        if due and forgiven:
            self.note(sources, currency, "forgiven", due)
        if due and not forgiven:
            self.note(sources, currency, "debt", due)
            self.owe(record, currency, due)
        found = sources[currency]
        record.posting(currency, account, found["from_receipt"] + found["from_other"] + found["debt"])
        return found

    # -- the basket

    def tendered(self, request, programme):
        """[(type, minor units)]"""
        pairs = [(one["type"], one["amount"]) if isinstance(one, dict) else tuple(one) for one in request["tenders"]]
        return [(kind, to_units(amount, programme.digits)) for kind, amount in pairs]

    def exclude(self, request, programme, amount, lines, paid):
        """What vouchers paid falls on the lines, which count for so much less."""
        if "tenders" not in request:
            return
        tenders = self.tendered(request, programme)
        if sum(units for _, units in tenders) + paid != amount + to_units(request.get("rounding", 0), programme.digits):
            raise Refusal("tenders_mismatch")
        excluded = sum(units for kind, units in tenders if kind in programme.excluding_tenders)
        weights = [line["amount"] - line["paid"] for line in lines]
        for line, share in zip(lines, largest_remainder(min(excluded, amount - paid), weights)):
            line["excluded"] = share

    # -- proof and approval

    def refuse_without_proof(self, request, programme, currency, units):
        if "proof" not in request and programme.proof_needed(currency, units):
            raise Refusal("proof_needed")

    def approve(self, request, what, units=None, currency=None):
        """A second operator must approve, always or above a limit; `units` None: it is not about
        so much."""
        programme = self.in_force()
        rule = programme.approvals.get(what)
        if rule is None:
            return
        if "above" in rule:
            above = programme.units(currency, rule["above"]) if currency else \
                to_units(rule["above"], programme.digits)
            if units is None or units <= above:
                return
        if not self.approved(request):
            raise Refusal("approval_needed")

    def approved(self, request):
        """By somebody else than the operator, who may."""
        second, first, by = request.get("approved_by"), request.get("operator"), self.in_force().approvals.get("by")
        return second is not None and first is not None and second != first and (by is None or second in by)

    def own_card(self, request, member):
        """Whether it is to be flagged that an operator serves themselves; or a refusal."""
        number, policy = self.operators.get(request.get("operator")), self.in_force().own_card
        if number is None or member is None or policy == "allow":
            return False
        own = self.members[self.resolve(number)]
        if own is not member and (own.household is None or own.household != member.household):
            return False
        if policy == "refuse":
            raise Refusal("own_card")
        return True

    def do_operator_link(self, request):
        answer = self.known(request)
        if answer:
            return answer
        member = self.find(request["member"])
        self.advance(self.wallet_of(member), member)
        record = self.record("operator.link", member)
        record.operator = request["of"]
        self.operators[request["of"]] = member.number
        answer = {**self.common("operator.link", record, member), "operator": request["of"]}
        self.remember(request, record.seq, answer)
        return answer

    def do_operator_show(self, request):
        number = self.operators.get(request["of"])
        return {"operator": request["of"], "member": None if number is None else MemberId(self.resolve(number))}

    def do_operator_unlink(self, request):
        answer = self.known(request)
        if answer:
            return answer
        if request["of"] not in self.operators:
            raise Refusal("unknown_ref")
        record = self.record("operator.unlink")
        record.operator = request["of"]
        del self.operators[request["of"]]
        answer = {**self.common("operator.unlink", record, None), "operator": request["of"]}
        self.remember(request, record.seq, answer)
        return answer

    def by_amount(self, request):
        """A return of goods of which nobody has the receipt: (member, the line that it is)."""
        member, programme = self.find(request["member"]), self.in_force()
        if programme.by_amount is None:
            raise Refusal("not_allowed")
        amount = to_units(request["amount"], programme.digits)
        if "most" in programme.by_amount and amount > to_units(programme.by_amount["most"], programme.digits):
            raise Refusal("over_limit")
        self.approve(request, "return_without_receipt", amount)
        return member, [{"sku": "", "category": "", "amount": amount, "discount": 0, "tax": 0}]

    # -- mistakes

    def do_void(self, request):
        if request["of"] == request.get("ref"):
            raise Refusal("invalid_field")
        answer = self.known(request)
        if answer:
            return answer
        entry = self.undone(request)
        seq, programme = entry.seq, self.in_force()
        undo = getattr(self, "void_" + entry.op.replace(".", "_"), None)
        if undo is None or entry.answer.get("status") in ("held", "cancelled") and entry.op == "return":
            raise Refusal("not_voidable")
        if seq in self.voided or seq in self.cancelled:
            raise Refusal("already_cancelled")
        within = programme.voids_within
        if within and add_to_moment(self.records[seq].time, read_span(within), programme.zone) < self.now:
            raise Refusal("too_late")
        self.approve(request, "void", self.purchases[seq].money_left() if entry.op == "purchase" else None)
        self.refuse_what_has_moved_on(entry.op, seq)
        record, told = undo(seq, programme)
        record.of = seq
        record.check()
        self.voided.add(seq)
        member = None if record.member is None else self.members[record.member.number]
        answer = {**self.common("void", record, member), "of": seq, "voided": entry.op, **told}
        self.remember(request, record.seq, answer)
        return answer

    def undone(self, request):
        if request["of"] in self.keys:
            return self.keys[request["of"]]
        try:
            purchase = self.named(request, "of")
        except Refusal:
            raise Refusal("unknown_ref") from None
        return self.receipts[purchase.identity]

    def refuse_what_has_moved_on(self, op, seq):
        if op == "return":
            back = self.returns.get(seq)
            if back is None:
                raise Refusal("not_voidable")
            purchase, giver = self.purchases[back.purchase], back.giver
        elif op == "claim":
            purchase, giver = self.purchases[self.records[seq].of], seq
        else:
            return
        if purchase.voided:
            raise Refusal("voided")
        if purchase.giver != giver or op == "return" and (not back.undoable or purchase.all_back and not back.all):
            raise Refusal("not_voidable")

    def count_back(self, counter, number, units):
        """What an operation counted against a limit; a member may have become another's part."""
        if counter is not None:
            if counter[0] == "claim":
                counter = ("claim", self.resolve(number), *counter[2:])
            self.counters[counter] -= units

    def begin_void(self, number, programme):
        """The record of a void, the wallet advanced; `number` of the member, or None."""
        if number is None:
            return self.record("void", None, programme.number)
        member = self.members[self.resolve(number)]
        self.advance(self.wallet_of(member), member)
        return self.record("void", member, programme.number)

    def void_purchase(self, seq, programme):
        purchase = self.purchases[seq]
        member, after = self.holder(purchase), purchase.clone()
        after.all_back = True               # only to reckon: nothing is returned
        refund = after.refunded() - purchase.refunded()
        restored = {}
        if member is not None:
            self.advance(self.wallet_of(member), member)
            restored = self.restore_points(member, programme, [(purchase, after)])
        record = self.begin_void(purchase.member, programme)
        told = self.take_sale(record, member, purchase, programme)
        after.all_back, after.voided = False, True
        self.purchases[seq] = after
        return record, {**told, **restored, "receipt": purchase.identity,
                        "refund": money_text(refund, purchase.programme.digits)}

    def void_return(self, seq, programme):
        back = self.returns[seq]
        purchase = self.purchases[back.purchase]
        after = purchase.clone()
        after.all_back = False
        if not back.all:
            after.amount_back -= back.amount
            for i, quantity in back.lines:
                after.quantities[i] -= quantity
        if not after.returned():
            after.how = None
        member = self.holder(purchase)
        record = self.begin_void(purchase.member, programme)
        record.returned = [[purchase.seq, *(after.returned() or ["none"])]]
        told, dues = {}, {}
        for currency in purchase.programme.points if member is not None else ():
            dues[currency] = self.assess(member, purchase.programme, purchase.rest(), after.rest(), currency,
                                         purchase.level)
            due = -dues[currency] - back.forgiven.get(currency, 0)
            if due > 0:
                told[currency] = self.programmes[-1].plain(currency, due)
                self.give_taken_back(record, programme, purchase, seq, currency, due)
                after.collected[currency] = max(0, after.collected.get(currency, 0) - due)
        if member is not None:
            record.carry = {currency: exact % 1 for currency, exact in member.carried.items()}
            self.count(record, member, self.taken_off(purchase, purchase.rest(), after.rest(), dues))
        self.purchases[purchase.seq] = after
        return record, {"given_back": told}

    def give_taken_back(self, record, programme, purchase, seq, currency, due):
        """To the lots from which the return took, then as an earning dated from the purchase."""
        for name, part in self.taken_from(seq, currency):
            part = min(part, due)
            due -= part
            if part:
                record.posting(currency, "returned", -part)
                self.give_back(record, currency, name, part, self.now)
        rules = programme if currency in programme.points else purchase.programme
        newer = self.dating(rules, currency)
        expires = rules.expiry(currency, purchase.at) if newer is rules else newer.expiry_of_purchase(currency, purchase.at)
        self.give(record, programme, currency, due, expires, "purchase", "returned")

    def taken_from(self, seq, currency):
        """The lots that a record took from, in the order of its postings."""
        return [(lot, -amount) for one, _, amount, lot in self.records[seq].post
                if one == currency and lot is not None and amount < 0]

    def void_adjust(self, seq, programme):
        adjusted = self.adjusts[seq]
        record = self.begin_void(adjusted.member, programme)
        self.count_back(adjusted.counter, None, abs(adjusted.units))
        if adjusted.units > 0:
            self.take_points(record, adjusted.currency, adjusted.units, seq, programme, "adjusted")
        else:
            self.give_parts_back(record, adjusted.currency, adjusted.parts, "adjusted")
        member, given = self.members[record.member.number], self.records[seq]
        self.count(record, member, self.counts_by_hand(self.programmes[given.programme - 1], adjusted.currency,
                                                       given.at, -adjusted.units), lowered=True)
        return record, {}

    def give_parts_back(self, record, currency, parts, account):
        for name, part in parts:
            record.posting(currency, account, -part)
            self.give_back(record, currency, name, part, self.now)

    def void_redeem(self, seq, programme):
        burn = self.burns[seq]
        record = self.begin_void(burn.member, programme)
        self.give_parts_back(record, burn.currency, burn.parts, "redeemed")
        self.cancelled.add(seq)
        return record, {}

    void_capture = void_redeem

    def void_claim(self, seq, programme):
        purchase = self.purchases[self.records[seq].of]
        record = self.begin_void(purchase.member, programme)
        told = self.take_sale(record, self.holder(purchase), purchase, programme, owed=True)
        self.count_back(self.records[seq].counted, purchase.member, 1)
        self.hand_over(purchase, None, purchase.seq)
        return record, told

    # -- several at once

    def do_group(self, request):
        outside = self.outside(request)
        answers = self.together([{**outside, **({"at": request["at"]} if "at" in request and one["op"] in
                                                ("purchase", "return", "action") else {}), **one} for one in request["requests"]])
        return {"op": "group", "seq": answers[0]["seq"], "answers": answers,
                "duplicate": all(answer["duplicate"] for answer in answers)}

    def outside(self, request):
        """What counts for each operation of a group that does not say it."""
        return {field: request[field] for field in ("store", "till", "operator", "approved_by", "entry", "now", "lang")
                if field in request}

    def together(self, requests):
        """All of them, or a refusal that names the first that was refused."""
        answers = []
        for number, one in enumerate(requests, 1):
            try:
                if "now" in one:
                    self.now = max(self.records[-1].time, read_moment(one["now"], None))
                one = self.dialled(one)
                answer = {"ok": True, **getattr(self, "do_" + one["op"].replace(".", "_"))(one)}
                self.check()
            except Refusal as refusal:
                raise Refusal(refusal.code, refusal.field, number) from None
            if "id" in one:
                answer["id"] = one["id"]
            answers.append(answer)
        return answers

    def do_exchange(self, request):
        shared = {**self.outside(request), **({"at": request["at"]} if "at" in request else {})}
        back = {**shared, "op": "return", **request["return"]}
        sale = {**shared, "op": "purchase", **request["purchase"]}
        if "member" not in sale and back.get("of") in self.receipts:
            holder = self.holder(self.purchases[self.receipts[back["of"]].seq])
            if holder is not None:
                sale["member"] = MemberId(holder.number).token()
        returned, bought = self.together([back, sale])
        digits = self.in_force().digits
        difference = to_units(bought["amount"], digits) - to_units(returned.get("amount", 0), digits)
        return {"op": "exchange", "seq": returned["seq"], "duplicate": returned["duplicate"] and bought["duplicate"],
                "return": returned, "purchase": bought, "difference": money_text(difference, digits)}

    # -- the end of the day

    def do_till_close(self, request):
        key = request.get("ref") or "till.close/{store}/{till}/{date}".format(**request)
        answer = self.known(request, self.keys, key)
        if answer:
            return answer
        programme = self.in_force()
        if request["date"] > programme.business_day(self.now).isoformat():
            raise Refusal("in_future")
        record = self.record("till.close", None, programme.number)
        answer = {**self.common("till.close", record, None),
                  **{name: request[name] for name in ("store", "till", "date", "count")},
                  "sum": money_text(to_units(request["sum"], programme.digits), programme.digits)}
        self.remember(request, record.seq, answer, key=key)
        return answer
