#!/usr/bin/env python3
"""A day in a shop, played: tills as processes that sell, take back, void and exchange;
that lose the ledger for hours and spool; whose clocks are wrong, whose disk is full; that
are killed, with or without their coprocess, and say everything twice now and then. In the
middle the machine with the ledger crashes, and goes on from what was on its disk.

In the evening the tills' own journals, `reconcile`, `report tills` and the ledger must
say the same to the point, no sale counts twice, and all proofs hold."""
import argparse
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from script import DAY, HOURS, MAPPING, PROGRAMME, STORE, Day, moment

HERE = os.path.dirname(os.path.abspath(__file__))
CRASH = (2, 6)  # in the middle of what this till does in this hour
FULL = (0, 1)   # this till and place within its hours offline: then its disk is full


class Failed(Exception):
    pass


def expect(condition, *what):
    if not condition:
        raise Failed(" ".join(str(word) for word in what)[:4000])


def first_difference(here, there):
    return [(key, here.get(key), there.get(key)) for key in sorted(set(here) | set(there))
            if here.get(key) != there.get(key)][:5]


class Shop:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.loyalty = os.path.abspath(options.loyalty)
        self.day = Day(options.seed, options.tills, options.sales)
        self.db = self.path("shop.db")
        self.standing = threading.Lock()  # held while the machine is down
        self.processes = [None] * options.tills
        self.kills, self.failure = 0, None
        self.anchor = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def run(self, *words, status=(0,), text=None):
        done = subprocess.run([self.loyalty, "--db", self.db, "--json", *words], input=text, text=True,
                              capture_output=True, timeout=900, check=False)
        expect(done.returncode in status, words, "exit status", done.returncode, done.stdout, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    # --- Morning -----------------------------------------------------------------------

    def open(self):
        self.run("init", "--test", "--programme", self.write("day.json", json.dumps(PROGRAMME)))
        known = [card for card in self.day.cards if card not in self.day.enrolled_at]
        self.run("batch", text="".join(
            json.dumps({"op": "member.add", "identifiers": [f"card:{card}"], "now": moment(-600)}) + "\n"
            for card in known))
        probe = self.run("batch", text='{"op":"exchange"}\n', status=(2, 3))[0]["error"]
        exchange = "op" != probe.get("field")
        for till in range(self.options.tills):
            name = f"T{till:02}"
            self.write(f"{name}.json", json.dumps({
                "name": name, "store": STORE, "day": DAY, "loyalty": self.loyalty, "db": self.db,
                "seed": self.options.seed, "deaths": self.options.deaths,
                "single": till % 4 == 3, "exchange": exchange, "hours": self.day.hours[till],
                "journal": self.path(f"{name}.journal"), "spool": self.path(f"{name}.spool")}))

    def start(self, till):
        self.processes[till] = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "till.py"), self.path(f"T{till:02}.json")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)

    # --- The day -----------------------------------------------------------------------

    def command(self, till, hour):
        if hour == "close":
            return {"hour": hour, "now": moment(HOURS * 3600 + 60 * till), "db": self.db}
        offline = self.day.offline[till]
        full = till == FULL[0] and hour in offline and offline.index(hour) == FULL[1]
        return {"hour": hour, "now": moment(hour * 3600), "db": self.db, "offline": hour in offline,
                "full": full, "crash": (till, hour) == CRASH and self.anchor is None}

    def drive(self, till, hour):
        """Through one hour, as often as it takes."""
        while True:
            with self.standing:
                if self.processes[till] is None or self.processes[till].poll() is not None:
                    self.start(till)
                process, command = self.processes[till], self.command(till, hour)
            try:
                process.stdin.write(json.dumps(command) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except BrokenPipeError:
                line = ""
            if line.endswith("\n") and "crash" in json.loads(line):
                self.crash()
            elif line.endswith("\n"):
                return
            status = process.wait()
            expect(status == -signal.SIGKILL, f"till {till}, hour {hour}: exit status", status)
            self.kills += 1

    def guarded(self, till, hour):
        try:
            self.drive(till, hour)
        except Exception as failure:  # of a thread: told by the main one
            self.failure = self.failure or failure

    def crash(self):
        """Everything at once; what is on the disk is all there is."""
        with self.standing:
            for process in filter(None, self.processes):
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
            for process in filter(None, self.processes):
                process.wait()
            time.sleep(0.1)  # their coprocesses have the same end
            after = self.path("after.db")
            for ending in ("", "-wal", ".key"):
                if os.path.exists(self.db + ending):
                    shutil.copy(self.db + ending, after + ending)
            self.anchor = self.newest_note()
            self.db = after

    def newest_note(self):
        """The newest checkpoint that any till was answered with."""
        notes = [answer["note"] for journal in self.journals() for answer in journal.answers if "note" in answer]
        return max(notes, key=lambda note: int(note.split("\n")[1]), default=None)

    def play(self):
        for hour in [*range(HOURS), "close"]:
            threads = [threading.Thread(target=self.guarded, args=(till, hour))
                       for till in range(self.options.tills)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if self.failure is not None:
                raise self.failure
        for process in self.processes:
            process.stdin.close()
            process.wait()

    # --- The evening ---------------------------------------------------------------------

    def journals(self):
        return [Journal(self.path(f"T{till:02}.journal")) for till in range(self.options.tills)
                if os.path.exists(self.path(f"T{till:02}.journal"))]

    def write_sales(self, journals):
        """What the retailer has, and nothing that the ledger said."""
        owners = {request["receipt"]: request["member"] for journal in journals
                  for request in journal.requests if request["op"] == "claim"}
        voided = {request["of"] for journal in journals for request in journal.requests if request["op"] == "void"}
        rows = 0
        with open(self.path("sales.csv"), "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["number", "store", "till", "time", "card", "amount"])
            for sale in (request for journal in journals for request in journal.requests
                         if request["op"] == "purchase"):
                identity = f"{sale['store']}/{sale['till']}/{sale['receipt']}"
                if identity in voided:
                    continue
                card = (owners.get(identity) or sale.get("member") or "").removeprefix("card:")
                out.writerow([sale["receipt"], sale["store"], sale["till"], sale["at"], card, sale["amount"]])
                rows += 1
        return rows

    def check_tills(self):
        rows = self.run("report", "tills", "--as-of", DAY, "--from", DAY, "--until", DAY)[0]["rows"]
        expect(len(rows) == self.options.tills, "tills:", rows)
        late = 0
        for till, row in enumerate(rows):
            count, pence = self.day.sold_by(till)
            expect((row["count"], row["said_count"], row["difference_count"]) == (count, count, 0), row, count)
            expect(int(row["sum"].replace(".", "")) == pence and row["difference_sum"] == "0.00", row, pence)
            expect(not row["silent"], row)
            late += row["late"]
        expect(late > 0, "no till closed before its sales were there")

    def check_reconciled(self, sales):
        mapping = self.write("mapping.json", json.dumps(MAPPING))
        found = self.run("reconcile", self.path("sales.csv"), "--mapping", mapping, status=(0, 5))
        expect(len(found) == 1, "found:", found[:5])
        expect(found[0]["equal"] == found[0]["receipts"] == sales, found[0], sales)

    def check_points(self, journals):
        redeemed = {}
        for journal in journals:
            for name, request in journal.by_id.items():
                if request["op"] == "redeem" and "code" not in journal.answered[name]:
                    card = request["member"].removeprefix("card:")
                    redeemed[card] = redeemed.get(card, 0) + request["points"]
        answers = self.run("batch", text="".join(
            json.dumps({"op": "show", "member": f"card:{card}", "now": moment(HOURS * 3600 + 7200)}) + "\n"
            for card in self.day.cards))
        has = {card: answer["balances"]["point"]["available"] for card, answer in zip(self.day.cards, answers)}
        due = self.day.points(redeemed)
        expect(has == due, "points (card, has, due):", first_difference(has, due))
        return sum(has.values()), sum(redeemed.values())

    def check_records(self):
        """Each sale is one record, and what points there are came from the records."""
        lines = self.run("export")
        heads = [json.loads(line["head"]) for line in lines if "head" in line]
        receipts = [head["receipt"] for head in heads if head["op"] == "purchase"]
        expect(len(receipts) == len(set(receipts)) == len(self.day.sales), len(receipts), "records of",
               len(self.day.sales), "sales")
        return {kind: sum(head["op"] == kind for head in heads) for kind in {head["op"] for head in heads}}

    def check_journals(self, journals):
        """Everything was answered, and only spending may have been refused."""
        for journal in journals:
            expect(set(journal.by_id) <= set(journal.answered), "unanswered:",
                   sorted(set(journal.by_id) - set(journal.answered))[:5])
            refused = {name: answer for name, answer in journal.answered.items()
                       if "code" in answer and not name.startswith(("redeem", "disk-full"))}
            expect(not refused, "refused:", refused)

    def evening(self):
        journals = self.journals()
        self.check_journals(journals)
        self.check_tills()
        sales = self.write_sales(journals)
        self.check_reconciled(sales)
        points, redeemed = self.check_points(journals)
        kinds = self.check_records()
        self.run("verify", "--all-signatures", "--anchor", self.write("anchor", self.anchor))
        self.run("audit")
        expect(self.run("rebuild")[0]["equal"], "rebuilt tables differ")
        self.happened(journals, kinds)
        return (f"{sales} sales stand, {points} points in members' hands, {redeemed} spent; {self.kills} tills "
                f"killed; {sum(journal.repeated for journal in journals)} repeated")

    def happened(self, journals, kinds):
        """A day on which nothing went wrong shows nothing."""
        expect(self.db.endswith("after.db"), "the machine did not crash")
        wanted = {"purchase", "return", "return.held", "void", "claim", "redeem", "till.close", "member.add"}
        expect(wanted <= set(kinds), "did not happen:", wanted - set(kinds))
        expect(self.kills > self.options.tills, "killed only:", self.kills)
        expect(any(journal.disk_full for journal in journals), "no disk was full")
        expect(any(journal.spooled for journal in journals), "nobody was offline")
        expect(sum(journal.repeated for journal in journals) > 0, "nothing was said twice")


class Journal:
    """A till's own, read by somebody else."""

    def __init__(self, path):
        self.by_id, self.answered, self.spooled, self.repeated, self.disk_full = {}, {}, 0, 0, False
        with open(path, encoding="utf-8") as file:
            for line in file:
                if not line.endswith("\n"):
                    break
                entry = json.loads(line)
                if "request" in entry:
                    self.by_id[entry["id"]] = entry["request"]
                elif "woke" in entry:
                    continue
                elif "spooled" in entry:
                    self.spooled += 1
                else:
                    self.answered[entry["done"]] = entry["answer"]
                    self.repeated += "repeated" in entry["answer"]
                    self.disk_full |= entry["done"] == "disk-full"

    @property
    def answers(self):
        return self.answered.values()

    @property
    def requests(self):
        for request in self.by_id.values():
            yield from ([request["return"], request["purchase"]] if request["op"] == "exchange" else [request])


def main():
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("--loyalty", required=True)
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--tills", type=int, default=5)
    read.add_argument("--sales", type=int, default=500)
    read.add_argument("--deaths", type=float, default=0.01, help="of a till or its coprocess, at each step")
    read.add_argument("--keep", action="store_true", help="keep the folder")
    options = read.parse_args()
    folder = tempfile.mkdtemp(prefix="loyalty-day-")
    os.environ["LOYALTY_STATE"] = os.path.join(folder, "state")
    shop = Shop(options, folder)
    try:
        shop.open()
        shop.play()
        print(f"seed {options.seed}: {shop.evening()}")
    except (Failed, subprocess.TimeoutExpired) as failure:
        options.keep = True
        print(f"seed {options.seed}: FAILED: {failure}\n  kept: {folder}\n  again: {' '.join(sys.argv)}")
        return 1
    finally:
        for process in shop.processes:
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
