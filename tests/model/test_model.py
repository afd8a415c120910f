#!/usr/bin/python3
"""The model's own examples, worked out by hand. If these fail, do not look at
the engine."""
import copy
import json
import random
import unittest
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

import facts
import generate
import model
from compare import Comparison
from model import MemberId, Model
from simulate import final_state, touched

TEA = {"loyalty": 1, "id": "tea", "timezone": "Asia/Shanghai", "currency": "CNY",
       "points": {"star": {"expires": {"after": "P1Y", "at": "end_of_month"}}},
       "earn": [{"id": "base", "per": "50.00", "gives": {"star": 1}, "rounding": "carry"}]}
SHOP = {"loyalty": 1, "id": "shop", "timezone": "Europe/London", "currency": "GBP",
        "receipts": {"late": "P30D"},
        "points": {"point": {"expires": {"after": "P7D"}}},
        "earn": [{"id": "base", "per": "1.00", "gives": {"point": 1}}]}


class Till:
    """Short spellings for tests."""

    def __init__(self, document, **changes):
        self.model = Model({**copy.deepcopy(document), **changes})
        self.now, self.number = "2026-01-05T12:00:00Z", 0
        self.do("member.add", identifiers=["card:1"])

    def do(self, op, **fields):
        self.number += 1
        fields.setdefault("now", self.now)
        if op in ("return", "redeem", "cancel", "adjust"):
            fields.setdefault("ref", f"k{self.number}")
        if op not in ("member.add", "cancel", "lookup", "programme.apply") and "of" not in fields:
            fields.setdefault("member", "card:1")
        return self.model.execute({"op": op, **fields})

    def buy(self, receipt, amount, **fields):
        return self.do("purchase", receipt=receipt, amount=amount, **fields)

    def have(self, currency=None, now=None):
        answer = self.do("show", **({"now": now} if now else {}))
        currency = currency or next(iter(answer["balances"]))
        return answer["balances"][currency]["available"]


def code(answer):
    return answer.get("error", {}).get("code")


class Numbers(unittest.TestCase):
    def test_rounding(self):
        half, third = Fraction(5, 2), Fraction(7, 3)
        self.assertEqual([model.round_by(half, r) for r in ("down", "up", "nearest", "even")], [2, 3, 3, 2])
        self.assertEqual(model.round_by(Fraction(7, 2), "even"), 4)
        self.assertEqual([model.round_by(third, r) for r in ("down", "up", "nearest", "even")], [2, 3, 2, 2])

    def test_largest_remainder(self):
        self.assertEqual(model.largest_remainder(100, [1, 1, 1]), [34, 33, 33])
        self.assertEqual(model.largest_remainder(0, [5, 5]), [0, 0])
        # The third line gets less of 11 than of 10: returns must live with that.
        self.assertEqual(model.largest_remainder(10, [6, 6, 2]), [4, 4, 2])
        self.assertEqual(model.largest_remainder(11, [6, 6, 2]), [5, 5, 1])

    def test_money_text(self):
        self.assertEqual([model.money_text(n, 2) for n in (0, 5, 100, -5)], ["0.00", "0.05", "1.00", "-0.05"])
        self.assertEqual(model.money_text(7, 0), "7")


