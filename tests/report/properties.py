#!/usr/bin/env python3
"""What must hold between reports, on ledgers made by chance and on real receipts.

    properties.py LOYALTY --seed 7        a random ledger, some hundred operations
    properties.py LOYALTY --retail LINES  the first lines of Online Retail

Checked: the liability is the sum of the wallets' balances, by what is pending and
reserved; roll-forwards chain and end in the liability of each month; the breakage's
open points are the liability's; trial balances are zero, and nothing is on the way
between wallets; periods chain, and close with what
the log had posted by then; statements chain and add up to the liability; what was known then is
byte for byte the same later, and before and after a sweep; a closed month stays as it
was closed; hledger accepts the journal, if it is installed."""
import argparse, json, lzma, os, random, shutil, subprocess, sys, tempfile
from datetime import datetime, timedelta
from decimal import Decimal

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMME = {
    "loyalty": 1, "id": "shop", "timezone": "Asia/Shanghai", "currency": "GBP",
    "receipts": {"late": "P60D"}, "returns": {"window": "P10D"},
    "reservations": {"timeout": "PT5H", "longest": "P40D"}, "households": {"most": 4},
    "members": {"unknown": "hold"}, "claims": {"code": "optional", "within": "P90D"},
    "points": {"point": {"expires": {"after": "P2M", "at": "end_of_month"}, "value": "0.0125", "breakage": "0.15",
                         "pending": {"for": "P3D"}, "transfer": {}, "tender": {"value": "0.01"}},
               "day": {"expires": {"after": "P9D"}, "scale": 2}, "level": {"spendable": False},
               "idle": {"expires": {"inactive": "P12D"}, "transfer": {"expires": "anew"}},
               "wait": {"expires": {"after": "P20D", "inactive": "P15D"}, "pending": {"until": "activate"}},
               "window": {"expires": {"after": "P1M", "from": "earned"}, "pending": {"until": "return_window"}}},
    "earn": [{"id": "base", "per": "1.00", "rounding": "carry",
              "gives": {"point": 1, "day": "0.25", "level": 1, "idle": "0.5", "wait": "0.3", "window": 2}}]}


def fail(what):
    sys.exit("FAILED: " + what)


def expect(what, wanted, got):
    if wanted != got:
        fail("%s: expected %s, got %s" % (what, wanted, got))


class Shop:
    def __init__(self, command, folder):
        self.command, self.folder, self.now = command, folder, None

    def text(self, *arguments, status=0, feed=None):
        clock = ["--now", self.now] if self.now else []
        run = subprocess.run([self.command, "--db", self.folder + "/l.db"] + clock + list(arguments),
                             input=feed, capture_output=True, text=True, check=False)
        if run.returncode != status and status is not None:
            fail("%s: %s%s" % (" ".join(arguments), run.stdout, run.stderr))
        return run.stdout

    def ask(self, *arguments):
        return json.loads(self.text("--json", *arguments), parse_float=Decimal)

    def report(self, name, *arguments):
        return self.ask("report", name, *arguments)


def totals(report, field):
    return {row["currency"]: Decimal(row[field]) for row in report["totals"]}


def members_of(shop):
    members, after = [], []
    while True:
        page = shop.ask("member", "list", "--limit", "1000", *after)
        members += [member["member"] for member in page["members"]]
        if page["next"] is None:
            return members
        after = ["--after", page["next"]]


def sharing(shop, households):
    """Whose wallet it is: by member, the first of those who share it."""
    first = {}
    for household in households:
        request = json.dumps({"op": "household.show", "household": household, **({"now": shop.now} if shop.now else {})})
        answer = json.loads(shop.text("batch", feed=request + "\n", status=None))
        first.update({member: sorted(answer["members"])[0] for member in answer.get("members", [])})
    return first


def balances(shop, members, households, column=None):
    """By currency, over all wallets, at the shop's clock; of one account, or of all."""
    sums, seen, first = {}, set(), sharing(shop, households)
    requests = "".join(json.dumps({"op": "show", "member": member, **({"now": shop.now} if shop.now else {})}) + "\n"
                       for member in members)
    for line in shop.text("batch", feed=requests).splitlines():
        answer = json.loads(line, parse_float=Decimal)
        whose = first.get(answer["member"], answer["member"])
        if whose in seen:
            continue
        seen.add(whose)
        for currency, has in answer["balances"].items():
            amount = has[column] if column else has["available"] + has["pending"] + has["reserved"]
            sums[currency] = sums.get(currency, 0) + Decimal(amount)
    return sums


