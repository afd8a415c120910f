"""kill -9 in the middle: what was answered is there, nothing is there twice, and
whoever comes next goes on."""
import json
import signal
import subprocess
import time

import trial
from trial import expect


def sample_of_balances(this, db, members):
    """What cards have, by card: member ids are random and differ between ledgers."""
    return [this.run("show", f"card:{card}", db=db)["balances"] for card in members]


def totals(this, db):
    return (this.kinds(db), this.ask("SELECT count(*), sum(available), sum(debt) FROM balance", db=db),
            this.ask("SELECT count(*), sum(amount), sum(left) FROM lot", db=db),
            sorted(this.ask("SELECT numerator, denominator FROM carry", db=db)),
            this.ask("SELECT count(*) FROM returned", db=db),
            this.ask("SELECT count(*) FROM \"key\"", db=db))


def imports(this):
    slow = trial.sanitized(this.command)
    receipts, members, wanted = (4000, 500, 2) if slow else (20000, 2000, 6)
    path = this.receipts_csv("sales.csv", receipts, members)
    words = ("import", path, "--mapping", this.mapping, "--history")
    reference = this.path("reference.db")
    this.init(reference)
    began = time.monotonic()
    this.run(*words, db=reference)
    took = time.monotonic() - began
    total = this.run("verify", db=reference)["records"]
    this.init()
    kills, tries, stopped_between = 0, 0, 0
    while kills < wanted and tries < 40:
        tries += 1
        process = this.start(*words)
        try:
            process.communicate(timeout=this.chance.uniform(0.05, 0.6) * took)
            if process.returncode == 0:  # too late: it was done already
                break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
        size = this.run("verify")["records"]
        stopped_between += 2 < size < total
    expect(kills > 0, "nothing was killed")
    this.run(*words)
    expect(not this.beside(), "left behind:", this.beside())
    expect(totals(this, this.db) == totals(this, reference), "another state:",
           totals(this, this.db)[:3], totals(this, reference)[:3])
    cards = [2 + i * members // 20 for i in range(20)]
    expect(sample_of_balances(this, this.db, cards) == sample_of_balances(this, reference, cards),
           "other balances")
    before = this.kinds()
    again = this.run(*words)
    expect(again["purchases"]["new"] == 0 and again["returns"]["new"] == 0, "imported twice:", again)
    expect(before == this.kinds(), "records added:", before, this.kinds())
    this.whole()
    this.whole(reference)
    commits = this.ask("SELECT count(*) FROM checkpoint")[0][0]
    return f"passed ({kills} kills, {stopped_between} with a part imported, {commits} commits)"


def purchases(this):
    this.init()
    began = time.monotonic()
    this.purchase("warm", "1", "1.00", "--enrol")
    took = time.monotonic() - began
    answered, kills, recovered = {}, 0, 0
    count = 12 if trial.sanitized(this.command) else 30
    for number in range(count):
        receipt, attempts = f"K{number}", 0
        while receipt not in answered:
            attempts += 1
            process = this.start("purchase", "--member", f"card:{1 + number % 5}", "--enrol",
                                 "--receipt", receipt, "--amount", f"{10 + number}.50")
            try:
                limit = this.chance.uniform(0.2, 1.3) * took if attempts < 4 else 30
                out, error = process.communicate(timeout=limit)
                expect(process.returncode == 0, "refused:", out, error)
                answered[receipt] = json.loads(out)
            except subprocess.TimeoutExpired:
                recovered += bool(this.beside())
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
    rows = this.ask("SELECT count(*), count(DISTINCT json_extract(head, '$.receipt')) FROM record"
                    " WHERE json_extract(head, '$.op') = 'purchase'")
    expect(rows == [(count + 1, count + 1)], "not each once:", rows)
    for receipt, answer in answered.items():
        found = this.run("record", str(answer["seq"]))
        expect(json.loads(found["body"])["in"]["receipt"] == receipt, "answered and lost:", receipt)
    expect(not this.beside(), "left behind:", this.beside())
    this.whole()
    expect(kills > 0, "nothing was killed")
    return f"passed ({kills} kills, {recovered} with a write-ahead log in use)"


def coprocess(this):
    """A till's coprocess killed while it works: each line it answered is there."""
    this.init()
    lines = [json.dumps({"op": "purchase", "member": f"card:{i % 9}", "receipt": f"B{i}", "enrol": True,
                         "amount": "5.00"}) + "\n" for i in range(600)]
    seen, kills = {}, 0
    for round_ in range(6):
        process = subprocess.Popen(this.arguments("batch"), stdin=open(this.write("in", "".join(lines))),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        answers = []
        stop = this.chance.randrange(1, 400) if round_ < 5 else len(lines) + 1
        for line in process.stdout:
            answers.append(line)
            if len(answers) == stop:
                process.send_signal(signal.SIGKILL)
                kills += 1
                break
        rest = process.stdout.read()
        process.wait()
        answers += rest.splitlines(True)
        for line, answer in zip(lines, answers):
            if not answer.endswith("\n"):
                continue
            answer = json.loads(answer)
            expect(answer["ok"], "refused:", answer)
            receipt = json.loads(line)["receipt"]
            expect(seen.setdefault(receipt, answer["seq"]) == answer["seq"], "another record:", receipt)
    rows = this.ask("SELECT count(*), count(DISTINCT json_extract(head, '$.receipt')) FROM record"
                    " WHERE json_extract(head, '$.op') = 'purchase'")
    expect(rows == [(600, 600)], "not each once:", rows)
    expect(len(seen) == 600, "answered:", len(seen))
    this.whole()
    return f"passed ({kills} kills)"


def while_it_is_made(this):
    """init killed: no ledger that looks whole and is not. Either it can be used, or
    the next init says what stands in the way."""
    halves = {}
    began = time.monotonic()
    this.init(this.path("warm.db"))
    took = time.monotonic() - began
    for number in range(10 if trial.sanitized(this.command) else 30):
        db = this.path(f"new{number}.db")
        process = this.start("init", "--programme", this.programme, db=db)
        try:
            process.communicate(timeout=this.chance.uniform(0.1, 1.1) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        used = subprocess.run(this.arguments("purchase", "--member", "card:1", "--enrol", "--receipt", "1",
                                             "--amount", "3.00", db=db), capture_output=True, text=True)
        if used.returncode == 0:
            this.whole(db)
            continue
        code = json.loads(used.stdout)["error"]["code"]
        expect(code in ("no_such_file", "not_a_ledger", "no_programme", "older_schema", "key_missing"),
               "a ledger made by half:", used.stdout)
        halves[code] = halves.get(code, 0) + 1
    return f"passed ({halves or 'none by half'})"


trial.main(imports, purchases, coprocess, while_it_is_made)