class Dates(unittest.TestCase):
    def test_months_are_clamped_then_days_added(self):
        self.assertEqual(model.add_span(date(2026, 1, 31), model.read_span("P1M")), date(2026, 2, 28))
        self.assertEqual(model.add_span(date(2028, 2, 29), model.read_span("P1Y")), date(2029, 2, 28))
        self.assertEqual(model.add_span(date(2026, 1, 31), model.read_span("P1M1D")), date(2026, 3, 1))
        self.assertEqual(model.add_span(date(2026, 12, 31), model.read_span("P2M")), date(2027, 2, 28))

    def test_boundaries(self):
        for boundary, day in (("end_of_day", date(2028, 2, 10)), ("end_of_month", date(2028, 2, 29)),
                              ("end_of_quarter", date(2028, 3, 31)), ("end_of_year", date(2028, 12, 31))):
            self.assertEqual(model.end_of(date(2028, 2, 10), boundary), day)

    def test_days_that_do_not_start_at_midnight(self):
        # Cairo skips 00:00 to 01:00 on 24 April 2026.
        cairo = model.start_of_day(date(2026, 4, 24), ZoneInfo("Africa/Cairo"))
        self.assertEqual(model.rfc3339(cairo), "2026-04-23T22:00:00Z")
        # Havana has 00:00 twice on 1 November 2026; the day starts at the first.
        havana = model.start_of_day(date(2026, 11, 1), ZoneInfo("America/Havana"))
        self.assertEqual(model.rfc3339(havana), "2026-11-01T04:00:00Z")

    def test_inclusive_and_lapsing_at_the_next_midnight(self):
        shop = model.Programme(SHOP)
        at = model.read_moment("2026-03-25T23:59:59Z", None)
        # 25 March + 7 days = 1 April, inclusive; by then London is an hour ahead.
        self.assertEqual(model.rfc3339(shop.expiry("point", at)), "2026-04-01T23:00:00Z")
        tea = model.Programme(TEA)
        at = model.read_moment("2026-01-31T16:30:00Z", None)       # 1 February in Shanghai
        self.assertEqual(model.rfc3339(tea.expiry("star", at)), "2027-02-28T16:00:00Z")

    def test_business_day(self):
        programme = model.Programme({**TEA, "receipts": {"unique_by": ["date"], "business_day_starts": "04:00"}})
        early = model.read_moment("2026-11-21T03:59:59", programme.zone)
        self.assertEqual(programme.identity({"receipt": "7", "at": "now"}, early), "2026-11-20/7")
        self.assertEqual(programme.identity({"receipt": "7", "at": "now"}, early + 1000), "2026-11-21/7")


class Carry(unittest.TestCase):
    def test_the_pump_that_does_not_pump(self):
        """Buy 24.99 and 25.01 for a star, return the 24.99: the star goes."""
        till = Till(TEA)
        self.assertEqual(till.buy("A", "24.99")["earned"][0]["amount"], 0)
        self.assertEqual(till.buy("B", "25.01")["earned"][0]["amount"], 1)
        back = till.do("return", of="A", all=True)
        self.assertEqual((back["assessed"], till.have()), ({"star": 1}, 0))
        # 25.01 are still there; 24.99 more make the star again.
        self.assertEqual(till.buy("C", "24.99")["earned"][0]["amount"], 1)

    def test_many_small_returns_take_what_one_takes(self):
        whole, parts = Till(TEA), Till(TEA)
        for till in (whole, parts):
            till.buy("A", "149.99")
        whole.do("return", of="A", amount="100.00")
        for _ in range(8):
            parts.do("return", of="A", amount="12.50")
        self.assertEqual(whole.have(), 0)
        self.assertEqual(parts.have(), 0)
        self.assertEqual(final_state(whole.model, 0), final_state(parts.model, 0))

    def test_rules_share_the_fraction_in_document_order(self):
        till = Till(TEA, earn=[{"id": "one", "per": "50.00", "gives": {"star": 1}, "rounding": "carry"},
                               {"id": "two", "per": "50.00", "gives": {"star": 2}, "rounding": "carry"}])
        # 30.00: 0.6, then 0.6 + 1.2 = 1.8.
        self.assertEqual([earned["amount"] for earned in till.buy("A", "30.00")["earned"]], [0, 1])
        # 1.8 + 0.6 = 2.4, + 1.2 = 3.6
        self.assertEqual([earned["amount"] for earned in till.buy("B", "30.00")["earned"]], [1, 1])