def check_rollforward(shop, first, last, more=()):
    rows = shop.report("rollforward", "--from", first, "--until", last, *more)["rows"]
    closing = {}
    for row in rows:
        change = sum(Decimal(value) for name, value in row.items()
                     if name not in ("currency", "period", "opening", "closing", "late"))
        expect("%s %s adds up" % (row["currency"], row["period"]), row["closing"], row["opening"] + change)
        if row["currency"] in closing:
            expect("%s %s chains" % (row["currency"], row["period"]), closing[row["currency"]], row["opening"])
        closing[row["currency"]] = row["closing"]
    return rows


def check_period(shop, first, last):
    """Months between signed states: each closing is the next opening, and what the log has posted by then."""
    said = {}
    for row in shop.report("period", "--from", first, "--until", last, "--as-of", "2040-01-01")["rows"]:
        said.setdefault((row["period"], row["currency"]), {})[row["line"]] = row
    ends = {}
    for (period, currency), lines in said.items():
        what = "period %s %s" % (period, currency)
        changes = sum(row["amount"] for line, row in lines.items() if line not in ("opening", "closing"))
        expect(what, lines["closing"]["amount"], lines["opening"]["amount"] + changes)
        opening, closing = ([lines[name][of] for of in ("amount", "records", "time", "root")] for name in ("opening", "closing"))
        expect(what + " chains", ends.get(currency, opening), opening)
        ends[currency] = closing
    for size in {row["closing"]["records"] for row in said.values()} - {0}:
        trial, wallets = shop.report("trial-balance", "--known-at", str(size)), {}
        for row in trial["rows"]:
            if row["account"] in ("available", "pending", "reserved", "debt"):
                wallets[row["currency"]] = wallets.get(row["currency"], 0) + row["recorded"]
        for (period, currency), lines in said.items():
            if lines["closing"]["records"] == size and currency in wallets:
                expect("period %s and trial balance" % period, wallets[currency], lines["closing"]["amount"])


def check_sums(shop, as_of):
    """Reports of one day against each other."""
    day = ["--as-of", as_of]
    liability = shop.report("liability", *day)
    for column in ("available", "pending", "reserved", "debt", "total", "value", "expected"):
        for currency, total in totals({"totals": [t for t in liability["totals"] if t[column] is not None]}, column).items():
            rows = [Decimal(row[column]) for row in liability["rows"]
                    if row["currency"] == currency and row[column] is not None]
            expect("rows of %s %s" % (currency, column), total, sum(rows))
    trial = shop.report("trial-balance", *day)
    expect("trial balance", {0}, set(totals(trial, "recorded").values()) | set(totals(trial, "as_of").values()))
    wallets = {}
    for row in trial["rows"]:
        if row["account"] == "moved":
            expect("on the way", (0, 0), (row["recorded"], row["as_of"]))
        if row["account"] in ("available", "pending", "reserved", "debt"):
            wallets[row["currency"]] = wallets.get(row["currency"], 0) + row["as_of"]
    expect("liability and trial balance", totals(liability, "total"), wallets)
    for row in liability["rows"]:
        if min(row["available"], row["pending"], row["reserved"]) < 0 or row["debt"] > 0:
            fail("as of %s less than nothing is there: %s" % (as_of, row))
    breakage = shop.report("breakage", *day)
    debts = totals(liability, "debt")
    expect("liability and breakage", {c: t - debts[c] for c, t in totals(liability, "total").items()},
           totals(breakage, "open"))
    for row in breakage["rows"]:
        fates = sum(row[f] for f in ("redeemed", "expired", "returned", "adjusted", "settled", "given", "open"))
        expect("fates of %s" % row["issued_in"], row["issued"], fates)
    return totals(liability, "total")


