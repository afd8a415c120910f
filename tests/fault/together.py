"""Tills side by side: processes that write one ledger at once lose nothing, double
nothing, and wait for their turn as long as they were told to."""
import json
import os
import sqlite3
import subprocess
import threading
import time

import trial
from trial import expect

TILLS = 8


def amount_of(number):
    return f"{5 + number % 40}.00"


def member_of(number):
    return 1 + number % 5


def words_of(number):
    return ("purchase", "--member", f"card:{member_of(number)}", "--enrol", "--receipt", f"P{number}",
            "--amount", amount_of(number))


def at_once(work):
    """Run work(till) in a thread for each till; what they raised is raised."""
    raised = []

    def guarded(till):
        try:
            work(till)
        except Exception as failure:  # of a thread: told by the main one
            raised.append(failure)

    threads = [threading.Thread(target=guarded, args=(till,)) for till in range(TILLS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def check_sums(this, numbers, answers):
    first = {}
    for number, answer in answers:
        expect(answer["receipt"] == f"P{number}", "another receipt:", answer)
        first.setdefault(number, []).append((answer["duplicate"], answer["seq"]))
    for number, seen in first.items():
        expect(sum(not duplicate for duplicate, _ in seen) == 1, "not once:", number, seen)
        expect(len({seq for _, seq in seen}) == 1, "two records of one receipt:", number, seen)
    expect(sorted(first) == sorted(numbers), "lost:", set(numbers) - set(first))
    expect(this.kinds()["purchase"] == len(numbers), this.kinds())
    expect(this.kinds()["member.add"] == 5, "members enrolled twice:", this.kinds())
    for card in range(1, 6):
        due = sum(int(float(amount_of(number))) for number in numbers if member_of(number) == card)
        balance = this.run("show", f"card:{card}")["balances"]["point"]["available"]
        expect(balance == due, "card", card, "has", balance, "and not", due)
    expect(not this.beside(), "left behind:", this.beside())
    this.whole()


def processes(this):
    """Each receipt comes from three tills."""
    this.init()
    each = 4 if trial.sanitized(this.command) else 15
    numbers = range(each * TILLS // 2)
    answers, lock = [], threading.Lock()

    def till(which):
        for number in numbers:
            if (number + which) % TILLS in (0, 1, 4):
                answer = this.run("--busy", "30000", *words_of(number))
                with lock:
                    answers.append((number, answer))

    at_once(till)
    check_sums(this, numbers, answers)
    return f"passed ({len(answers)} purchases, {len(numbers)} receipts)"


def coprocesses(this):
    """Every till sends every receipt, in an order of its own, down one process."""
    this.init()
    numbers = list(range(60 if trial.sanitized(this.command) else 200))
    answers, lock = [], threading.Lock()

    def till(which):
        mine = numbers[which * 20 % len(numbers):] + numbers[:which * 20 % len(numbers)]
        if which % 2:
            mine.reverse()
        lines = "".join(json.dumps({"op": "purchase", "member": f"card:{member_of(n)}", "enrol": True,
                                    "receipt": f"P{n}", "amount": amount_of(n)}) + "\n" for n in mine)
        done = subprocess.run(this.arguments("--busy", "30000", "batch"), input=lines, text=True,
                              capture_output=True, timeout=60)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        expect(len(found) == len(mine) and all(answer["ok"] for answer in found), "a till was refused:",
               done.stderr, [answer for answer in found if not answer["ok"]][:1])
        with lock:
            answers.extend(zip(mine, found))

    at_once(till)
    check_sums(this, numbers, answers)
    return f"passed ({len(answers)} purchases, {len(numbers)} receipts)"


def readers_beside(this):
    """Verify, show and backup beside a writer see one commit or the next, and the
    writer does not wait for them."""
    this.init()
    this.run(*words_of(0))
    running, writer_answers = [True], []

    def till(which):
        if which == 0:
            for number in range(1, 9 if trial.sanitized(this.command) else 40):
                writer_answers.append(this.run(*words_of(number)))
            running[0] = False
        number = 0
        while running[0] and which in (1, 2, 3):
            number += 1
            backup = this.path(f"copy{which}.{number}.db")
            if which == 1:
                this.run("verify", "--all-signatures")
            elif which == 2:
                this.run("show", "card:1")
            else:
                this.run("backup", backup)
                this.run("verify", db=backup)
                expect(not os.path.exists(backup + ".key"), "the key was copied")

    at_once(till)
    this.whole()


def busy(this):
    this.init()
    this.run(*words_of(1))
    before = trial.digest(this.db)
    holder = sqlite3.connect(this.db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    refused = this.run("--busy", "100", *words_of(2), status=8, code="busy")
    waited = time.monotonic() - began
    expect(refused["error"]["retry"] == "later", refused)
    expect(waited >= 0.09, "it did not wait:", waited)
    quick = this.run("--busy", "100", "import", this.receipts_csv("s.csv", 5, 2), "--mapping", this.mapping,
                     status=8, code="busy")
    expect(quick["error"]["retry"] == "later", quick)
    this.run("--busy", "100", "show", "card:2")  # readers wait for nobody
    this.run("verify")
    expect(trial.digest(this.db) == before, "something was written")
    process = this.start("--busy", "20000", *words_of(2))
    time.sleep(0.3)
    expect(process.poll() is None, "it did not wait its turn")
    holder.execute("COMMIT")
    holder.close()
    out, error = process.communicate(timeout=30)
    expect(process.returncode == 0 and not json.loads(out)["duplicate"], out, error)
    expect(this.run(*words_of(2))["duplicate"], "the same again is no duplicate")
    this.whole()


def places(this):
    """A tasting has fewer places than members who want one, and each asks at two tills: none is
    lost, none is taken twice, and one that is given back is taken once."""
    seats, wanted = (6, 8) if trial.sanitized(this.command) else (30, 40)
    this.programme = this.write("tasting.json", json.dumps(
        dict(trial.PROGRAMME, benefits=[{"id": "tasting", "seats": seats}])))
    this.init()
    for card in range(wanted):
        this.run("member", "add", "--card", str(card))
    taken, refused, lock = [], set(), threading.Lock()

    def ask(card, ref):
        process = this.start("--busy", "30000", "benefit", "use", "--benefit", "tasting", "--member",
                             f"card:{card}", "--ref", ref)
        answer = json.loads(process.communicate(timeout=60)[0])
        with lock:
            if answer["ok"]:
                taken.append((card, answer["duplicate"], answer["seats"]))
            else:
                expect(answer["error"]["code"] == "seats_gone", answer)
                refused.add(card)

    def till(which):
        for card in range(wanted):
            if (card + which) % TILLS in (0, 3):
                ask(card, f"T{card}")

    def again(which):
        if which % 2:
            this.run("--busy", "30000", "void", "--of", f"T{taken[0][0]}", "--ref", "V")
        else:
            ask(min(refused - {card for card, _, _ in taken}), f"A{which}")

    at_once(till)
    firsts = [left for _, duplicate, left in taken if not duplicate]
    expect(sorted(firsts) == list(range(seats)), "places told as free:", sorted(firsts))
    expect(len({card for card, _, _ in taken}) == seats, "had a place:", sorted(taken))
    expect(this.kinds()["benefit.use"] == seats, this.kinds())
    at_once(again)
    counted = this.ask("SELECT value FROM counter WHERE name = 'seats:tasting'")
    kinds = this.kinds()
    expect(kinds["void"] == 1 and counted == [(kinds["benefit.use"] - 1,)], kinds, counted)
    expect(kinds["benefit.use"] in (seats, seats + 1), "one place was given back:", kinds)
    this.whole()
    return f"passed ({len(taken)} answers, {seats} places)"


trial.main(processes, coprocesses, readers_beside, busy, places)
