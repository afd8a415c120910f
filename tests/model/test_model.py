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
import terms
from compare import Comparison
from model import QUESTIONS, Model
from simulate import final_state, touched
from things import MemberId

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
        if op not in ("purchase", "quote", "show", "history", "lookup", "member.add", "programme.apply", "close",
                      "sweep", "household.show"):
            fields.setdefault("ref", f"k{self.number}")
        if op not in ("member.add", "cancel", "lookup", "programme.apply", "close", "sweep", "household.show",
                      "capture", "release", "reserve.extend") and "of" not in fields:
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
        self.assertEqual([terms.round_by(half, r) for r in ("down", "up", "nearest", "even")], [2, 3, 3, 2])
        self.assertEqual(terms.round_by(Fraction(7, 2), "even"), 4)
        self.assertEqual([terms.round_by(third, r) for r in ("down", "up", "nearest", "even")], [2, 3, 2, 2])

    def test_largest_remainder(self):
        self.assertEqual(terms.largest_remainder(100, [1, 1, 1]), [34, 33, 33])
        self.assertEqual(terms.largest_remainder(0, [5, 5]), [0, 0])
        # The third line gets less of 11 than of 10: returns must live with that.
        self.assertEqual(terms.largest_remainder(10, [6, 6, 2]), [4, 4, 2])
        self.assertEqual(terms.largest_remainder(11, [6, 6, 2]), [5, 5, 1])

    def test_money_text(self):
        self.assertEqual([terms.money_text(n, 2) for n in (0, 5, 100, -5)], ["0.00", "0.05", "1.00", "-0.05"])
        self.assertEqual(terms.money_text(7, 0), "7")


class Dates(unittest.TestCase):
    def test_months_are_clamped_then_days_added(self):
        self.assertEqual(terms.add_span(date(2026, 1, 31), terms.read_span("P1M")), date(2026, 2, 28))
        self.assertEqual(terms.add_span(date(2028, 2, 29), terms.read_span("P1Y")), date(2029, 2, 28))
        self.assertEqual(terms.add_span(date(2026, 1, 31), terms.read_span("P1M1D")), date(2026, 3, 1))
        self.assertEqual(terms.add_span(date(2026, 12, 31), terms.read_span("P2M")), date(2027, 2, 28))

    def test_boundaries(self):
        for boundary, day in (("end_of_day", date(2028, 2, 10)), ("end_of_month", date(2028, 2, 29)),
                              ("end_of_quarter", date(2028, 3, 31)), ("end_of_year", date(2028, 12, 31))):
            self.assertEqual(terms.end_of(date(2028, 2, 10), boundary), day)

    def test_days_that_do_not_start_at_midnight(self):
        # Cairo skips 00:00 to 01:00 on 24 April 2026.
        cairo = terms.start_of_day(date(2026, 4, 24), ZoneInfo("Africa/Cairo"))
        self.assertEqual(terms.rfc3339(cairo), "2026-04-23T22:00:00Z")
        # Havana has 00:00 twice on 1 November 2026; the day starts at the first.
        havana = terms.start_of_day(date(2026, 11, 1), ZoneInfo("America/Havana"))
        self.assertEqual(terms.rfc3339(havana), "2026-11-01T04:00:00Z")

    def test_inclusive_and_lapsing_at_the_next_midnight(self):
        shop = terms.Programme(SHOP)
        at = terms.read_moment("2026-03-25T23:59:59Z", None)
        # 25 March + 7 days = 1 April, inclusive; by then London is an hour ahead.
        self.assertEqual(terms.rfc3339(shop.expiry("point", at)), "2026-04-01T23:00:00Z")
        tea = terms.Programme(TEA)
        at = terms.read_moment("2026-01-31T16:30:00Z", None)       # 1 February in Shanghai
        self.assertEqual(terms.rfc3339(tea.expiry("star", at)), "2027-02-28T16:00:00Z")

    def test_business_day(self):
        programme = terms.Programme({**TEA, "receipts": {"unique_by": ["date"], "business_day_starts": "04:00"}})
        early = terms.read_moment("2026-11-21T03:59:59", programme.zone)
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


class Pending(unittest.TestCase):
    def waiting(self, pending, **changes):
        points = {"point": {"pending": pending, "expires": {"after": "P7D", **changes.pop("expires", {})}}}
        return Till(SHOP, points=points, returns={"window": "P14D"}, **changes)

    def test_for_days_then_for_hours(self):
        till = self.waiting({"for": "P3D"})
        answer = till.buy("A", "10.00")
        # 5 + 3 = 8 January is the last day of waiting; 9 + 7 = 16 January the last that counts.
        self.assertEqual((answer["earned"][0]["pending"], answer["earned"][0]["expires"]),
                         (True, "2026-01-17T00:00:00Z"))
        self.assertEqual(answer["balances"]["point"], {"available": 0, "pending": 10, "reserved": 0})
        self.assertEqual(code(till.do("redeem", points=1)), "insufficient_points")
        self.assertEqual(till.have(now="2026-01-08T23:59:59.999Z"), 0)
        self.assertEqual(till.have(now="2026-01-09T00:00:00Z"), 10)
        hours = self.waiting({"for": "PT36H"})
        hours.buy("A", "10.00")
        self.assertEqual((hours.have(now="2026-01-06T23:59:59.999Z"), hours.have(now="2026-01-07T00:00:00Z")), (0, 10))

    def test_the_return_window(self):
        till = self.waiting({"until": "return_window"})
        till.buy("A", "10.00")
        lot = till.do("show")["lots"][0]
        self.assertEqual((lot["available_from"], lot["expires"]), ("2026-01-20T00:00:00Z", "2026-01-28T00:00:00Z"))

    def test_counted_from_the_purchase_but_never_gone_before_it_came(self):
        till = self.waiting({"for": "P14D"}, expires={"from": "earned"})
        answer = till.buy("A", "10.00")
        self.assertEqual(answer["earned"][0]["expires"], "2026-01-20T00:00:00Z")      # not the 13th
        till.now = "2026-01-20T00:00:00Z"
        till.buy("B", "0")
        come, gone = till.model.records[-3:-1]
        self.assertEqual([(account, amount) for _, account, amount, _ in come.post + gone.post],
                         [("pending", -10), ("available", 10), ("available", -10), ("expired", 10)])

    def test_late_enough_is_born_available(self):
        till = self.waiting({"for": "P3D"})
        answer = till.buy("A", "10.00", at="2026-01-01T12:00:00Z")
        self.assertEqual((answer["earned"][0]["pending"], answer["earned"][0]["expires"], till.have()),
                         (False, "2026-01-13T00:00:00Z", 10))          # from the 5th, on which they came

    def test_goods_that_come_back_take_from_what_waits(self):
        till = self.waiting({"for": "P3D"})
        till.buy("A", "10.00")
        back = till.do("return", of="A", all=True)
        self.assertEqual(back["collected"]["point"], {"from_receipt": 10, "from_other": 0, "debt": 0, "forgiven": 0})
        # Another receipt's: what is available first, whatever its number, then what waits.
        till.buy("B", "10.00")
        till.do("adjust", points=4, reason="x")
        till.model.execute({"op": "return", "ref": "z", "member": "card:1", "unmatched": "deduct", "now": till.now,
                            "lines": [{"sku": "q", "quantity": "1", "amount": "6.00"}]})
        self.assertEqual(till.do("show")["balances"]["point"], {"available": 0, "pending": 8, "reserved": 0})

    def test_a_debt_is_settled_when_they_are_earned(self):
        till = self.waiting({"for": "P3D"})
        till.do("return", lines=[{"sku": "q", "quantity": "1", "amount": "6.00"}], unmatched="deduct")
        answer = till.buy("A", "10.00")
        self.assertEqual((answer["repaid"], answer["balances"]["point"]["pending"]), ({"point": 6}, 4))

    def test_activate(self):
        till = self.waiting({"until": "activate"})
        till.buy("A", "10.00")
        till.buy("B", "5.00")
        lot = till.do("show")["lots"][0]
        self.assertEqual((lot["available_from"], lot["expires"]), ("activate", None))
        till.now = "2026-03-01T12:00:00Z"
        answer = till.do("activate", of="A")
        self.assertEqual((answer["activated"][0]["amount"], answer["activated"][0]["expires"]),
                         (10, "2026-03-09T00:00:00Z"))
        self.assertEqual(code(till.do("activate", of="A")), "nothing_pending")
        self.assertEqual(code(till.do("activate", of="Z")), "unknown_receipt")
        self.assertEqual(till.do("activate")["activated"][0]["amount"], 5)
        self.assertEqual(till.have(), 15)

    def test_activated_under_the_rule_of_its_birth(self):
        till = self.waiting({"until": "activate"}, expires={"from": "earned", "after": "P1M"})
        till.buy("A", "10.00")
        till.now = "2026-01-06T00:00:00Z"
        till.do("programme.apply", programme=json.dumps({**SHOP, "points": {"point": {}}}))
        answer = till.do("activate")
        self.assertEqual(answer["activated"][0]["expires"], "2026-02-06T00:00:00Z")    # 5 February, from 5 January