def check_statements(shop, members, households, months, as_of):
    """Each chains; in the end those of all wallets add up to the liability."""
    sums, seen, first = {}, set(), sharing(shop, households)
    for member in members:
        closing = {}
        for month in months:
            answer = shop.ask("statement", "--member", member, "--month", month, "--as-of", as_of)
            for own in answer["balances"]:
                name = own["currency"]
                expect("%s of %s chains" % (name, month), closing.get(name, own["opening"]), own["opening"])
                expect("%s of %s adds up" % (name, month), own["closing"],
                       own["opening"] + sum(m["points"] for m in own["movements"]))
                closing[name] = own["closing"]
        expect("accounts of " + member, [own["closing"] for own in answer["balances"]],
               [own["available"] + own["pending"] + own["reserved"] for own in answer["balances"]])
        whose = first.get(member, member)
        for name, value in closing.items():
            sums[name] = sums.get(name, 0) + (value if whose not in seen else 0)
        seen.add(whose)
    return sums


def check_hledger(shop, *arguments):
    if shutil.which("hledger") is None:
        return
    journal = shop.folder + "/journal"
    with open(journal, "w", encoding="utf-8") as file:
        file.write(shop.text("export", "--format", "hledger", *arguments))
    run = subprocess.run(["hledger", "-f", journal, "check", "--strict", "ordereddates"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        fail("hledger: " + run.stderr)


class Chance:
    """Operations of a year, one after the other, some of them late or refused."""

    def __init__(self, seed, shop):
        self.can = {op for op in ("activate", "transfer", "household.create", "capture", "close")
                    if "missing_field" in shop.text("batch", feed='{"op": "%s"}\n' % op, status=None)}
        self.random, self.receipts, self.redeems, self.count = random.Random(seed), [], [], 0
        self.reservations, self.households, self.lapsing, self.keys = [], [], 0, []
        self.clock = datetime(2026, 1, 3, 9, 13, 7)

    def next(self):
        dice, self.count = self.random, self.count + 1
        self.clock += timedelta(minutes=dice.choice([1, 30, 600, 3000, 9000]))
        now = self.clock.strftime("%Y-%m-%dT%H:%M:%SZ")
        ref, member = "K%d" % self.count, "card:%d" % dice.randint(1, 8)
        kind = dice.choice(["purchase"] * 7 + ["redeem", "redeem", "cancel", "return", "return", "adjust", "reserve",
                                               "reserve", "resolve", "resolve", "extend", "activate", "transfer", "share",
                                               "nobody", "claim", "reassign", "reassign", "void", "void", "void"])
        if kind in ("activate", "transfer", "share") and {"share": "household.create"}.get(kind, kind) not in self.can:
            kind = "purchase"
        own = {"ref": ref, "now": now}
        self.keys.append(ref)
        if kind == "purchase" or not self.receipts:
            self.receipts.append(ref)
            at = self.clock - timedelta(days=dice.choice([0, 0, 0, 1, 20, 59]))
            at += timedelta(minutes=dice.choice([0, 0, 0, 4]) if at == self.clock else 0)
            pays = {"points": dice.randint(1, 30), "ref": ref} if dice.random() < 0.2 else {}
            return {"op": "purchase", "member": member, "enrol": True, "receipt": ref, "now": now, **pays,
                    "amount": "%d.%02d" % (dice.randint(0, 90), dice.randint(0, 99)),
                    "at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if kind == "nobody":
            self.receipts.append(ref)
            return {"op": "purchase", "receipt": ref, "amount": "%d.%02d" % (dice.randint(0, 90), dice.randint(0, 99)),
                    **dice.choice([{}, {"member": "card:%d" % dice.randint(1, 12)}]), **own}
        if kind == "claim":
            return {"op": "claim", "receipt": dice.choice(self.receipts[-9:]), "member": member, **own}
        if kind == "reassign":
            return {"op": "reassign", "of": dice.choice(self.receipts[-9:]), "to": member, "reason": "wrong card", **own}
        if kind == "void":
            return {"op": "void", "of": dice.choice(self.keys[-14:]), **own}
        if kind in ("redeem", "reserve"):
            (self.redeems if kind == "redeem" else self.reservations).append(ref)
            request = {"op": kind, "member": member, "points": dice.randint(1, 60), **own,
                       "points_of": dice.choice(["point", "point", "day", "idle", "wait", "window"])}
            if kind == "reserve":
                request["timeout"] = dice.choice(["PT2H", "P2D", "P40D"])
            return request
        if kind == "cancel" and self.redeems:
            return {"op": "cancel", "of": dice.choice(self.redeems[-8:]), **own}
        if kind in ("resolve", "extend") and self.reservations:
            of = dice.choice(self.reservations[-6:])
            if kind == "extend":
                return {"op": "reserve.extend", "of": of, **own, "timeout": dice.choice(["P1D", "P20D"])}
            self.redeems.append(ref)
            return {**dice.choice([{"op": "capture"}, {"op": "capture", "points": dice.randint(1, 20)},
                                   {"op": "release"}]), "of": of, **own}
        if kind == "return":
            back = self.clock - timedelta(days=dice.choice([0, 0, 3, 30]))
            request = {"op": "return", "of": dice.choice(self.receipts[-12:]), **own,
                       "at": back.strftime("%Y-%m-%dT%H:%M:%SZ")}
            return {**request, **dice.choice([{"all": True}, {"amount": "%d.00" % dice.randint(1, 40)}])}
        if kind == "activate":
            return {"op": "activate", **dice.choice([{"member": member}, {"of": dice.choice(self.receipts[-9:])}]), **own}
        if kind == "transfer":
            return {"op": "transfer", "member": member, "to": "card:%d" % dice.randint(1, 8), **own,
                    "points": dice.randint(1, 30), "points_of": dice.choice(["point", "idle"])}
        if kind == "share":
            return {**self.share(dice, member), **own}
        return {"op": "adjust", "member": member, "reason": "goodwill", **own,
                "points": dice.choice([-20, -3, 5, 40]), "points_of": dice.choice(["point", "level", "idle"])}

    def share(self, dice, member):
        if dice.random() < 0.1:
            return {"op": "member.merge", "member": member, "into": "card:%d" % dice.randint(1, 8)}
        if self.households and dice.random() < 0.6:
            return {"op": "household.join", "member": member, "household": dice.choice(self.households)}
        return {"op": dice.choice(["household.create", "household.leave"]), "member": member}

    def learn(self, answers):
        """Which households there are: their ids are drawn by chance."""
        for line in answers.splitlines():
            answer = json.loads(line)
            if answer.get("op") == "household.create" and answer["ok"]:
                self.households.append(answer["household"])


def questions(shop, size, as_of):
    """What somebody wrote down when so much was known."""
    same = ["--known-at", str(size), "--as-of", as_of]
    asked = [["report", name] + same for name in ("liability", "breakage", "trial-balance")]
    asked += [["report", "liability", "--format", "csv"] + same, ["report", "liability", "--format", "table"] + same,
              ["report", "rollforward", "--from", "2026-01", "--until", as_of[:7]] + same,
              ["export", "--format", "hledger", "--known-at", str(size)]]
    for member in members_of(shop)[:3]:
        asked += [["statement", "--member", member, "--month", as_of[:7], "--format", how] + same
                  for how in ("json", "csv", "table")]
    return {tuple(question): shop.text(*question, status=None) for question in asked}


def without_size(said):
    """What a report says but for the records that it knows, and what is recorded."""
    answer = json.loads(said)
    answer.pop("known_at", None)
    for row in answer.get("rows", []):
        row.pop("recorded", None)
    return answer


def sweep(shop, days, months):
    """A sweep adds records, and changes nothing that is said."""
    asked = [["report", name, "--as-of", day] for name in ("liability", "breakage", "trial-balance") for day in days]
    asked += [["report", "rollforward", "--from", months[0], "--until", months[-1], "--as-of", days[-1]]]
    asked += [["statement", "--member", "card:%d" % i, "--month", months[-1], "--as-of", days[-1]] for i in (1, 2, 3)]
    before = [shop.text("--json", *question, status=None) for question in asked]
    records = shop.ask("sweep")["records"]
    for question, said in zip(asked, before):
        expect("after the sweep, " + " ".join(question), without_size(said),
               without_size(shop.text("--json", *question, status=None)))
    return records


def day_after(day, days):
    return (datetime.strptime(day, "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def close(shop, month, kept):
    """What a closed month was is what it stays; *kept holds what was said of it."""
    request = json.dumps({"op": "close", "period": month, "now": shop.now})
    answer = json.loads(shop.text("batch", feed=request + "\n", status=None) or "{}")
    if answer.get("ok"):
        kept[month] = shop.report("rollforward", "--period", month)["rows"]


def by_chance(shop, seed):
    kept, closed, swept = {}, {}, 0
    with open(shop.folder + "/p.json", "w", encoding="utf-8") as file:
        json.dump(PROGRAMME, file)
    shop.text("init", "--programme", shop.folder + "/p.json", "--test")
    chance = Chance(seed, shop)
    for round in range(4):
        for _ in range(4):
            requests = "".join(json.dumps(chance.next()) + "\n" for _ in range(20))
            chance.learn(shop.text("batch", feed=requests, status=None))
        shop.now = chance.clock.strftime("%Y-%m-%dT%H:%M:%SZ")
        today = (chance.clock + timedelta(hours=8)).strftime("%Y-%m-%d")
        size = shop.ask("checkpoint")["size"]
        kept.update(questions(shop, size, today))
        for day in (today, day_after(today, -9), day_after(today, -31), day_after(today, 14)):
            check_sums(shop, day)
        check_hledger(shop)
        if round % 2 == 1:
            swept += sweep(shop, [day_after(today, n) for n in (-40, -5, 0, 3, 30)], ["2025-12", today[:7]])
        if round in (2, 4) and "close" in chance.can:
            close(shop, day_after(today[:7] + "-01", -1)[:7], closed)
    for question, said in kept.items():
        expect(" ".join(question), said, shop.text(*question, status=None))
    for month, said in closed.items():
        expect("closed " + month, said, shop.report("rollforward", "--period", month)["rows"])
    check_members(shop, chance, swept)


def check_members(shop, chance, swept):
    """Against what show says: in the last second of a day, and when it is over."""
    members = members_of(shop)
    day = (chance.clock + timedelta(days=1)).strftime("%Y-%m-%d")
    shop.now = day + "T15:59:59Z"
    liability = shop.report("liability", "--as-of", day)
    for column in ("pending", "reserved"):
        expect("members: " + column, balances(shop, members, chance.households, column), totals(liability, column))
    shop.now = day + "T16:00:00Z"
    total = check_sums(shop, day)
    expect("liability and members", balances(shop, members, chance.households), total)
    last = day[:7]
    for row in check_rollforward(shop, "2025-11", last, ["--as-of", day]):
        end = (datetime.strptime(row["period"] + "-28", "%Y-%m-%d") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        until = min(end.strftime("%Y-%m-%d"), day)
        expect("roll-forward and liability of " + until,
               totals(shop.report("liability", "--as-of", until), "total")[row["currency"]], row["closing"])
    months = sorted({row["period"] for row in check_rollforward(shop, "2025-11", last)})
    check_period(shop, "2025-11", last)
    expect("statements and liability", total, check_statements(shop, members, chance.households, months, day))
    shop.text("verify")
    shop.text("audit")
    print("%d records, %d members, %d records swept" % (shop.ask("checkpoint")["size"], len(members), swept))


def retail(shop, lines):
    path = SOURCE + "/data/online-retail.csv.xz"
    if not os.path.exists(path):
        sys.exit(77)
    with lzma.open(path, "rb") as packed, open(shop.folder + "/retail.csv", "wb") as file:
        for _ in range(lines):
            file.write(packed.readline())
    shop.text("init", "--programme", SOURCE + "/docs/examples/online-retail.json")
    shop.text("import", shop.folder + "/retail.csv", "--mapping", SOURCE + "/docs/examples/online-retail.mapping.json",
              "--history", status=None)
    for day in ("2010-12-15", "2010-12-31", "2011-06-30", "2012-12-31", "2013-01-31"):
        check_sums(shop, day)
    rows = check_rollforward(shop, "2010-11", "2013-03")
    check_period(shop, "2010-11", "2013-03")
    for row in rows[1::6]:
        day = (datetime.strptime(row["period"] + "-28", "%Y-%m-%d") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        expect("roll-forward and liability of %s" % day, row["closing"],
               totals(shop.report("liability", "--as-of", day.strftime("%Y-%m-%d")), "total")[row["currency"]])
    check_hledger(shop)
    print("%d records" % shop.ask("checkpoint")["size"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loyalty")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--retail", type=int)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="report-")
    os.environ["LOYALTY_STATE"] = os.path.join(folder, "state")
    try:
        shop = Shop(os.path.abspath(arguments.loyalty), folder)
        if arguments.retail:
            retail(shop, arguments.retail)
        else:
            by_chance(shop, arguments.seed or 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
