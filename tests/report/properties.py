#!/usr/bin/env python3
"""What must hold between reports, on ledgers made by chance and on real receipts.

    properties.py LOYALTY --seed 7        a random ledger, some hundred operations
    properties.py LOYALTY --retail LINES  the first lines of Online Retail

Checked: the liability is the sum of the members' balances; roll-forwards chain and
end in the liability of each month; the breakage's open points are the liability's;
trial balances are zero; statements chain and add up to the liability; what was
known then is byte for byte the same later; hledger accepts the journal, if it is
installed."""
import argparse, json, lzma, os, random, shutil, subprocess, sys, tempfile
from datetime import datetime, timedelta
from decimal import Decimal

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMME = {
    "loyalty": 1, "id": "shop", "timezone": "Asia/Shanghai", "currency": "GBP",
    "receipts": {"late": "P60D"},
    "points": {"point": {"expires": {"after": "P2M", "at": "end_of_month"}, "value": "0.0125", "breakage": "0.15"},
               "day": {"expires": {"after": "P9D"}, "scale": 2}, "level": {"spendable": False}},
    "earn": [{"id": "base", "per": "1.00", "gives": {"point": 1, "day": "0.25", "level": 1}, "rounding": "carry"}]}


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


def balances(shop):
    """By currency, over all members, at the shop's clock."""
    sums, after, members = {}, [], []
    while True:
        page = shop.ask("member", "list", "--limit", "1000", *after)
        members += [member["member"] for member in page["members"]]
        if page["next"] is None:
            break
        after = ["--after", page["next"]]
    requests = "".join(json.dumps({"op": "show", "member": member, **({"now": shop.now} if shop.now else {})}) + "\n"
                       for member in members)
    for line in shop.text("batch", feed=requests).splitlines():
        for currency, has in json.loads(line, parse_float=Decimal)["balances"].items():
            sums[currency] = sums.get(currency, 0) + Decimal(sum(has.values()))
    return sums, members


def check_rollforward(shop, first, last, more=()):
    rows = shop.report("rollforward", "--from", first, "--until", last, *more)["rows"]
    closing = {}
    for row in rows:
        change = sum(Decimal(value) for name, value in row.items()
                     if name not in ("currency", "period", "opening", "closing"))
        expect("%s %s adds up" % (row["currency"], row["period"]), row["closing"], row["opening"] + change)
        if row["currency"] in closing:
            expect("%s %s chains" % (row["currency"], row["period"]), closing[row["currency"]], row["opening"])
        closing[row["currency"]] = row["closing"]
    return rows


def check_sums(shop, as_of):
    """Reports of one day against each other."""
    day = ["--as-of", as_of]
    liability = shop.report("liability", *day)
    for column in ("available", "debt", "total", "value", "expected"):
        for currency, total in totals({"totals": [t for t in liability["totals"] if t[column] is not None]}, column).items():
            rows = [Decimal(row[column]) for row in liability["rows"]
                    if row["currency"] == currency and row[column] is not None]
            expect("rows of %s %s" % (currency, column), total, sum(rows))
    trial = shop.report("trial-balance", *day)
    expect("trial balance", {0}, set(totals(trial, "recorded").values()) | set(totals(trial, "as_of").values()))
    wallets = {}
    for row in trial["rows"]:
        if row["account"] in ("available", "pending", "reserved", "debt"):
            wallets[row["currency"]] = wallets.get(row["currency"], 0) + row["as_of"]
    expect("liability and trial balance", totals(liability, "total"), wallets)
    breakage = shop.report("breakage", *day)
    debts = totals(liability, "debt")
    expect("liability and breakage", {c: t - debts[c] for c, t in totals(liability, "total").items()},
           totals(breakage, "open"))
    for row in breakage["rows"]:
        fates = sum(row[f] for f in ("redeemed", "expired", "returned", "adjusted", "settled", "open"))
        expect("fates of %s" % row["issued_in"], row["issued"], fates)
    return totals(liability, "total")