class Expiry(unittest.TestCase):
    def test_listed_days(self):
        programme = terms.Programme({**SHOP, "points": {"point": {"expires": {"after": "P1M", "at": ["02-29", "06-30"]}}}})

        def last(text):
            return terms.rfc3339(programme.expiry("point", terms.read_moment(text, None)))[:10]
        self.assertEqual(last("2026-01-05T12:00:00Z"), "2026-03-01")     # 28 February; the day after
        self.assertEqual(last("2026-01-28T12:00:00Z"), "2026-03-01")     # the listed day itself
        self.assertEqual(last("2026-01-31T12:00:00Z"), "2026-03-01")     # clamped to it
        self.assertEqual(last("2026-02-01T12:00:00Z"), "2026-06-30")     # 30 June, 23:00 in summer
        self.assertEqual(last("2027-08-01T12:00:00Z"), "2028-03-01")     # a leap year's

    def test_no_date_of_its_own(self):
        programme = terms.Programme({**SHOP, "points": {"point": {"expires": {"inactive": "P1M"}}}})
        self.assertEqual(programme.expiry("point", 0), terms.NEVER)
        only_at = terms.Programme({**SHOP, "points": {"point": {"expires": {"at": "end_of_year"}}}})
        self.assertEqual(terms.rfc3339(only_at.expiry("point", terms.read_moment("2026-03-01T00:00:00Z", None))),
                         "2027-01-01T00:00:00Z")


class Inactivity(unittest.TestCase):
    def idle(self, **changes):
        return Till(SHOP, points={"point": {"expires": {"inactive": "P7D"}}, **changes.pop("more", {})}, **changes)

    def test_activity_moves_it_forward(self):
        till = self.idle()
        till.buy("A", "10.00")
        self.assertEqual(till.do("show")["lots"][0]["expires"], "2026-01-13T00:00:00Z")
        till.now = "2026-01-10T12:00:00Z"
        till.do("redeem", points=1)
        self.assertEqual((till.have(now="2026-01-17T23:59:59Z"), till.have(now="2026-01-18T00:00:00Z")), (9, 0))
        till.now = "2026-01-12T12:00:00Z"
        till.do("adjust", points=-1, reason="x")                   # takes: no activity
        till.buy("B", "0.10", at="2026-01-02T12:00:00Z")           # older than the redemption: not back
        self.assertEqual(till.have(now="2026-01-17T23:59:59Z"), 8)
        self.assertEqual(till.have(now="2026-01-18T00:00:00Z"), 0)

    def test_a_reservation_is_none_a_capture_is(self):
        till = self.idle()
        till.buy("A", "10.00")
        till.now = "2026-01-12T12:00:00Z"
        till.do("reserve", points=4, ref="r", timeout="P1D")
        till.now = "2026-01-13T00:00:00Z"                          # six lapse, four are held
        self.assertEqual(till.do("show")["balances"]["point"], {"available": 0, "pending": 0, "reserved": 4})
        self.assertEqual(till.do("capture", of="r")["redeemed"]["amount"], 4)

    def test_every_currency_that_the_wallet_has(self):
        till = self.idle(more={"coin": {"expires": {"inactive": "P1M"}}})
        till.do("adjust", points=5, points_of="coin", reason="x")  # of coin only
        self.assertEqual(sorted(till.model.records[-1].idle), ["coin"])
        till.now = "2026-01-06T12:00:00Z"
        till.do("adjust", points=5, reason="x")
        till.now = "2026-01-07T12:00:00Z"
        till.do("redeem", points=1)
        self.assertEqual({currency: terms.rfc3339(moment) for currency, moment in till.model.records[-1].idle.items()},
                         {"point": "2026-01-15T00:00:00Z", "coin": "2026-02-08T00:00:00Z"})

    def test_from_when_the_points_come(self):
        till = Till(SHOP, points={"point": {"pending": {"for": "P1M"}, "expires": {"inactive": "P7D"}}})
        till.buy("A", "10.00")
        lot = till.do("show")["lots"][0]
        self.assertEqual((lot["available_from"], lot["expires"]), ("2026-02-06T00:00:00Z", "2026-02-14T00:00:00Z"))

    def test_a_version_without_the_rule_takes_it_away(self):
        till = self.idle()
        till.buy("A", "10.00")
        till.now = "2026-01-06T12:00:00Z"
        till.do("programme.apply", programme=json.dumps({**SHOP, "points": {"point": {}}}))
        self.assertEqual(till.have(now="2026-01-13T00:00:00Z"), 0)
        till.buy("B", "1.00")
        self.assertEqual(till.model.records[-1].idle, {"point": 0})
        self.assertEqual(till.have(now="2026-06-01T00:00:00Z"), 11)

    def test_what_only_comes_back_lapses_at_once(self):
        till = self.idle()
        till.buy("A", "10.00")
        till.do("redeem", points=4, ref="r")
        till.now = "2026-01-12T12:00:00Z"
        self.assertEqual(till.do("cancel", of="r")["restored"]["amount"], 4)
        self.assertEqual((till.model.records[-1].idle, till.have(now="2026-01-13T00:00:00Z")), ({}, 0))

    def test_what_comes_to_be_available_later_lapses_then(self):
        till = self.idle(more={"point": {"pending": {"until": "return_window"}, "expires": {"inactive": "P1D"}}},
                         returns={"window": "P9D"})
        till.buy("A", "10.00")                                     # until 16 January, for once
        till.model.wallets["m0"].idle["point"] = terms.read_moment("2026-01-10T00:00:00Z", None)
        till.now = "2026-02-01T00:00:00Z"
        till.do("adjust", points=-1, reason="x")
        self.assertEqual(till.have(), 0)
        till.do("sweep")
        self.assertEqual([(record.op, terms.rfc3339(record.at)) for record in till.model.records[-2:]],
                         [("elapse", "2026-01-15T00:00:00Z")] * 2)


