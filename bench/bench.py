"""What things cost, as ratios against a baseline in the same run.

Absolute times say little on a shared machine; so ours and the baseline run one
after the other, again and again, each pair gives a ratio, and the median of the
ratios is what counts. bench/README.md says how to read the table.
"""
import collections
import json
import os
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
LOYALTY = os.path.join(BUILD, "cli", "loyalty")
WORK = os.path.join(BUILD, "bench-work")
RETAIL = os.path.join(HERE, "..", "data", "online-retail.csv.xz")
EXAMPLES = os.path.join(HERE, "..", "docs", "examples")
PROGRAMME = os.path.join(HERE, "programme.json")
MAPPING = os.path.join(HERE, "mapping.json")

Target = collections.namedtuple("Target", "now goal at_least unit", defaults=(False, "x"))
NO_TARGET = None


def work(name):
    return os.path.join(WORK, name)


class Failed(Exception):
    pass


def run(arguments, stdin=None):
    """Run a program to its end: (seconds, peak resident MiB, standard output)."""
    out = open(work("out"), "w+b")
    start = time.perf_counter()
    child = subprocess.Popen(arguments, stdin=stdin or subprocess.DEVNULL, stdout=out,
                             stderr=subprocess.STDOUT, cwd=WORK)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    out.seek(0)
    text = out.read().decode(errors="replace")
    out.close()
    if child.returncode != 0:
        raise Failed(f"{' '.join(arguments)}\nended with {child.returncode}:\n{text}")
    return seconds, usage.ru_maxrss / 1024, text


def remove(path):
    for ending in ("", "-wal", "-shm", "-journal", ".key", ".rejects.csv"):
        if os.path.exists(path + ending):
            os.remove(path + ending)


def copy_ledger(source, target):
    remove(target)
    shutil.copy(source, target)
    shutil.copy(source + ".key", target + ".key")


def new_ledger(path, programme=PROGRAMME):
    remove(path)
    run([LOYALTY, "--db", path, "init", "--programme", programme])
    return path


def shell(database, *commands):
    return run(["sqlite3", "-batch", "-bail", "-init", os.devnull, database, *commands])


# --- The table ---------------------------------------------------------------

ROW = "{:<34} {:>11} {:>11} {:>22}   {:>7} {:>7}  {}"


def tell_headings():
    print(ROW.format("what", "ours", "baseline", "ratio (min-max)", "now", "goal", ""))


def spelled(target, value):
    if target is None:
        return "", ""
    sign = "≥" if target.at_least else "≤"
    unit = target.unit
    return f"{sign} {target.now:g}{unit}", f"{sign} {target.goal:g}{unit}"


def verdict(target, value):
    if target is None:
        return ""
    for limit, word in ((target.goal, "goal reached"), (target.now, "ok")):
        if (value >= limit) if target.at_least else (value <= limit):
            return word
    return "MISSED"


def milliseconds(seconds):
    return f"{seconds * 1e3:.2f} ms" if seconds < 0.1 else f"{seconds:.3f} s"


def tell_ratio(what, pairs, target, ratio_of=lambda ours, baseline: ours / baseline):
    """Pairs of (ours, baseline) seconds, one of each round."""
    ratios = [ratio_of(*pair) for pair in pairs]
    value = statistics.median(ratios)
    now, goal = spelled(target, value)
    print(ROW.format(what, milliseconds(statistics.median(p[0] for p in pairs)),
                     milliseconds(statistics.median(p[1] for p in pairs)),
                     f"{value:.2f} ({min(ratios):.2f}-{max(ratios):.2f})", now, goal,
                     verdict(target, value)), flush=True)


MEMORY = Target(64, 64, unit=" MiB")


def tell_memory(what, mebibytes):
    now, goal = spelled(MEMORY, mebibytes)
    print(ROW.format(what, f"{mebibytes:.1f} MiB", "", "", now, goal, verdict(MEMORY, mebibytes)),
          flush=True)