def check_statements(shop, members, months, as_of):
    """Each chains; in the end they add up to the liability."""
    sums = {}
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
        for name, value in closing.items():
            sums[name] = sums.get(name, 0) + value
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

    def __init__(self, seed):
        self.random, self.receipts, self.redeems, self.count = random.Random(seed), [], [], 0
        self.clock = datetime(2026, 1, 3, 9)

    def next(self):
        dice, self.count = self.random, self.count + 1
        self.clock += timedelta(minutes=dice.choice([1, 30, 600, 3000, 9000]))
        now = self.clock.strftime("%Y-%m-%dT%H:%M:%SZ")
        ref, member = "K%d" % self.count, "card:%d" % dice.randint(1, 6)
        kind = dice.choice(["purchase"] * 5 + ["redeem", "redeem", "cancel", "return", "return", "adjust"])
        if kind == "purchase" or not self.receipts:
            self.receipts.append(ref)
            at = self.clock - timedelta(days=dice.choice([0, 0, 0, 1, 20, 59]))
            at += timedelta(minutes=dice.choice([0, 0, 0, 4]) if at == self.clock else 0)
            return {"op": "purchase", "member": member, "enrol": True, "receipt": ref, "now": now,
                    "amount": "%d.%02d" % (dice.randint(0, 90), dice.randint(0, 99)),
                    "at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if kind == "redeem":
            self.redeems.append(ref)
            return {"op": "redeem", "member": member, "ref": ref, "points": dice.randint(1, 60), "now": now,
                    "points_of": dice.choice(["point", "point", "day"])}
        if kind == "cancel" and self.redeems:
            return {"op": "cancel", "of": dice.choice(self.redeems), "ref": ref, "now": now}
        if kind == "return":
            back = self.clock - timedelta(days=dice.choice([0, 0, 3, 30]))
            request = {"op": "return", "of": dice.choice(self.receipts[-12:]), "ref": ref, "now": now,
                       "at": back.strftime("%Y-%m-%dT%H:%M:%SZ")}
            return {**request, **dice.choice([{"all": True}, {"amount": "%d.00" % dice.randint(1, 40)}])}
        return {"op": "adjust", "member": member, "ref": ref, "reason": "goodwill", "now": now,
                "points": dice.choice([-20, -3, 5, 40]), "points_of": dice.choice(["point", "level"])}


def questions(shop, size, as_of):
    """What somebody wrote down when so much was known."""
    same = ["--known-at", str(size), "--as-of", as_of]
    asked = [["report", name] + same for name in ("liability", "breakage", "trial-balance")]
    asked += [["report", "liability", "--format", "csv"] + same, ["report", "liability", "--format", "table"] + same,
              ["report", "rollforward", "--from", "2026-01", "--until", as_of[:7]] + same,
              ["statement", "--member", "card:1", "--month", as_of[:7]] + same,
              ["export", "--format", "hledger", "--known-at", str(size)]]
    return {tuple(question): shop.text(*question, status=None) for question in asked}


def by_chance(shop, seed):
    chance, kept = Chance(seed), {}
    with open(shop.folder + "/p.json", "w", encoding="utf-8") as file:
        json.dump(PROGRAMME, file)
    shop.text("init", "--programme", shop.folder + "/p.json", "--test")
    for round in range(6):
        requests = "".join(json.dumps(chance.next()) + "\n" for _ in range(60))
        shop.text("batch", feed=requests, status=None)
        shop.now = chance.clock.strftime("%Y-%m-%dT%H:%M:%SZ")
        today = (chance.clock + timedelta(hours=8)).strftime("%Y-%m-%d")
        size = shop.ask("checkpoint")["size"]
        kept.update(questions(shop, size, today))
        check_sums(shop, today)
        check_hledger(shop)
    for question, said in kept.items():
        expect(" ".join(question), said, shop.text(*question, status=None))
    # The members' balances are those of the clock; the report's those of the day's end.
    shop.now = (chance.clock + timedelta(days=1)).strftime("%Y-%m-%dT15:59:59Z")
    sums, members = balances(shop)
    total = check_sums(shop, shop.now[:10])
    expect("liability and members", {c: v for c, v in sums.items()}, total)
    last = shop.now[:7]
    for row in check_rollforward(shop, "2025-11", last, ["--as-of", shop.now[:10]]):
        end = (datetime.strptime(row["period"] + "-28", "%Y-%m-%d") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        day = min(end.strftime("%Y-%m-%d"), shop.now[:10])
        expect("roll-forward and liability of " + day, totals(shop.report("liability", "--as-of", day), "total")[row["currency"]],
               row["closing"])
    months = sorted({row["period"] for row in check_rollforward(shop, "2025-11", last)})
    expect("statements and liability", total, check_statements(shop, members, months, shop.now[:10]))
    print("seed %d: %d records, %d members" % (seed, shop.ask("checkpoint")["size"], len(members)))


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