class NewRules(unittest.TestCase):
    """A version that is for points earned before, too."""

    def to(self, till, expires, **changes):
        points = {"point": {"expires": {**expires, "applies_to": "all"}, **changes}}
        till.do("programme.apply", programme=json.dumps({**till.model.document, "points": points,
                                                         "returns": {"window": "P2D"}}))

    def test_lots_are_dated_anew_when_it_comes_into_force(self):
        till = Till(SHOP)
        till.buy("A", "5.00", at="2026-01-03T12:00:00Z")
        till.buy("B", "3.00")
        till.do("reserve", points=5, timeout="P1D")                # all of A
        till.now = "2026-01-06T11:00:00Z"
        self.to(till, {"after": "P1M"})
        lot = till.do("show")["lots"][0]
        self.assertEqual((lot["lot"], lot["expires"]), ("4.0", "2026-02-06T00:00:00Z"))
        till.now = "2026-01-07T12:00:00Z"
        till.do("sweep")
        elapses = [record for record in till.model.records if record.op == "elapse"]
        self.assertEqual([(terms.rfc3339(record.at), record.programme) for record in elapses],
                         [("2026-01-06T11:00:00Z", 2), ("2026-01-06T12:00:00Z", None)])
        self.assertEqual([(f"{seq}.{index}", terms.rfc3339(expires)[:10]) for seq, index, expires in elapses[0].dates],
                         [("4.0", "2026-02-06"), ("3.0", "2026-02-04")])
        self.assertEqual(till.have(now="2026-02-05T00:00:00Z"), 3)

    def test_as_if_it_had_waited_as_the_version_says_now(self):
        till = Till(SHOP)
        till.buy("A", "5.00")
        till.now = "2026-01-06T12:00:00Z"
        self.to(till, {"after": "P7D"}, pending={"until": "return_window"})
        self.assertEqual(till.do("show")["lots"][0]["expires"], "2026-01-16T00:00:00Z")    # 8 + 7
        # A till that was late gets the same.
        answer = till.buy("B", "5.00", at="2026-01-05T12:00:00Z")
        self.assertEqual((answer["programme"], answer["earned"][0]["expires"]), (1, "2026-01-16T00:00:00Z"))

    def test_what_is_too_old_lapses_then_and_there(self):
        till = Till(SHOP)
        till.buy("A", "5.00")
        till.now = "2026-01-08T12:00:00Z"
        self.to(till, {"after": "P1D"})
        self.assertEqual(till.have(), 0)
        till.do("sweep")
        self.assertEqual([terms.rfc3339(record.at) for record in till.model.records[-2:]],
                         ["2026-01-08T12:00:00Z"] * 2)

    def test_alone_they_never_lapse(self):
        till = Till(SHOP)
        till.buy("A", "5.00")
        till.now = "2026-01-08T12:00:00Z"
        self.to(till, {})
        self.assertEqual(till.have(now="2056-01-08T12:00:00Z"), 5)

    def test_once_and_not_lots_that_come_after(self):
        till = Till(SHOP)
        till.now = "2026-01-06T12:00:00Z"
        self.to(till, {"after": "P1M"})
        till.buy("A", "5.00")
        till.do("sweep", now="2026-01-07T12:00:00Z")
        self.assertEqual(till.model.records[-1].op, "purchase")


class Advancing(unittest.TestCase):
    def test_each_moment_is_a_record_of_its_own(self):
        till = Till(SHOP, points={"point": {"pending": {"for": "P2D"}, "expires": {"after": "P7D"}}})
        till.do("adjust", points=3, reason="x")                    # lapses on the 13th
        till.buy("A", "5.00")                                      # comes on the 8th, lapses on the 16th
        till.now = "2026-01-12T12:00:00Z"
        till.do("reserve", points=4, ref="r", timeout="PT6H")      # 3 of the first, 1 of A's
        till.now = "2026-02-01T12:00:00Z"
        till.buy("B", "0")
        moments = [(terms.rfc3339(record.at), [(account, amount) for _, account, amount, _ in record.post])
                   for record in till.model.records if record.op == "elapse"]
        self.assertEqual(moments, [
            ("2026-01-08T00:00:00Z", [("pending", -5), ("available", 5)]),
            ("2026-01-12T18:00:00Z", [("reserved", -3), ("available", 3), ("reserved", -1), ("available", 1)]),
            ("2026-01-13T00:00:00Z", [("available", -3), ("expired", 3)]),
            ("2026-01-16T00:00:00Z", [("available", -5), ("expired", 5)])])

    def test_in_steps_or_at_once(self):
        document = {**SHOP, "points": {"point": {"pending": {"for": "PT10H"}, "expires": {"after": "P7D", "inactive": "P3D"}}}}
        often, once = Till(document), Till(document)
        for till in (often, once):
            till.buy("A", "10.00")
            till.now = "2026-01-06T12:00:00Z"
            till.do("reserve", points=4, timeout="PT20H")
        for day in range(6, 20):
            often.do("sweep", now=f"2026-01-{day:02d}T18:00:00Z")
        self.assertGreater(len(often.model.records), len(once.model.records))
        end = terms.read_moment("2026-01-20T00:00:00Z", None)
        self.assertEqual(final_state(often.model, end), final_state(once.model, end))

    def test_sweep_counts(self):
        till = Till(SHOP)
        till.do("member.add", identifiers=["card:2"])
        till.buy("A", "5.00")
        till.buy("B", "5.00", member="card:2")
        till.now = "2026-01-12T12:00:00Z"
        self.assertEqual(till.do("sweep"), {"ok": True, "wallets": 0, "records": 0})
        till.now = "2026-01-13T00:00:00Z"
        self.assertEqual(till.do("sweep"), {"ok": True, "wallets": 2, "records": 2})
        self.assertEqual(till.do("sweep"), {"ok": True, "wallets": 0, "records": 0})

    def test_show_at(self):
        till = Till(SHOP)
        till.buy("A", "5.00")
        till.now = "2026-01-08T12:00:00Z"
        till.buy("B", "3.00")

        def at(moment):
            return till.do("show", at=moment).get("balances", {}).get("point", {}).get("available")
        moments = ["2026-01-05T11:59:59Z", "2026-01-05T12:00:00Z", "2026-01-08T12:00:00Z", "2026-01-13T00:00:00Z",
                   "2026-01-16T00:00:00Z"]
        self.assertEqual([at(moment) for moment in moments], [None, 5, 8, 3, 0])
        self.assertEqual(code(till.do("show", at=moments[0])), "unknown_member")
        till.now = "2026-02-01T12:00:00Z"
        till.do("sweep")
        self.assertEqual([at(moment) for moment in moments], [None, 5, 8, 3, 0])


class Cancelling(unittest.TestCase):
    def test_a_tombstone_bars_the_late_original(self):
        till = Till(SHOP)
        till.buy("A", "5.00")
        answer = till.do("cancel", of="spend")
        self.assertEqual((answer["status"], answer.get("member")), ("tombstone", None))
        self.assertEqual(code(till.do("redeem", points=1, ref="spend")), "cancelled_before")
        self.assertEqual(code(till.buy("B", "1.00", ref="spend")), "cancelled_before")
        self.assertEqual(till.do("release", of="hold")["status"], "tombstone")
        self.assertEqual(code(till.do("reserve", points=1, ref="hold")), "cancelled_before")
        self.assertEqual(code(till.do("reserve.extend", of="hold")), "unknown_ref")

    def test_what_cannot_be(self):
        till = Till(SHOP)
        till.buy("A", "5.00", ref="sale")
        till.do("redeem", points=1, ref="spend")
        till.do("cancel", of="spend", ref="undo")
        self.assertEqual([code(till.do("cancel", of=of)) for of in ("sale", "spend", "undo")],
                         ["not_cancellable", "already_cancelled", "not_cancellable"])