class Earning(unittest.TestCase):
    LINES = [{"sku": "a", "category": "food", "amount": "10.50", "discount": "1.00", "tax": "0.60"},
             {"sku": "b", "category": "drink", "amount": "3.70"}]

    def earned(self, rule=None, **changes):
        rules = [{"id": "base", "per": "1.00", "gives": {"point": 1}, **(rule or {})}]
        return till_earned(Till(SHOP, earn=rules, **changes).buy("A", "14.20", lines=self.LINES))

    def test_bases(self):
        self.assertEqual(self.earned(), 14)
        self.assertEqual(self.earned(base={"tax": "excluded"}), 13)                 # 13.60
        self.assertEqual(self.earned(base={"discounts": "ignore"}), 15)             # 15.20
        self.assertEqual(self.earned(base={"excluding": {"category": ["food"]}}), 3)
        self.assertEqual(self.earned({"only": {"sku": ["a"]}}), 10)
        self.assertEqual(self.earned({"excluding": {"sku": ["a"]}}), 3)

    def test_each_line(self):
        self.assertEqual(self.earned({"each": "line"}), 13)                         # 10 + 3
        self.assertEqual(self.earned({"each": "line", "rounding": "up"}), 15)       # 11 + 4
        self.assertEqual(self.earned({"rounding": "nearest"}), 14)
        self.assertEqual(self.earned({"each": "line", "rounding": "nearest"}), 15)  # 10.5 up, 3.7


def till_earned(answer):
    return sum(earned["amount"] for earned in answer["earned"])


class Lots(unittest.TestCase):
    def test_burn_order_and_lapse(self):
        till = Till(SHOP)
        till.buy("A", "10.00")                                          # until 12 January
        till.buy("B", "5.00", at="2026-01-03T12:00:00Z")                # until 10 January
        taken = till.do("redeem", points=7)["lots"]
        self.assertEqual([(lot["amount"], lot["expires"]) for lot in taken],
                         [(5, "2026-01-11T00:00:00Z"), (2, "2026-01-13T00:00:00Z")])
        self.assertEqual(till.have(now="2026-01-12T23:59:59.999Z"), 8)
        self.assertEqual(till.have(now="2026-01-13T00:00:00Z"), 0)

    def test_born_lapsed(self):
        till = Till(SHOP)
        answer = till.buy("A", "10.00", at="2025-12-20T12:00:00Z")
        self.assertEqual((till_earned(answer), till.have()), (10, 0))
        self.assertEqual(till.model.records[-1].post[-1], ("point", "expired", 10, None))

    def test_cancel_gives_back_what_has_not_lapsed(self):
        till = Till(SHOP)
        till.buy("A", "5.00", at="2026-01-03T12:00:00Z")
        till.buy("B", "10.00")
        till.do("redeem", points=8, ref="spend")
        till.now = "2026-01-11T00:00:00Z"
        answer = till.do("cancel", of="spend")
        self.assertEqual((answer["restored"]["amount"], answer["lapsed"]["amount"], till.have()), (3, 5, 10))
        self.assertEqual(code(till.do("cancel", of="spend")), "already_cancelled")

    def test_an_elapse_is_written_once_and_before(self):
        till = Till(SHOP)
        till.buy("A", "5.00")
        till.now = "2026-02-01T00:00:00Z"
        till.buy("B", "1.00")
        self.assertEqual([record.op for record in till.model.records[-2:]], ["elapse", "purchase"])


