"""The spool under processes that are killed, that write at once, and whose ledger is
away: what was answered is kept, all of it arrives, in order, and nothing twice."""
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time

import trial
from trial import expect


def sale(number):
    return {"op": "purchase", "id": f"i{number}", "member": f"card:{1 + number % 5}", "enrol": True,
            "receipt": f"P{number}", "amount": f"{5 + number % 40}.00"}


def start_adding(this, spool):
    return subprocess.Popen(this.arguments("spool", "add", "--file", spool), stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def add(this, spool, requests, *words):
    done = subprocess.run(this.arguments(*words, "spool", "add", "--file", spool), text=True,
                          input="".join(json.dumps(request) + "\n" for request in requests),
                          capture_output=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    expect(len(answers) == len(requests), "unanswered:", done.stdout, done.stderr)
    return answers


def replay(this, spool, *words, status=0):
    """The answers by entry, and what the replay says at its end."""
    done = subprocess.run(this.arguments(*words, "spool", "replay", "--file", spool), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    expect(done.returncode == status, "replay: expected", status, "got", done.returncode, done.stdout[-2000:],
           done.stderr)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["entry"]: line["answer"] for line in lines if "entry" in line}, lines[-1]


def show(this, spool):
    return this.run("spool", "show", "--file", spool)


def each_once(this, numbers):
    rows = this.ask("SELECT count(*), count(DISTINCT json_extract(head, '$.receipt')) FROM record"
                    " WHERE json_extract(head, '$.op') = 'purchase'")
    expect(rows == [(len(numbers), len(numbers))], "not each once:", rows, "of", len(numbers))
    this.whole()


def adds_killed(this):
    """A till's process killed while it spools: it asks again what was not answered."""
    this.init()
    spool, wanted, kills, told = this.path("till.spool"), 60 if trial.sanitized(this.command) else 300, 0, {}
    while len(told) < wanted:
        todo = [number for number in range(wanted) if number not in told]
        process = start_adding(this, spool)
        feeder = threading.Thread(target=feed, args=(process, todo, this.chance.randrange(1, 12)))
        feeder.start()
        stop = this.chance.randrange(1, 40)
        for line in process.stdout:
            if not line.endswith("\n"):
                break
            answer = json.loads(line)
            expect(answer["ok"], "refused:", answer)
            told[int(answer["id"][1:])] = answer["entry"]
            stop -= 1
            if stop == 0 and kills < 25:
                time.sleep(this.chance.uniform(0, 0.002))
                process.send_signal(signal.SIGKILL)
                kills += 1
        process.stdout.close()
        process.wait()
        feeder.join()
    shown = show(this, spool)
    kept = {entry["entry"]: entry["request"]["receipt"] for entry in shown["entries"]}
    expect(shown["waiting"] == len(kept) == shown["spooled"], shown["waiting"], len(kept))
    for number, entry in told.items():
        expect(kept.get(entry) == f"P{number}", "answered and lost:", number, entry, kept.get(entry))
    answers, last = replay(this, spool)
    expect(last["recorded"] == wanted and last["waiting"] == last["refused"] == 0, last)
    expect(sorted(answers) == sorted(kept), "not answered:", set(kept) - set(answers))
    each_once(this, range(wanted))
    expect(kills > 0, "nothing was killed")
    return f"passed ({kills} kills, {len(kept) - wanted} spooled twice)"


def feed(process, numbers, burst):
    """Some lines at once, as a till's queue has them, then a pause."""
    try:
        for number in numbers:
            process.stdin.write(json.dumps(sale(number)) + "\n")
            if number % burst == 0:
                process.stdin.flush()
                time.sleep(0.002)
        process.stdin.close()
    except (BrokenPipeError, OSError):
        pass


def replays_killed(this):
    this.init()
    spool, wanted, kills, seqs, partly = (this.path("till.spool"), 200 if trial.sanitized(this.command) else 900,
                                          0, {}, 0)
    add(this, spool, [sale(number) for number in range(wanted)])
    done = 0
    while done < wanted:
        process = this.start("spool", "replay", "--file", spool)
        try:
            limit = this.chance.uniform(0.01, 0.08) if kills < 25 else 60
            out, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, _ = process.communicate()
            kills += 1
        for line in out.splitlines(True):
            line = json.loads(line) if line.endswith("\n") else {}
            if "entry" in line:
                seq = line["answer"]["seq"]
                expect(seqs.setdefault(line["entry"], seq) == seq, "another record:", line)
        shown = show(this, spool)
        expect(shown["done"] >= done and shown["refused"] == 0, shown["done"], done, shown["refused"])
        partly += done < shown["done"] < wanted
        done = shown["done"]
    order = this.ask("SELECT json_extract(body, '$.in.receipt') FROM record JOIN body USING (seq)"
                     " WHERE json_extract(head, '$.op') = 'purchase' ORDER BY seq")
    expect(order == [(f"P{number}",) for number in range(wanted)], "another order")
    expect(sorted(seqs) == list(range(1, wanted + 1)), "answers lost:", len(seqs))
    each_once(this, range(wanted))
    _, last = replay(this, spool)
    expect(last["sent"] == 0, "sent again:", last)
    expect(kills > 0, "nothing was killed")
    return f"passed ({kills} kills, {partly} with a part sent)"


def at_once(this):
    """Six tills of one till's file, and replays beside them."""
    this.init()
    spool, each = this.path("till.spool"), 5 if trial.sanitized(this.command) else 30
    told, sent, running, raised = [], {}, [True], []

    def guarded(work, *words):
        try:
            work(*words)
        except Exception as failure:  # of a thread: told by the main one
            raised.append(failure)

    def till(which):
        numbers = range(which * each, which * each + each)
        for answer, number in zip(add(this, spool, [sale(number) for number in numbers]), numbers):
            expect(answer["ok"], answer)
            told.append((answer["entry"], number))

    def replayer():
        while running[0]:
            done = subprocess.run(this.arguments("--busy", "20000", "spool", "replay", "--file", spool), text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
            expect(done.returncode in (0, 4, 8), done.stdout, done.stderr)  # 4: nobody has spooled yet
            for line in map(json.loads, done.stdout.splitlines()):
                if "entry" in line:
                    sent.setdefault(line["entry"], []).append(line["answer"]["duplicate"])

    tills = [threading.Thread(target=guarded, args=(till, which)) for which in range(6)]
    replayers = [threading.Thread(target=guarded, args=(replayer,)) for _ in range(2)]
    for thread in tills + replayers:
        thread.start()
    for thread in tills:
        thread.join()
    running[0] = False
    for thread in replayers:
        thread.join()
    if raised:
        raise raised[0]
    answers, _ = replay(this, spool)
    for entry in answers:
        sent.setdefault(entry, []).append(answers[entry]["duplicate"])
    wanted = 6 * each
    expect(sorted(entry for entry, _ in told) == list(range(1, wanted + 1)), "numbers lost:", len(told))
    expect(sorted(sent) == list(range(1, wanted + 1)), "entries lost:", len(sent))
    expect(all(seen == [False] for seen in sent.values()), "sent twice")
    expect(show(this, spool)["waiting"] == 0, "left over")
    each_once(this, range(wanted))


def ledger_away(this):
    spool = this.path("till.spool")
    add(this, spool, [sale(number) for number in range(3)])
    this.run("spool", "replay", "--file", spool, status=4, code="no_such_file")
    this.init()
    holder = sqlite3.connect(this.db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    _, refused = replay(this, spool, "--busy", "50", status=8)
    expect(refused["error"]["code"] == "busy" and refused["report"]["waiting"] == 3, refused)
    holder.execute("COMMIT")
    holder.close()
    os.rename(this.db + ".key", this.path("hidden"))
    this.run("spool", "replay", "--file", spool, status=1, code="key_missing")
    os.rename(this.path("hidden"), this.db + ".key")
    expect(show(this, spool)["waiting"] == 3, "answered by nobody")
    _, last = replay(this, spool)
    expect(last["recorded"] == 3, last)
    each_once(this, range(3))


def arrived_already(this):
    """The line went down between the commit and the answer: the till spools what the
    ledger has. The spool's own "at" must not make it another sale."""
    this.init()
    request = {key: value for key, value in sale(1).items() if key != "id"}
    this.run("purchase", "--request", this.write("sale.json", json.dumps(request)))
    spool = this.path("till.spool")
    other = dict(sale(1), amount="1.00")
    late = dict(sale(1), at="2020-01-01T00:00:00Z")
    add(this, spool, [sale(1), other, late])
    answers, last = replay(this, spool, status=5)
    expect(answers[1]["ok"] and answers[1]["duplicate"], answers[1])
    expect(answers[2]["error"]["field"] == "amount", answers[2])
    expect(answers[3]["error"]["field"] == "at", answers[3])
    expect((last["known"], last["refused"], last["recorded"]) == (1, 2, 0), last)
    each_once(this, [1])


def behind_one_that_waits(this):
    """A clock that runs ahead holds up what stands behind it; nothing of that is given
    up, though its turn has come before."""
    this.run("init", "--programme", this.programme, "--test")
    spool = this.path("till.spool")
    back = {"op": "return", "of": "P1", "ref": "R1", "all": True}
    add(this, spool, [sale(0)], "--now", "2026-11-24T10:00:00Z")
    add(this, spool, [sale(1), back, sale(2)], "--now", "2026-11-24T11:00:00Z")
    _, stopped = replay(this, spool, "--now", "2026-11-24T10:00:10Z", status=5)
    expect(stopped["error"]["code"] == "in_future" and stopped["error"]["entry"] == 2, stopped)
    shown = show(this, spool)
    expect(shown["refused"] == 0 and shown["waiting"] >= 2, shown)
    _, last = replay(this, spool, "--now", "2026-11-24T11:00:10Z")
    expect(last["waiting"] == last["refused"] == 0, last)
    balances = [this.run("show", f"card:{card}")["balances"]["point"]["available"] for card in (1, 2, 3)]
    expect(balances == [5, 0, 7], balances)
    this.whole()


def long_file(this):
    """A week of a busy till: still quick enough to stand beside a customer."""
    this.init()
    spool, count = this.path("till.spool"), 500 if trial.sanitized(this.command) else 3000
    began = time.monotonic()
    add(this, spool, [sale(number) for number in range(count)])
    filled = time.monotonic() - began
    began = time.monotonic()
    add(this, spool, [sale(count)])
    one = time.monotonic() - began
    began = time.monotonic()
    replay(this, spool)
    sent = time.monotonic() - began
    expect(show(this, spool)["waiting"] == 0, "left over")
    return f"passed ({count} in {filled:.1f} s, one more in {one * 1000:.0f} ms, replayed in {sent:.1f} s)"


trial.main(adds_killed, replays_killed, at_once, ledger_away, arrived_already, behind_one_that_waits, long_file)