class Reserving(unittest.TestCase):
    def test_capture_in_part(self):
        till = Till(SHOP)
        till.buy("A", "10.00")
        held = till.do("reserve", points=6, ref="r")
        self.assertEqual((held["until"], held["balances"]["point"]),
                         ("2026-01-05T12:15:00Z", {"available": 4, "pending": 0, "reserved": 6}))
        self.assertEqual(code(till.do("redeem", points=5)), "insufficient_points")
        self.assertEqual(code(till.do("capture", of="r", points=7)), "over_capture")
        answer = till.do("capture", of="r", points=2, ref="c")
        self.assertEqual([answer[name]["amount"] for name in ("redeemed", "released", "lapsed")], [2, 4, 0])
        self.assertEqual((answer["lots"][0]["amount"], till.have()), (2, 8))
        self.assertEqual([code(till.do(op, of="r")) for op in ("capture", "release", "reserve.extend")],
                         ["already_resolved"] * 3)
        self.assertEqual((till.do("cancel", of="c")["restored"]["amount"], till.have()), (2, 10))
        self.assertEqual(code(till.do("capture", of="c")), "not_a_reservation")
        self.assertEqual(code(till.do("capture", of="nothing")), "unknown_ref")

    def test_lapse_and_extension(self):
        till = Till(SHOP, reservations={"timeout": "PT1H", "longest": "PT2H"})
        till.buy("A", "10.00")
        self.assertEqual(code(till.do("reserve", points=1, timeout="PT2H1M")), "over_limit")
        till.do("reserve", points=6, ref="r")
        till.now = "2026-01-05T12:30:00Z"
        self.assertEqual(till.do("reserve.extend", of="r", timeout="PT5M")["until"], "2026-01-05T13:00:00Z")
        self.assertEqual(till.do("reserve.extend", of="r")["until"], "2026-01-05T13:30:00Z")
        self.assertEqual(till.have(now="2026-01-05T13:29:59Z"), 4)
        till.now = "2026-01-05T13:30:00Z"
        self.assertEqual(till.have(), 10)
        self.assertEqual(code(till.do("capture", of="r")), "reservation_lapsed")

    def test_dates_that_pass_meanwhile(self):
        till = Till(SHOP)
        for ref in ("keep", "drop"):
            till.buy(ref, "5.00")
            till.now = "2026-01-12T12:00:00Z"
            till.do("reserve", points=5, ref=ref, timeout="P1D")
            till.now = "2026-01-05T12:00:00Z"
        till.now = "2026-01-13T06:00:00Z"
        self.assertEqual(till.do("capture", of="keep")["redeemed"]["amount"], 5)
        answer = till.do("cancel", of=f"k{till.number}")
        self.assertEqual((answer["restored"]["amount"], answer["lapsed"]["amount"]), (0, 5))

    def test_released_points_settle_a_debt(self):
        till = Till(SHOP)
        till.buy("A", "10.00")
        till.do("reserve", points=10, ref="r")
        self.assertEqual(till.do("return", of="A", amount="4.00")["collected"]["point"]["debt"], 4)
        answer = till.do("release", of="r")
        self.assertEqual((answer["released"]["amount"], till.have()), (10, 6))


class Tender(unittest.TestCase):
    def till(self, **rule):
        return Till(SHOP, points={"point": {"tender": {"value": "0.05", **rule}, "expires": {"after": "P7D"}}},
                    base=self.base)

    base = {}

    def test_paid_and_earned_on_the_rest(self):
        till = self.till()
        till.do("adjust", points=130, reason="x")
        answer = till.buy("A", "10.00", points=101)                # worth 5.05
        self.assertEqual((answer["paid"]["worth"], answer["paid"]["amount"], till_earned(answer)), ("5.05", 101, 4))
        self.assertEqual([record.op for record in till.model.records[-2:]], ["redeem", "purchase"])
        self.assertEqual(answer["seq"], till.model.records[-1].seq)
        self.assertEqual(answer["balances"]["point"]["available"], 33)

    def test_ignored(self):
        self.base = {"points": "ignore"}
        till = self.till()
        till.do("adjust", points=130, reason="x")
        self.assertEqual(till_earned(till.buy("A", "10.00", points=101)), 10)

    def test_refusals(self):
        till = self.till(least=4, share="0.5")
        till.do("adjust", points=130, reason="x")
        self.assertEqual([code(till.buy("A", "10.00", points=points)) for points in (3, 101, 100)],
                         ["over_limit", "over_limit", None])
        self.assertEqual(code(till.buy("B", "10.00", points=30)), None)
        self.assertEqual(code(till.buy("C", "100.00", points=60)), "insufficient_points")
        self.assertEqual(code(Till(SHOP).buy("A", "10.00", points=1)), "not_allowed")
        tiny = self.till(value="0.001")
        tiny.do("adjust", points=130, reason="x")
        self.assertEqual([code(tiny.buy("A", "10.00", points=points)) for points in (9, 10)], ["over_limit", None])

    def test_the_earned_does_not_count_for_it(self):
        till = self.till()
        self.assertEqual(code(till.buy("A", "10.00", points=1)), "insufficient_points")

    def test_points_come_back_with_the_goods(self):
        till = self.till()
        till.do("adjust", points=7, reason="x")
        till.buy("A", "1.00", points=7)                            # worth 0.35; 0.65 earn nothing
        backs = [till.do("return", of="A", amount="0.50"), till.do("return", of="A", amount="0.50")]
        # after 0.50: 35 - floor(35 / 2) = 18 are left on the goods: 7 - floor(7 * 18 / 35) = 4 have come back
        self.assertEqual([back["restored"] for back in backs],
                         [[{"points": "point", "amount": 4}], [{"points": "point", "amount": 3}]])
        self.assertEqual([back["refund"] for back in backs], ["0.32", "0.33"])
        self.assertEqual([record.op for record in till.model.records[-2:]], ["restore", "return"])
        self.assertEqual(till.have(), 7)

    def test_to_the_lots_they_came_from_the_last_burnt_first(self):
        till = self.till()
        till.buy("X", "5.00", at="2026-01-03T12:00:00Z")           # 5 points until the 10th
        till.do("adjust", points=5, reason="x")                    # 5 until the 12th
        till.buy("A", "0.50", points=10)
        till.now = "2026-01-11T12:00:00Z"
        back = till.do("return", of="A", amount="0.30")            # 6 points: all of the second, one of the first
        self.assertEqual((back["restored"], back["lapsed"], back["refund"]),
                         ([{"points": "point", "amount": 5}], [{"points": "point", "amount": 1}], "0.00"))

    def test_shares_by_line(self):
        till = self.till()
        till.do("adjust", points=100, reason="x")
        lines = [{"sku": "a", "quantity": "2", "amount": "2.00"}, {"sku": "b", "amount": "1.00"}]
        till.buy("A", "3.00", points=20, lines=lines)              # 1.00: 0.67 on a, 0.33 on b
        back = till.do("return", of="A", lines=[{"line": 1, "quantity": "1"}])
        # 67 - floor(67 / 2) = 34 and 33 stay: 20 - floor(20 * 67 / 100) = 7; money: floor(133 / 2)
        self.assertEqual((back["restored"], back["amount"], back["refund"]),
                         ([{"points": "point", "amount": 7}], "1.00", "0.66"))    # half of 2.00 - 0.67

    def test_with_a_reservation(self):
        till = self.till()
        till.do("adjust", points=20, reason="x")
        till.do("reserve", points=20, ref="r")
        answer = till.buy("A", "0.60", capture="r", points=12)
        self.assertEqual((answer["paid"]["worth"], answer["balances"]["point"]),
                         ("0.60", {"available": 8, "pending": 0, "reserved": 0}))
        self.assertEqual(code(till.buy("B", "0.60", capture="r")), "already_resolved")
        self.assertEqual(code(till.do("cancel", of="r")), "not_cancellable")


class Adjusting(unittest.TestCase):
    def test_origins(self):
        till = Till(SHOP)
        till.do("adjust", points=1, reason="x")
        till.do("adjust", points=2, reason="x", origin="partner")
        self.assertEqual([lot["origin"] for lot in till.do("show")["lots"]], ["goodwill", "partner"])

    def test_limits(self):
        till = Till(SHOP, adjust={"limits": {"anna": {"most": 10, "per_day": 15}, "*": {"most": 3}}})

        def tried(points, **fields):
            return code(till.do("adjust", points=points, reason="x", **fields))
        self.assertEqual([tried(11, operator="anna"), tried(10, operator="anna"), tried(-5, operator="anna"),
                          tried(1, operator="anna"), tried(4), tried(3, operator="boss"), tried(3)],
                         ["over_limit", None, None, "over_limit", "over_limit", None, None])
        till.now = "2026-01-06T00:00:00Z"
        self.assertIsNone(tried(10, operator="anna"))