class Returns(unittest.TestCase):
    def test_order_of_collection_and_debt(self):
        till = Till(SHOP)
        till.buy("A", "10.00")
        till.buy("B", "3.00")
        till.do("redeem", points=6)                     # 4 left of A, 3 of B
        back = till.do("return", of="A", all=True)
        self.assertEqual(back["collected"]["point"], {"from_receipt": 4, "from_other": 3, "debt": 3, "forgiven": 0})
        self.assertEqual(till.have(), -3)
        answer = till.buy("C", "5.00")
        self.assertEqual((answer["repaid"], till.have()), ({"point": 3}, 2))

    def test_shortfall_policies(self):
        for policy, refused, left in (("forgive", None, 0), ("refuse", "return_shortfall", 1)):
            till = Till(SHOP, returns={"shortfall": policy})
            till.buy("A", "10.00")
            till.do("redeem", points=9)
            self.assertEqual(code(till.do("return", of="A", all=True)), refused)
            self.assertEqual(till.have(), left)

    def test_lines_and_limits(self):
        till = Till(SHOP)
        till.buy("A", "9.99", lines=[{"sku": "x", "quantity": "3", "amount": "9.99"}])
        self.assertEqual(till.do("return", of="A", lines=[{"line": 1, "quantity": "1"}])["assessed"], {"point": 3})
        self.assertEqual(code(till.do("return", of="A", amount="1.00")), "mixed_return")
        self.assertEqual(code(till.do("return", of="A", lines=[{"sku": "x", "quantity": "3"}])), "over_return")
        self.assertEqual(till.do("return", of="A", all=True)["amount"], "6.66")
        self.assertEqual(code(till.do("return", of="A", all=True)), "over_return")

    def test_old_rate_counts(self):
        till = Till(SHOP)
        till.buy("A", "10.00")
        double = {**SHOP, "earn": [{"id": "base", "per": "1.00", "gives": {"point": 2}}]}
        till.now = "2026-01-06T12:00:00Z"
        till.do("programme.apply", programme=json.dumps(double))
        self.assertEqual(till_earned(till.buy("B", "10.00")), 20)
        self.assertEqual(till.do("return", of="A", all=True)["assessed"], {"point": 10})

    def test_without_receipt(self):
        till = Till(SHOP)
        till.buy("A", "5.90", lines=[{"sku": "x", "quantity": "2", "amount": "5.90"}])
        till.buy("B", "2.95", lines=[{"sku": "x", "amount": "2.95"}])
        till.buy("C", "3.99", lines=[{"sku": "x", "amount": "3.99"}])        # another price
        lines = [{"sku": "x", "quantity": "2", "amount": "5.90"}]
        answer = till.do("return", lines=lines, unmatched="refuse")
        self.assertEqual([part["receipt"] for part in answer["returned"]], ["B", "A"])
        self.assertEqual(answer["assessed"], {"point": 5})                    # 2, and 5 - 2
        self.assertEqual(code(till.do("return", lines=lines, unmatched="refuse")), "no_match")
        answer = till.do("return", lines=lines, unmatched="deduct")
        self.assertEqual((answer["unmatched"], answer["assessed"]), ([{"line": 1, "quantity": "1"}], {"point": 4}))   # 2 + floor(2.95)


class Keys(unittest.TestCase):
    def test_retries(self):
        till = Till(SHOP)
        first = till.buy("A", "58.00", ref="k")
        again = till.buy("A", "58.0", ref="k", now="2026-01-20T00:00:00Z")
        self.assertEqual((again["duplicate"], again["seq"], again["earned"]), (True, first["seq"], first["earned"]))
        self.assertEqual(again["balances"]["point"]["available"], 0)          # lapsed on the 13th
        answer = till.buy("A", "58.01", ref="k")
        self.assertEqual(answer["error"], {"code": "key_reused", "field": "amount"})
        self.assertEqual(code(till.buy("A", "58.00", ref="other")), "receipt_exists")
        self.assertEqual(code(till.do("redeem", ref="k", points=1)), "key_reused")

    def test_a_refusal_leaves_the_key_free(self):
        till = Till(SHOP)
        self.assertEqual(code(till.do("redeem", ref="k", points=1)), "insufficient_points")
        till.buy("A", "1.00")
        self.assertTrue(till.do("redeem", ref="k", points=1)["ok"])