def tell_skipped(what, why):
    print(f"{what:<34} skipped: {why}", flush=True)


# --- Receipts ----------------------------------------------------------------

def write_receipts(path, count, members):
    """One-line receipts of the last 300 days, in order of time."""
    chance = random.Random(count)
    end = int(time.time()) // 86400 * 86400
    with open(path, "w", encoding="ascii") as out:
        out.write("receipt,member,time,amount\n")
        for i in range(count):
            at = time.gmtime(end - 300 * 86400 * (count - i) // count)
            out.write(f"R{i:08d},{20000000 + chance.randrange(members)},"
                      f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', at)},"
                      f"{chance.randrange(50, 20000) / 100:.2f}\n")


def import_ours(ledger, path, mapping=MAPPING):
    return run([LOYALTY, "--json", "--db", ledger, "import", path, "--history", "--mapping", mapping])


BASELINE_TABLE = """
PRAGMA journal_mode=WAL;
CREATE TABLE receipt (receipt TEXT, member TEXT, time TEXT, amount TEXT);
CREATE UNIQUE INDEX receipt_number ON receipt (receipt);
CREATE INDEX receipt_member ON receipt (member);
"""
BASELINE_LINES = """
PRAGMA journal_mode=WAL;
CREATE TABLE line (receipt TEXT, sku TEXT, description TEXT, quantity TEXT, time TEXT, price TEXT,
                   member TEXT, country TEXT);
CREATE INDEX line_receipt ON line (receipt);
CREATE INDEX line_member ON line (member);
"""


def new_baseline(path, tables):
    remove(path)
    shell(path, tables)
    return path


def import_baseline(database, path, table):
    return shell(database, "PRAGMA synchronous=FULL", f".import --csv --skip 1 {path} {table}")


# --- The measurements --------------------------------------------------------

def measure_purchase():
    """One process each, 20 pairs a round; which goes first alternates."""
    receipts, ledger, baseline = work("few.csv"), work("till.db"), work("till-baseline.db")
    write_receipts(receipts, 5000, 1000)
    import_ours(new_ledger(ledger), receipts)
    import_baseline(new_baseline(baseline, BASELINE_TABLE), receipts, "receipt")
    chance = random.Random(1)
    number = 0

    def ours():
        return run([LOYALTY, "--db", ledger, "purchase", "--receipt", f"T{number}", "--amount",
                    "58.00", "--member", f"card:{20000000 + chance.randrange(1000)}", "--enrol"])[0]

    def theirs():
        rows = ",".join(f"('T{number}{half}','{20000000 + chance.randrange(1000)}',"
                        "'2026-11-21T10:00:00Z','58.00')" for half in "ab")
        return shell(baseline, "PRAGMA synchronous=FULL; BEGIN IMMEDIATE;"
                     f"INSERT INTO receipt VALUES {rows}; COMMIT;")[0]

    pairs = []
    for _ in range(3 * ROUNDS):
        sums = [0.0, 0.0]
        for i in range(20):
            number += 1
            for which in ((0, 1), (1, 0))[i % 2]:
                sums[which] += (ours, theirs)[which]()
        pairs.append((sums[0] / 20, sums[1] / 20))
    tell_ratio("purchase, a process each", pairs, Target(1.25, 1.0))


def measure_import(count, rounds):
    what = f"import of {count:,} receipts"
    receipts, ledger, baseline = work(f"{count}.csv"), work(f"{count}.db"), work("import-baseline.db")
    write_receipts(receipts, count, 20000)
    pairs, peak = [], 0
    for _ in range(rounds):
        seconds, resident, _ = import_ours(new_ledger(ledger), receipts)
        peak = max(peak, resident)
        pairs.append((seconds, import_baseline(new_baseline(baseline, BASELINE_TABLE), receipts,
                                               "receipt")[0]))
    tell_ratio(what, pairs, Target(6, 3))
    tell_memory("  its peak memory", peak)
    return ledger


def measure_verify(ledger, what, rounds):
    pairs, by_sodium, peak = [], [], 0
    for _ in range(rounds):
        seconds, resident, _ = run([LOYALTY, "--db", ledger, "verify"])
        peak = max(peak, resident)
        _, _, text = run([os.path.join(BUILD, "bench", "bench_tree"), ledger])
        same, sodium = re.findall(r"([0-9.]+) s", text)
        pairs.append((seconds, float(same)))
        by_sodium.append((seconds, float(sodium)))

    def speed(ours, baseline):
        return baseline / ours
    tell_ratio(what, pairs, Target(0.6, 0.8, at_least=True), speed)
    tell_ratio("  against libsodium's SHA-256", by_sodium, NO_TARGET, speed)
    tell_memory("  its peak memory", peak)


def measure_retail():
    what = "import of Online Retail"
    if not os.path.exists(RETAIL):
        tell_skipped(what, "data/online-retail.csv.xz is not here")
        return
    lines, ledger, baseline = work("retail.csv"), work("retail.db"), work("retail-baseline.db")
    with open(lines, "wb") as out: # not in this process: its peak would count for its children
        subprocess.run(["xz", "-dc", RETAIL], stdout=out, check=True)
    pairs, peak = [], 0
    for _ in range(ROUNDS):
        new_ledger(ledger, os.path.join(EXAMPLES, "online-retail.json"))
        seconds, resident, _ = import_ours(ledger, lines,
                                           os.path.join(EXAMPLES, "online-retail.mapping.json"))
        peak = max(peak, resident)
        new_baseline(baseline, BASELINE_LINES)
        pairs.append((seconds, import_baseline(baseline, lines, "line")[0]))
    tell_ratio(what, pairs, Target(1.5, 0.5))
    tell_memory("  its peak memory", peak)
    measure_verify(ledger, "verify of Online Retail", ROUNDS)


# --- The life of points: a coprocess, one commit each ---------------------------

class Till:
    """`loyalty batch` kept open, as a till does: one line in, one answer out."""

    def __init__(self, ledger, now=None):
        clock = ["--now", now] if now else []
        self.process = subprocess.Popen([LOYALTY, "--db", ledger, *clock, "--json", "batch"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if not answer["ok"]:
            raise Failed(f"{request}: {answer}")
        return answer

    def time(self, requests):
        start = time.perf_counter()
        for request in requests:
            self.say(**request)
        return time.perf_counter() - start

    def time_answers(self, requests):
        """The same without the work of writing and reading JSON at this end."""
        lines = [json.dumps(request).encode() + b"\n" for request in requests]
        out, back = self.process.stdin.buffer, self.process.stdout.buffer
        answers = []
        start = time.perf_counter()
        for line in lines:
            out.write(line)
            out.flush()
            answers.append(back.readline())
        seconds = time.perf_counter() - start
        if not all(b'"ok":true' in answer for answer in answers):
            raise Failed(str(answers[0]))
        return seconds

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class BareTable:
    """What a commit costs by itself: two rows, two indexes, one durable transaction."""

    def __init__(self, path):
        self.rows = sqlite3.connect(new_baseline(path, BASELINE_TABLE), isolation_level=None)
        self.rows.execute("PRAGMA synchronous=FULL")

    def time_answers(self, requests):
        start = time.perf_counter()
        for request in requests:
            self.rows.execute("BEGIN IMMEDIATE")
            for half in "ab":
                self.rows.execute("INSERT INTO receipt VALUES (?, ?, ?, ?)",
                                  (request["receipt"] + half, request["member"], "2026-11-21T10:00:00Z",
                                   request["amount"]))
            self.rows.execute("COMMIT")
        return time.perf_counter() - start


def measure_coprocess():
    """One purchase at a time down one open process, each answered after its commit."""
    till = Till(new_ledger(work("open.db")))
    bare = BareTable(work("open-baseline.db"))
    pairs = []
    for number in range(5 * ROUNDS + 1):
        requests = purchases(f"C{number}.", 200, 1000)
        order = (till, bare) if number % 2 else (bare, till)
        seconds = {side: side.time_answers(requests) / 200 for side in order}
        if number > 0:  # the first warms both
            pairs.append((seconds[till], seconds[bare]))
    till.close()
    tell_ratio("purchase, an open process", pairs, Target(2.5, 1.5))


def run_tills(count, each):
    """So many tills, each a process with a coprocess of its own, start at one word: purchases
    a second, and all times to an answer, ascending."""
    new_ledger(work("tills.db"))
    tills = [subprocess.Popen([sys.executable, os.path.join(HERE, "till.py"), LOYALTY, work("tills.db"),
                               f"T{count}.{number}", str(each)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) for number in range(count)]
    for till in tills:
        till.stdout.readline()
    start = time.perf_counter()
    for till in tills:
        till.stdin.write("go\n")
        till.stdin.flush()
    answers = [json.loads(till.stdout.readline()) for till in tills]
    seconds = time.perf_counter() - start
    for till in tills:
        if till.wait() != 0:
            raise Failed("a till failed")
    return count * each / seconds, sorted(one for times in answers for one in times)


def measure_tills():
    """Eight tills at once, against one that has all their purchases."""
    throughput, patience = [], []
    for _ in range(ROUNDS):
        alone, _ = run_tills(1, 1600)
        together, times = run_tills(8, 200)
        throughput.append((1 / together, 1 / alone))
        patience.append((times[len(times) * 99 // 100], statistics.median(times)))
    tell_ratio("eight tills at once: throughput", throughput, Target(0.7, 0.8, at_least=True),
               lambda ours, baseline: baseline / ours)
    tell_ratio("  slowest in 100 over the median", patience, Target(20, 20))


def programme_file(name, **changes):
    """bench/programme.json with other points."""
    with open(PROGRAMME, encoding="utf-8") as given:
        document = json.load(given)
    document["points"]["star"].update(changes)
    with open(work(name), "w", encoding="utf-8") as out:
        json.dump(document, out)
    return work(name)


def purchases(name, count, members):
    return [{"op": "purchase", "receipt": f"{name}{i}", "amount": "58.00", "enrol": True,
             "member": f"card:{20000000 + i % members}"} for i in range(count)]


def wallet_of(ledger, lots):
    """A member with so many lots of one star each, and a till."""
    till = Till(new_ledger(ledger))
    for i in range(lots):
        till.say(op="purchase", receipt=f"L{i}", amount="5.00", enrol=True, member="card:1")
    return till


def measure_burn():
    """A redemption of three lots and its cancelling, from many lots and from few."""
    tills = [wallet_of(work("many.db"), 10000), wallet_of(work("few.db"), 10)]
    pairs, number = [], 0
    for _ in range(ROUNDS):
        seconds = []
        for till in tills:
            number += 1
            seconds.append(till.time(
                [{"op": "redeem", "member": "card:1", "points": 3, "ref": f"r{number}.{i}"},
                 {"op": "cancel", "of": f"r{number}.{i}", "ref": f"c{number}.{i}"}][k]
                for i in range(100) for k in (0, 1)))
        pairs.append(tuple(one / 200 for one in seconds))
    for till in tills:
        till.close()
    tell_ratio("redeem from 10,000 lots, not 10", pairs, Target(3, 1))


def measure_pending():
    """Purchases whose points are pending and lapse, against points that just are there. The
    same members come again on later days, so that what was pending becomes available."""
    plain = programme_file("plain.json", expires="never")
    life = programme_file("life.json", expires={"after": "P1Y", "at": "end_of_month"},
                          pending={"for": "P14D"})
    pairs = []
    for _ in range(3 * ROUNDS):
        seconds = []
        for programme in (life, plain):
            ledger = work("pending.db")
            remove(ledger)
            run([LOYALTY, "--db", ledger, "init", "--test", "--programme", programme])
            spent = 0.0
            for day in range(1, 6):
                till = Till(ledger, f"2026-{day:02d}-01T10:00:00Z")
                spent += till.time(purchases(f"D{day}.", 100, 100))
                till.close()
            seconds.append(spent / 500)
        pairs.append(tuple(seconds))
    tell_ratio("purchase, pending and lapsing", pairs, Target(1.15, 1))


def measure_sweep(members, due):
    """Of many members a few are due: against a tenth as many members with as many due."""
    long_ago = time.time() - 290 * 86400
    pairs = []
    for _ in range(2):
        seconds = []
        for count in (members, members // 10):
            receipts, ledger = work("sweep.csv"), work("sweep.db")
            with open(receipts, "w", encoding="ascii") as out:
                out.write("receipt,member,time,amount\n")
                for i in range(count):
                    at = time.gmtime(long_ago + (0 if i < due else 100 * 86400))
                    out.write(f"S{i},{20000000 + i * 7919 % count},"
                              f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', at)},58.00\n")
            new_ledger(ledger, programme_file("sweep.json", expires={"after": "P280D"}))
            import_ours(ledger, receipts)
            took, _, text = run([LOYALTY, "--db", ledger, "--json", "sweep", "--accept-clock"])
            if json.loads(text.splitlines()[-1])["wallets"] != due:
                raise Failed(f"swept another number of wallets: {text}")
            seconds.append(took)
        pairs.append(tuple(seconds))
    tell_ratio(f"sweep of {members:,}, {due:,} due", pairs, Target(2, 1))


def tiered_programme(name, *thresholds):
    """bench/programme.json with five levels over a rolling year, each from so many stars on."""
    levels = [{"id": "first"}] + [
        {"id": f"level-{number}", "from": stars, "multiply": {"star": f"1.{number}"}}
        for number, stars in enumerate(thresholds, 1)]
    with open(PROGRAMME, encoding="utf-8") as given:
        document = json.load(given)
    document["tiers"] = {"measure": {"earned": "star"}, "window": "P12M", "review": "P12M", "levels": levels}
    with open(work(name), "w", encoding="utf-8") as out:
        json.dump(document, out)
    return work(name)


def till_of_regular(ledger, programme):
    """A till of a ledger whose one member has 2,000 receipts of the last 300 days."""
    receipts = work("regular.csv")
    write_receipts(receipts, 2000, 1)
    import_ours(new_ledger(ledger, programme), receipts)
    return Till(ledger)


def measure_tiers():
    """A purchase of somebody with 2,000 receipts in the window of five levels, who is of the
    fourth and stays there, against the same where there are no levels."""
    tills = [till_of_regular(work("tiers.db"), tiered_programme("tiers.json", 100, 1000, 10000, 10**9)),
             till_of_regular(work("no-tiers.db"), PROGRAMME)]
    level = tills[0].say(op="show", member="card:20000000")["tier"]["level"]
    if level != "level-3":
        raise Failed(f"the member with 2,000 receipts is of {level}")
    pairs = []
    for number in range(20 * ROUNDS + 1):
        requests = purchases(f"T{number}.", 50, 1)
        order = tills if number % 2 else tills[::-1]
        seconds = {till: till.time_answers(requests) / 50 for till in order}
        if number > 0:  # the first warms both
            pairs.append(tuple(seconds[till] for till in tills))
    for till in tills:
        till.close()
    tell_ratio("purchase, five levels, not none", pairs, Target(1.2, 1.1))


# One pass over the members: the sqlite3 shell lists them in the order in which they lie, each with
# their level, and, where it is asked who is about to move, with what has counted for them.
LIST_MEMBERS = ("SELECT id, joined, since, due, judged, level, state FROM member"
                " LEFT JOIN tier ON tier.member = id")
LIST_MEASURES = ("SELECT id, joined, since, due, judged, level, state, measure, period, value FROM member"
                 " LEFT JOIN tier ON tier.member = id"
                 " LEFT JOIN measure ON measure.member = id AND grain = 0")


def measure_report_tiers(members):
    """Every member is of one of five levels by a receipt of the last 300 days. A million are asked
    for (LONG=1); making them takes minutes, so it is fewer by default."""
    receipts, ledger = work("report.csv"), work("report.db")
    with open(receipts, "w", encoding="ascii") as out:
        out.write("receipt,member,time,amount\n")
        chance, start = random.Random(members), time.time() // 86400 * 86400 - 300 * 86400
        for i in range(members):
            at = time.gmtime(start + 300 * 86400 * i // members)
            out.write(f"M{i},{20000000 + i * 7919 % members},{time.strftime('%Y-%m-%dT%H:%M:%SZ', at)},"
                      f"{chance.randrange(50, 20000) / 100:.2f}\n")
    import_ours(new_ledger(ledger, tiered_programme("report.json", 5, 10, 20, 30)), receipts)
    compare_with_pass(f"report tiers of {members:,} members", ledger, [], LIST_MEMBERS)
    compare_with_pass("  who is about to move", ledger, ["--within", "P30D"], LIST_MEASURES)


def compare_with_pass(what, ledger, options, listing):
    pairs, peak = [], 0
    for number in range(ROUNDS + 1):
        seconds, resident, _ = run([LOYALTY, "--db", ledger, "--json", "report", "tiers", *options])
        peak = max(peak, resident)
        bare = shell(ledger, ".output /dev/null", listing)[0]
        if number > 0:  # the first brings the file into memory for both
            pairs.append((seconds, bare))
    tell_ratio(what, pairs, Target(1, 1))
    tell_memory("  its peak memory", peak)


def measure_store():
    """The store by itself, without programme, JSON and signatures."""
    path = work("store.db")
    remove(path)
    text = run([os.path.join(BUILD, "bench", "bench_store_apply"), path, "100000"])[2]
    print("\nthe store alone, 100,000 purchases:")
    print("  " + "; ".join(re.sub(r"\s+", " ", line) for line in text.splitlines()))


def measure_receipts():
    ledger = measure_import(100000, ROUNDS)
    measure_verify(ledger, "verify of 100,000 receipts", ROUNDS)


BY_THEMSELVES = {"purchase": measure_purchase, "coprocess": measure_coprocess, "tills": measure_tills,
                 "burn": measure_burn, "pending": measure_pending, "receipts": measure_receipts,
                 "retail": measure_retail, "store": measure_store, "tiers": measure_tiers,
                 "report": lambda: measure_report_tiers(1000000 if os.environ.get("LONG") else 100000)}


def main():
    os.makedirs(WORK, exist_ok=True)
    os.environ["LOYALTY_STATE"] = os.path.join(WORK, "state")
    cores = os.cpu_count()
    print(f"{cores} cores; medians of {ROUNDS} rounds ({3 * ROUNDS} of 20 pairs for purchase)\n")
    tell_headings()
    if len(sys.argv) > 3:
        for name in sys.argv[3:]:
            BY_THEMSELVES[name]()
        return 0
    measure_purchase()
    measure_coprocess()
    measure_tills()
    measure_burn()
    measure_pending()
    measure_sweep(1000000 if os.environ.get("LONG") else 100000, 1000)
    measure_tiers()
    BY_THEMSELVES["report"]()
    measure_receipts()
    measure_retail()
    if os.environ.get("LONG"):
        ledger = measure_import(1000000, 1)
        measure_verify(ledger, "verify of 1,000,000 receipts", 1)
    else:
        tell_skipped("a million receipts", "LONG=1 measures them")
    measure_store()
    shutil.rmtree(WORK)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