class Transferring(unittest.TestCase):
    def till(self, **rule):
        till = Till(SHOP, points={"point": {"transfer": rule, "expires": {"after": "P7D"}}, "coin": {}})
        till.do("member.add", identifiers=["card:2"])
        return till

    def test_dates_are_kept(self):
        till = self.till()
        till.buy("A", "5.00")                                      # until the 12th
        till.buy("B", "3.00", at="2026-01-03T12:00:00Z")           # until the 10th
        till.buy("C", "2.00")                                      # until the 12th
        answer = till.do("transfer", to="card:2", points=9)
        self.assertEqual([(lot["amount"], lot["expires"][:10]) for lot in answer["lots"]],
                         [(3, "2026-01-11"), (6, "2026-01-13")])
        self.assertEqual((answer["balances"]["point"]["available"], till.do("show", member="card:2")["lots"][0]["origin"]),
                         (1, "transfer"))
        self.assertEqual([sum(amount for _, account, amount, _ in record.post if account == "moved")
                          for record in till.model.records[-2:]], [9, -9])

    def test_or_begin_anew_and_settle_a_debt(self):
        till = self.till(expires="anew")
        till.buy("B", "5.00", at="2026-01-03T12:00:00Z")
        till.do("return", member="card:2", unmatched="deduct", lines=[{"sku": "q", "quantity": "1", "amount": "2.00"}])
        answer = till.do("transfer", to="card:2", points=5)
        self.assertEqual([(lot["amount"], lot["expires"][:10]) for lot in answer["lots"]], [(3, "2026-01-13")])

    def test_refusals(self):
        till = self.till(most=4, per_month=6)
        till.buy("A", "50.00")
        self.assertEqual([code(till.do("transfer", to=to, points=points, **more)) for to, points, more in (
            ("card:1", 1, {}), ("card:9", 1, {}), ("card:2", 5, {}), ("card:2", 1, {"points_of": "coin"}),
            ("card:2", 4, {}), ("card:2", 3, {}), ("card:2", 2, {}))],
            ["to_oneself", "unknown_member", "over_limit", "not_allowed", None, "over_limit", None])
        till.now = "2026-02-01T00:00:00Z"
        self.assertEqual(code(till.do("transfer", to="card:2", points=4)), "insufficient_points")    # lapsed


class Households(unittest.TestCase):
    def till(self, **rules):
        till = Till(SHOP, households=rules, points={"point": {"transfer": {}, "expires": {"after": "P7D"}}})
        for card in ("card:2", "card:3"):
            till.do("member.add", identifiers=[card])
        return till

    def owe(self, till, card, amount):
        return till.do("return", member=card, unmatched="deduct", lines=[{"sku": "q", "quantity": "1", "amount": amount}])

    def both(self, till):
        till.do("household.create")
        return till.do("household.join", member="card:2", household="household:#1")

    def test_one_wallet(self):
        till = self.till()
        till.buy("A", "5.00")
        till.buy("B", "3.00", member="card:2")
        answer = self.both(till)
        self.assertEqual(answer["balances"]["point"]["available"], 8)
        self.assertEqual([sum(amount for _, account, amount, _ in record.post if account == "moved")
                          for record in till.model.records[-2:]], [3, -3])
        self.assertEqual(till.do("redeem", points=8, member="card:2")["redeemed"]["amount"], 8)
        shown = till.do("household.show", household="household:#1")
        self.assertEqual(shown["members"], {MemberId(0), MemberId(1)})
        self.assertEqual(code(till.do("transfer", to="card:2", points=1)), "to_oneself")

    def test_refusals(self):
        self.assertEqual(code(Till(SHOP).do("household.create")), "not_allowed")
        till = self.till(most=2)
        till.buy("C", "5.00", member="card:3")
        self.both(till)
        self.assertEqual(code(till.do("household.create")), "in_household")
        self.assertEqual(code(till.do("household.join", member="card:3", household="household:#2")), "unknown_household")
        self.assertEqual(code(till.do("household.join", member="card:3", household="household:#1")), "over_limit")
        till.do("reserve", member="card:3", points=1)
        self.assertEqual(code(till.do("household.create", member="card:3")), "open_reservation")
        self.assertEqual(code(till.do("household.leave", member="card:3")), "not_in_household")

    def test_forfeit(self):
        till = self.till(on_join="forfeit")
        till.do("household.create")
        till.buy("B", "3.00", member="card:2")
        till.do("household.join", member="card:2", household="household:#1")
        self.assertEqual([posting[1:3] for posting in till.model.records[-2].post], [("available", -3), ("expired", 3)])
        self.assertEqual(till.have(), 0)

    def test_a_shortfall_lies_beside_the_others_points(self):
        till = self.till()
        self.both(till)
        till.buy("A", "5.00")
        till.buy("B", "3.00", member="card:2")
        till.do("redeem", points=4)                                # all of A's: 1 left, 3 of B
        back = till.do("return", of="A", all=True)
        self.assertEqual(back["collected"]["point"], {"from_receipt": 1, "from_other": 0, "debt": 4, "forgiven": 0})
        self.assertEqual(back["balances"]["point"]["available"], -1)
        self.assertEqual(code(till.do("redeem", points=1)), "insufficient_points")

    def test_a_debt_comes_along_and_lots_settle_one(self):
        till = self.till()
        self.owe(till, "card:2", "4.00")
        till.buy("A", "6.00")
        self.assertEqual(self.both(till)["balances"]["point"]["available"], 2)
        self.assertEqual([lot["left"] for lot in till.do("show")["lots"]], [6])      # not settled by A's
        till.buy("C", "5.00", member="card:3")
        till.do("household.join", member="card:3", household="household:#1")
        self.assertEqual([lot["left"] for lot in till.do("show")["lots"]], [6, 1])   # but by what C brought

    def test_leaving(self):
        for rule, first, second in (("take", 5, 3), ("leave", 0, 8)):
            till = self.till(on_leave=rule)
            self.both(till)
            till.buy("A", "5.00")
            till.buy("B", "3.00", member="card:2")
            till.do("household.leave")
            self.assertEqual((till.have(), till.do("show", member="card:2")["balances"]["point"]["available"]),
                             (first, second))
            till.do("household.leave", member="card:2")
            self.assertEqual(till.do("show", member="card:2")["balances"]["point"]["available"], second)

    def test_the_last_takes_the_debt_as_well(self):
        till = self.till()
        self.both(till)
        till.buy("A", "5.00")
        till.buy("B", "3.00", member="card:2")
        till.do("redeem", points=4)
        till.do("return", of="A", all=True)                        # debt 4 beside B's 3
        till.do("household.leave")
        self.assertEqual(till.have(), 0)
        till.do("household.leave", member="card:2")
        shown = till.do("show", member="card:2")
        self.assertEqual((shown["balances"]["point"]["available"], shown["lots"]), (-1, []))

    def test_an_open_reservation_forbids_leaving(self):
        till = self.till()
        self.both(till)
        till.buy("A", "5.00")
        till.do("reserve", points=1, ref="r", member="card:2")
        self.assertEqual(code(till.do("household.leave")), "open_reservation")
        till.do("release", of="r")
        self.assertTrue(till.do("household.leave")["ok"])