class Whole(unittest.TestCase):
    """Properties of the model over random requests."""

    def requests(self, seed, steps=150):
        rng = random.Random(seed)
        document = generate.random_programme(rng)
        generator = generate.Generator(rng, document)
        for _ in range(steps):
            generator.step()
        return document, generator.requests, rng

    def test_refusals_and_questions_change_nothing(self):
        for seed in range(5):
            document, requests, _ = self.requests(seed)
            world = Model(document)
            for request in requests:
                before = picture(world)
                answer = world.execute(request)
                if not answer["ok"] or answer.get("duplicate") or request["op"] in ("show", "quote", "lookup"):
                    self.assertEqual(before, picture(world), request)

    def test_a_quote_says_what_the_purchase_will(self):
        for seed in range(5):
            document, requests, _ = self.requests(seed)
            world = Model(document)
            for request in requests:
                if request["op"] == "purchase":
                    quoted = world.execute({**request, "op": "quote"})
                    answer = world.execute(request)
                    if answer["ok"] and not answer["duplicate"]:
                        self.assertEqual((quoted["earned"], quoted["balances"]), (answer["earned"], answer["balances"]))

    def test_touching_changes_nothing(self):
        for seed in range(5):
            document, requests, rng = self.requests(seed)
            plain, nosy = Model(document), Model(document)
            for request in requests:
                plain.execute(request)
            for request in touched(rng, requests, document):
                nosy.execute(request)
            end = nosy.records[-1].time
            self.assertEqual(final_state(plain, end), final_state(nosy, end), seed)

    def test_points_are_floor_of_the_carried_sum(self):
        """Over all records, what came by carry minus what went back = floor(X)."""
        for seed in range(8):
            rng = random.Random(seed)
            document = {**TEA, "returns": {"shortfall": "debt"},
                        "points": {"star": {}}, "receipts": {"late": "P2M"}}
            generator = generate.Generator(rng, document)
            for _ in range(150):
                generator.step()
                if any(len(p.document["earn"]) != 1 for p in generator.model.programmes):
                    break
                if len(generator.model.programmes) > 1:
                    break
            for member in generator.model.members:
                net = -sum(amount for record in generator.model.records
                           if record.member == MemberId(member.number)
                           for currency, account, amount, _ in record.post
                           if account in ("issued", "returned"))
                self.assertEqual(net, member.carried.get("star", Fraction(0)) // 1)


def picture(world):
    return copy.deepcopy((
        [(vars(lot)) for member in world.members for lot in member.lots],
        [(dict((c, d) for c, d in member.debt.items() if d), member.carried) for member in world.members],
        [(p.how, p.quantities, p.amount_back, p.all_back) for p in world.purchases.values()],
        len(world.records), sorted(world.keys), sorted(world.receipts), sorted(world.identifiers),
        sorted(world.cancelled), len(world.programmes)))


class Comparing(unittest.TestCase):
    def test_what_differs_is_named(self):
        comparison = Comparison()
        self.assertIsNone(comparison.difference({"a": [1, {"b": None}]}, {"a": [1, {"b": None}], "more": 2}))
        self.assertIn("a[1].b", comparison.difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}))
        self.assertIn(".a", comparison.difference({"a": True}, {"a": 1}))
        self.assertIsNone(comparison.difference({"m": MemberId(0)}, {"m": "id:X"}))
        self.assertIn(".m", comparison.difference({"m": MemberId(1)}, {"m": "id:X"}))

    def test_a_currency_too_many(self):
        self.assertIsNotNone(Comparison().difference({"assessed": {}}, {"assessed": {"star": 1}}))
        self.assertIsNone(Comparison().difference({"a": {}}, {"a": {"star": 1}}))

    def test_tree(self):
        """RFC 6962 by hand: three leaves."""
        import hashlib

        def h(data):
            return hashlib.sha256(data).digest()
        tree = facts.Tree()
        leaves = [b"", b"a", b"bc"]
        for leaf in leaves:
            tree.add(leaf)
        a, b, c = (h(b"\x00" + leaf) for leaf in leaves)
        self.assertEqual(tree.root(), h(b"\x01" + h(b"\x01" + a + b) + c))


if __name__ == "__main__":
    unittest.main()