class Merging(unittest.TestCase):
    def till(self, document=SHOP, **changes):
        till = Till(document, **changes)
        till.now = "2026-01-06T12:00:00Z"
        till.do("member.add", identifiers=["card:2"])
        return till

    def test_points_names_and_receipts(self):
        till = self.till()
        till.buy("A", "5.00")
        till.buy("B", "3.00", member="card:2")
        answer = till.do("member.merge", into="card:2")
        self.assertEqual((answer["member"], answer["into"], answer["balances"]["point"]["available"]),
                         (MemberId(0), MemberId(1), 8))
        for name in ("card:1", "card:2", "id:#0", "id:#1"):
            shown = till.do("show", member=name)
            self.assertEqual((shown["member"], shown["joined"], shown["balances"]["point"]["available"]),
                             (MemberId(1), "2026-01-05T12:00:00Z", 8))
        self.assertEqual(till.do("return", of="A", all=True)["collected"]["point"]["from_receipt"], 5)
        ops = [record["op"] for record in till.do("history", member="card:2")["records"]]
        self.assertEqual(ops, ["return", "member.merge", "member.merge", "purchase", "purchase", "member.add", "member.add"])
        self.assertEqual(code(till.do("member.merge", into="card:2")), "to_oneself")

    def test_a_debt_is_paid(self):
        till = self.till()
        till.do("return", unmatched="deduct", lines=[{"sku": "q", "quantity": "1", "amount": "2.00"}])
        till.buy("B", "3.00", member="card:2")
        self.assertEqual(till.do("member.merge", into="card:2")["balances"]["point"]["available"], 1)
        self.assertEqual([lot["left"] for lot in till.do("show")["lots"]], [1])

    def test_fractions_make_a_whole(self):
        till = self.till(TEA)
        till.buy("A", "30.00")                                     # 0.6
        till.buy("B", "25.00", member="card:2")                    # 0.5
        answer = till.do("member.merge", into="card:2")
        self.assertEqual(answer["balances"]["star"]["available"], 1)
        lot = till.do("show")["lots"][0]
        self.assertEqual((lot["origin"], lot["expires"]), ("purchase", "2027-01-31T16:00:00Z"))
        self.assertEqual(till.model.records[-1].carry, {"star": Fraction(1, 10)})

    def test_refusals(self):
        till = self.till(households={})
        till.buy("A", "5.00")
        till.do("reserve", points=1, ref="r")
        self.assertEqual(code(till.do("member.merge", into="card:2")), "open_reservation")
        till.do("release", of="r")
        till.do("household.create")
        self.assertEqual(code(till.do("member.merge", into="card:2")), "in_household")
        answer = till.do("member.merge", member="card:2", into="card:1")
        self.assertEqual(answer["balances"]["point"]["available"], 5)

    def test_what_was_given_this_month_adds_up(self):
        till = self.till(points={"point": {"transfer": {"per_month": 5}}})
        till.do("member.add", identifiers=["card:3"])
        till.buy("A", "5.00")
        till.buy("B", "3.00", member="card:2")
        till.do("transfer", to="card:3", points=3)
        till.do("transfer", member="card:2", to="card:3", points=2)
        till.do("member.merge", into="card:2")
        self.assertEqual(code(till.do("transfer", member="card:2", to="card:3", points=1)), "over_limit")


class Held(unittest.TestCase):
    def test_it_happens_with_its_purchase(self):
        till = Till(SHOP)
        first = till.do("return", of="A", amount="4.00", ref="back", at="2026-01-04T12:00:00Z")
        self.assertEqual((first["status"], first.get("member")), ("held", None))
        again = till.do("return", of="A", amount="4.00", ref="back", at="2026-01-04T12:00:00Z")
        self.assertEqual((again["duplicate"], again["status"]), (True, "held"))
        till.do("return", of="A", amount="7.00", ref="more")
        till.now = "2026-01-20T12:00:00Z"
        answer = till.buy("A", "10.00", at="2026-01-19T12:00:00Z")
        self.assertEqual([(one["ref"], one.get("code")) for one in answer["held"]],
                         [("back", None), ("more", "over_return")])
        self.assertEqual(answer["balances"]["point"]["available"], 6)
        record = till.model.records[-1]
        self.assertEqual((record.op, record.of, terms.rfc3339(record.at)), ("return", first["seq"], "2026-01-04T12:00:00Z"))
        self.assertEqual(till.do("lookup", ref="back")["assessed"], {"point": 4})
        self.assertEqual(till.do("lookup", ref="more")["status"], "held")
        self.assertEqual(code(till.do("cancel", of="back")), "not_cancellable")
        self.assertEqual(code(till.do("cancel", of="more")), None)
        self.assertEqual(code(till.do("cancel", of="more")), "already_cancelled")

    def test_cancelled_it_is_not_done(self):
        till = Till(SHOP)
        till.do("return", of="A", all=True, ref="back")
        self.assertNotIn("member", till.do("cancel", of="back"))
        answer = till.buy("A", "10.00")
        self.assertEqual((answer.get("held"), till.have()), (None, 10))

    def test_or_refused_at_once(self):
        till = Till(SHOP, returns={"unknown": "refuse"})
        self.assertEqual(code(till.do("return", of="A", all=True)), "unknown_receipt")
        self.assertEqual(code(Till(SHOP).do("return", of="A", all=True, at="2026-02-01T12:00:00Z")), "in_future")

    def test_of_another_member(self):
        till = Till(SHOP)
        till.do("member.add", identifiers=["card:2"])
        till.do("return", of="A", all=True, member="card:2")
        self.assertEqual(till.buy("A", "10.00")["held"][0]["code"], "unknown_receipt")
        self.assertEqual(code(till.do("return", of="A", all=True, member="card:2")), "unknown_receipt")


class Closing(unittest.TestCase):
    def test_months(self):
        till = Till(SHOP, closing={"late": "refuse"})
        till.now = "2026-03-01T00:00:00Z"
        self.assertEqual(code(till.do("close", period="2026-03")), "period_open")
        answer = till.do("close", period="2026-02")
        self.assertEqual((answer["open_from"], answer["duplicate"]), ("2026-03-01", False))
        self.assertTrue(till.do("close", period="2026-02")["duplicate"])
        self.assertEqual(code(till.do("close", period="2026-02", ref="x")), "period_closed")
        self.assertEqual(code(till.do("close", period="2026-01")), "period_closed")
        self.assertEqual(code(till.buy("A", "1.00", at="2026-02-28T23:59:59Z")), "period_closed")
        self.assertIsNone(code(till.buy("A", "1.00")))
        self.assertEqual(code(till.do("return", of="A", all=True, at="2026-02-28T12:00:00Z")), "period_closed")

    def test_reported_by_default(self):
        till = Till(SHOP)
        till.now = "2026-03-01T00:00:00Z"
        till.do("close", period="2026-02")
        self.assertIsNone(code(till.buy("A", "1.00", at="2026-02-28T12:00:00Z")))


class Forgiven(unittest.TestCase):
    def test_what_was_forgiven_does_not_come_back(self):
        """Tax shares round so that a later step is worth less than nothing."""
        till = Till(SHOP, base={"tax": "excluded"}, returns={"shortfall": "forgive"},
                    earn=[{"id": "base", "per": "0.01", "gives": {"point": 1}}])
        till.buy("A", "0.03", lines=[{"sku": "x", "quantity": "5", "amount": "0.03", "tax": "0.02"}])   # 1 point
        till.do("redeem", points=1)
        steps = [till.do("return", of="A", lines=[{"line": 1, "quantity": "1"}]) for _ in range(4)]
        self.assertEqual([step["assessed"].get("point", 0) for step in steps], [0, 1, -1, 1])
        self.assertEqual(till.have(), 0)


class Keys(unittest.TestCase):
    def test_retries(self):
        till = Till(SHOP)
        first = till.buy("A", "58.00", ref="k")
        again = till.buy("A", "58.0", ref="k", now="2026-01-20T00:00:00Z")
        undated = [{name: gift[name] for name in gift if name != "expires"} for gift in first["earned"]]
        self.assertEqual((again["duplicate"], again["seq"], again["earned"]), (True, first["seq"], undated))
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


DAY = {**SHOP, "points": {"point": {}}, "members": {"unknown": "hold", "phone_country": "44"}, "claims": {"code": "optional"}}


class AtTheTill(unittest.TestCase):
    def setUp(self):
        self.till = Till(DAY)
        self.send = lambda op, **fields: self.till.model.execute({"op": op, "now": self.till.now, **fields})

    def have(self, name):
        return self.send("show", member=name)["balances"]["point"]["available"]

    def test_phones_as_people_write_them(self):
        programme = terms.Programme(DAY)
        for written in ("+447700900123", "0044 7700 900-123", "07700 900123", "(07700)900.123", "7700900123"):
            self.assertEqual(programme.phone(written), "+447700900123", written)
        for wrong in ("+0770090", "+4477", "0"):
            self.assertRaises(terms.Refusal, programme.phone, wrong)
        self.assertRaises(terms.Refusal, terms.Programme(SHOP).phone, "07700900123")

    def test_discount_falls_on_lines_by_largest_remainder(self):
        """2.00 off 3.33 + 3.33 + 3.34: shares 0.666, 0.666 and 0.668; two cents are left over, for the
        third and the first."""
        programme = terms.Programme(DAY)
        amount, lines = self.till.model.basket(
            {"op": "purchase", "amount": "8.00", "discount": "2.00",
             "lines": [["a", "", "1", "3.33"], ["b", "", "1", "3.33"], ["c", "", "1", "3.34", "0", "3.34"]]}, programme)
        self.assertEqual(amount, 800)
        self.assertEqual([line["amount"] for line in lines], [266, 267, 267])
        self.assertEqual([line["discount"] for line in lines], [67, 66, 67])
        self.assertEqual(lines[2]["tax"], 334 - 67)

    def test_vouchers_earn_nothing(self):
        answer = self.send("purchase", member="card:1", receipt="A", amount="10.00", rounding="-0.02",
                           tenders=[["voucher", "4.00"], ["cash", "5.98"]])
        self.assertEqual(answer["earned"][0]["amount"], 6)
        answer = self.send("purchase", member="card:1", receipt="B", amount="10.00", tenders=[["cash", "9.99"]])
        self.assertEqual(code(answer), "tenders_mismatch")

    def test_what_is_left_is_claimed(self):
        self.send("purchase", receipt="A", amount="10.00")
        self.send("return", ref="r", of="A", amount="4.00")
        answer = self.send("claim", receipt="A", member="card:1")
        self.assertEqual((answer["earned"][0]["amount"], self.have("card:1")), (6, 6))
        self.assertEqual(code(self.send("claim", receipt="A", member="card:1", ref="c")), "already_claimed")
        self.send("void", ref="v", of="claim/A")
        self.assertEqual(self.have("card:1"), 0)

    def test_a_held_sale_finds_its_card(self):
        self.send("purchase", member="card:9", receipt="A", amount="7.00")
        answer = self.send("member.link", member="card:1", identifiers=["card:9"])
        self.assertEqual([one["receipt"] for one in answer["claimed"]], ["A"])
        self.assertEqual(self.have("card:1"), 7)
        again = self.send("purchase", member="card:9", receipt="A", amount="7.00")
        self.assertEqual((again["duplicate"], again["status"], again["holder"]), (True, "claimed", MemberId(0)))
        again = self.send("purchase", member="card:1", receipt="A", amount="7.00")
        self.assertEqual(again["error"], {"code": "key_reused", "field": "member"})

    def test_reassigned_then_returned_then_voided(self):
        self.send("member.add", identifiers=["card:2"])
        self.send("purchase", member="card:1", receipt="A", amount="10.00")
        self.send("redeem", ref="s", member="card:1", points=4)
        answer = self.send("reassign", ref="x", of="A", to="card:2", reason="wrong")
        self.assertEqual(answer["collected"]["point"], {"from_receipt": 6, "from_other": 0, "debt": 4, "forgiven": 0})
        self.assertEqual((self.have("card:1"), self.have("card:2")), (-4, 10))
        self.send("return", ref="r", of="A", amount="3.00")
        self.assertEqual(self.have("card:2"), 7)
        self.assertEqual(self.send("void", ref="v", of="r")["given_back"], {"point": 3})
        self.assertEqual(self.send("void", ref="w", of="A")["refund"], "10.00")
        self.assertEqual((self.have("card:1"), self.have("card:2")), (-4, 0))

    def test_a_void_of_a_return_gives_back_what_was_not_forgiven(self):
        till = Till({**DAY, "returns": {"shortfall": "forgive"}})
        till.buy("A", "10.00")
        till.do("redeem", points=7)
        till.do("return", of="A", all=True, ref="r")
        self.assertEqual(till.have(), 0)
        till.do("void", of="r")
        self.assertEqual(till.have(), 3)

    def test_all_of_a_group_or_nothing(self):
        answer = self.send("group", requests=[
            {"op": "purchase", "member": "card:1", "receipt": "A", "amount": "5.00"},
            {"op": "redeem", "ref": "s", "member": "card:1", "points": 6}])
        self.assertEqual(answer["error"], {"code": "insufficient_points", "entry": 2})
        self.assertEqual(self.have("card:1"), 0)

    def test_somebody_else_approves(self):
        till = Till({**DAY, "approvals": {"redeem": {"above": 2}, "by": ["boss", "anna"]}})
        till.buy("A", "10.00")
        self.assertTrue(till.do("redeem", points=2)["ok"])
        for who in ({}, {"operator": "anna"}, {"operator": "anna", "approved_by": "anna"},
                    {"operator": "anna", "approved_by": "carl"}, {"approved_by": "boss"}):
            self.assertEqual(code(till.do("redeem", points=3, **who)), "approval_needed", who)
        self.assertTrue(till.do("redeem", points=3, operator="anna", approved_by="boss")["ok"])


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
                if not answer["ok"] or answer.get("duplicate") or request["op"] in QUESTIONS:
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
                        self.assertEqual([quoted.get(name) for name in ("earned", "balances", "claimable")],
                                         [answer.get(name) for name in ("earned", "balances", "claimable")])

    def test_touching_changes_nothing(self):
        for seed in range(5):
            document, requests, rng = self.requests(seed)
            plain, nosy = Model(document), Model(document)
            for request in requests:
                plain.execute(request)
            for request in touched(rng, requests):
                nosy.execute(request)
            end = max(plain.records[-1].time, nosy.records[-1].time)
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
                if member.merged is not None:
                    continue
                net = -sum(amount for record in generator.model.records if record.member is not None
                           and generator.model.resolve(record.member.number) == member.number
                           for currency, account, amount, _ in record.post
                           if account in ("issued", "returned"))
                self.assertEqual(net, member.carried.get("star", Fraction(0)) // 1)


def picture(world):
    """All that a refusal or a question must not change."""
    state = world.state()
    for name in ("records", "programmes", "purchases", "keys", "receipts", "live", "journal"):
        del state[name]
    state["members"] = [vars(member) for member in state["members"]]
    state["wallets"] = {key: (wallet.idle, {currency: debt for currency, debt in wallet.debt.items() if debt})
                        for key, wallet in state["wallets"].items()}
    return (state, [(p.how, list(p.quantities), p.amount_back, p.all_back) for p in world.purchases.values()],
            len(world.records), sorted(world.keys), sorted(world.receipts), len(world.programmes))


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


CLUB = {"loyalty": 1, "id": "club", "timezone": "Europe/London", "currency": "GBP", "receipts": {"late": "P1Y"},
        "points": {"star": {}}, "earn": [{"id": "base", "per": "1.00", "gives": {"star": 1}}], "actions": {"fee": {}},
        "tiers": {"measure": {"spend": True}, "window": "P1M", "review": "P1M", "levels": [
            {"id": "basic"}, {"id": "gold", "from": "100.00", "keep": "50.00", "multiply": {"star": "2"}},
            {"id": "top", "from": "300.00"}]}}


class Levels(unittest.TestCase):
    def club(self, **changes):
        levels = changes.pop("levels", None)
        document = copy.deepcopy(CLUB)
        document["tiers"].update(changes)
        if levels:
            document["tiers"]["levels"] = levels
        return Till(document)

    def level(self, till, now):
        answer = till.do("show", now=now)["tier"]
        return answer["level"], answer["since"]

    def test_a_unit_below_and_just_there(self):
        till = self.club()
        self.assertEqual(till.buy("1", "99.99")["tier"]["level"], "basic")
        answer = till.buy("2", "0.01")
        self.assertEqual((answer["tier"]["level"], answer["tier"]["changed"], answer["tier"]["from"]), ("gold", True, "basic"))
        self.assertEqual(answer["tier"]["next"], {"level": "top", "name": "top", "missing": {"spend": "200.00"}, "by": None})
        self.assertEqual(till.buy("3", "10.00")["earned"][0]["amount"], 20)         # the crossing one was worth 0

    def test_crossing_earns_as_the_new_level(self):
        till = self.club(crossing="new")
        self.assertEqual(till.buy("1", "100.00")["earned"][0]["amount"], 200)
        late = till.buy("2", "10.00", at="2026-01-04T12:00:00Z")
        self.assertEqual(late["earned"][0]["amount"], 10)                           # basic it was then

    def test_a_review_judges_as_of_its_last_day(self):
        till = self.club()
        till.buy("1", "100.00")                                                     # 5 January: through 5 February
        self.assertEqual(self.level(till, "2026-02-05T23:59:59.999Z"), ("gold", "2026-01-05T12:00:00Z"))
        self.assertEqual(self.level(till, "2026-02-06T00:00:00Z"), ("basic", "2026-02-06T00:00:00Z"))
        till.buy("2", "50.00", now="2026-02-05T12:00:00Z")
        self.assertEqual(self.level(till, "2026-02-06T00:00:00Z")[0], "gold")
        self.assertEqual(self.level(till, "2026-03-06T00:00:00Z")[0], "basic")

    def test_grace_ends_or_is_used(self):
        till = self.club(grace="P3D")
        till.buy("1", "100.00")
        self.assertTrue(till.do("show", now="2026-02-08T12:00:00Z")["tier"]["grace"])
        self.assertEqual(self.level(till, "2026-02-09T00:00:00Z")[0], "basic")
        answer = till.buy("2", "50.00", now="2026-02-08T12:00:00Z")
        self.assertEqual((answer["tier"]["level"], answer["tier"]["grace"], answer["tier"]["until"]),
                         ("gold", False, "2026-03-06T00:00:00Z"))

    def test_a_continuous_review_falls_with_the_window(self):
        till = self.club(review="continuous")
        till.buy("1", "100.00")                                                     # counts through 4 February
        self.assertEqual(self.level(till, "2026-02-04T23:59:59Z")[0], "gold")
        self.assertEqual(self.level(till, "2026-02-05T00:00:00Z"), ("basic", "2026-02-05T00:00:00Z"))

    def test_reset_and_excess(self):
        levels = CLUB["tiers"]["levels"]
        for promotion, counts in (("keep", "130.00"), ("reset", "0.00"), ("excess", "30.00")):
            till = self.club(on_promotion=promotion, levels=levels)
            self.assertEqual(till.buy("1", "130.00")["tier"]["measures"], {"spend": counts})

    def test_at_once_undoes_and_takes_back(self):
        levels = copy.deepcopy(CLUB["tiers"]["levels"])
        levels[1]["entry"] = {"gives": {"star": 7}, "on_return": "take_back"}
        till = self.club(on_return="at_once", levels=levels)
        self.assertEqual(till.buy("1", "100.00")["granted"][0]["amount"], 7)
        self.assertEqual(till.have(), 107)
        answer = till.do("return", of="1", amount="0.01")
        self.assertEqual((answer["tier"]["level"], answer["tier"]["since"]), ("basic", "2026-01-05T12:00:00Z"))
        self.assertEqual((till.have(), answer["withdrawn"]), (99, {"star": 7}))
        self.assertEqual(len(till.buy("2", "0.01")["granted"]), 1)                  # it may be given again
        till = self.club(levels=levels)
        till.buy("1", "100.00")
        self.assertEqual(till.do("return", of="1", all=True)["tier"]["level"], "gold")

    def test_a_hold_ends_and_the_points_are_forfeited(self):
        levels = copy.deepcopy(CLUB["tiers"]["levels"])
        levels[2].update(by={"fee": {"valid": "P7D"}}, forfeits=["star"])
        till = self.club(levels=levels)
        till.buy("1", "10.00")
        self.assertEqual(till.do("action", action="fee")["tier"]["until"], "2026-01-13T00:00:00Z")
        self.assertEqual(till.do("action", action="fee")["tier"]["last_day"], "2026-01-19")
        self.assertEqual((till.have(now="2026-01-19T12:00:00Z"), till.have(now="2026-01-20T00:00:00Z")), (10, 0))
        self.assertEqual(self.level(till, "2026-01-20T00:00:00Z"), ("basic", "2026-01-20T00:00:00Z"))

    def test_a_decision_has_its_limits(self):
        till = self.club(operators=["boss"])
        decide = {"level": "gold", "reason": "fair"}
        self.assertEqual(code(till.do("tier.set", operator="anna", **decide)), "not_allowed")
        self.assertEqual(code(till.do("tier.set", operator="boss", until="2026-01-04", **decide)), "too_late")
        self.assertEqual(code(till.do("tier.set", operator="boss", release=True, **decide)), "not_allowed")
        self.assertTrue(till.do("tier.set", operator="boss", **decide)["tier"]["changed"])
        self.assertEqual(code(till.do("tier.set", operator="boss", **decide)), "not_allowed")

    def test_benefits_run_out(self):
        till = Till(CLUB, benefits=[{"id": "tea", "quota": {"times": {"basic": 1, "gold": 2}, "every": "week"}, "seats": 2},
                                    {"id": "box", "min_tier": "gold"}])
        self.assertEqual(till.do("benefit.use", benefit="tea")["left"], 0)
        self.assertEqual(code(till.do("benefit.use", benefit="tea")), "quota_used")
        self.assertEqual(code(till.do("benefit.use", benefit="box")), "tier_too_low")
        first = till.do("benefit.use", benefit="tea", ref="mine", now="2026-01-12T12:00:00Z")
        self.assertEqual(first["seats"], 0)
        self.assertEqual(code(till.do("benefit.use", benefit="tea", now="2026-01-19T12:00:00Z")), "seats_gone")
        till.do("void", of="mine", now="2026-01-19T12:00:00Z")
        self.assertEqual(till.do("benefit.use", benefit="tea", now="2026-01-19T12:00:00Z")["seats"], 0)

    def test_step_by_step_is_from_scratch(self):
        """What has counted does not depend on somebody having looked."""
        rng = random.Random(5)
        document = generate.random_programme(rng)
        while "tiers" not in document:
            document = generate.random_programme(rng)
        generator = generate.Generator(rng, document)
        for _ in range(120):
            generator.step()
        looked = Model(document)
        for request in touched(random.Random(1), generator.requests):
            looked.execute(request)
        end = max(looked.records[-1].time, generator.model.records[-1].time)
        self.assertEqual(final_state(looked, end), final_state(generator.model, end))


if __name__ == "__main__":
    unittest.main()
