"""The coprocess of a till: one line in, one answer out, whatever stands in the line, whoever
waits beside it, and whichever end dies first."""
import json
import os
import select
import signal
import sqlite3
import subprocess
import time

import trial
from trial import expect


def sale(number, **more):
    return {"op": "purchase", "id": f"i{number}", "receipt": f"P{number}", "member": f"card:{number % 3}",
            "enrol": True, "amount": "5.00", **more}


class Batch:
    def __init__(self, this, *words):
        self.process = subprocess.Popen(this.arguments(*words, "batch"), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)

    def send(self, text):
        self.process.stdin.write(text if isinstance(text, bytes) else text.encode())

    def answers(self, seconds):
        """Is there anything to read?"""
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def read(self):
        return json.loads(self.process.stdout.readline())

    def say(self, request):
        self.send(json.dumps(request) + "\n")
        return self.read()

    def close(self, status=0):
        self.process.stdin.close()
        rest, error = self.process.stdout.read(), self.process.stderr.read()
        self.process.wait(timeout=30)
        expect(self.process.returncode == status, "ended with", self.process.returncode, error)
        return rest, error


def recorded(this):
    return this.kinds().get("purchase", 0)


def broken_lines(this):
    """Each is answered in its turn, and touches neither the line before nor the one behind."""
    this.init()
    broken = [(b"{", "invalid_json"), (b"", "invalid_json"), (b"\xef\xbb\xbf{}", "invalid_json"), (b"{\0}", "invalid_json"),
              (b"[1]", "invalid_json"), (b"\xff", "invalid_json"), (b'{"op":"purchase","op":"purchase"}', "duplicate_member"),
              (b"x" * (8 * 1024 * 1024 + 1), "limit_exceeded"), (b"[" * 100, "invalid_json"),
              (b'{"op":"verify"}', "usage"), (b'{"op":"init"}', "usage"), (b"null", "invalid_json")]
    lines, wanted = [], []
    for number, (line, code) in enumerate(broken):
        lines += [json.dumps(sale(number)).encode(), line]
        wanted += [None, code]
    lines.append(json.dumps(sale(len(broken))).encode() + b"\r")  # a till on Windows
    lines.append(json.dumps(sale(len(broken) + 1)).encode()[:-20])  # the till died in the middle of this
    done = subprocess.run(this.arguments("batch"), input=b"\n".join(lines), capture_output=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    found = [answer.get("error", {}).get("code") for answer in answers]
    expect(found == [*wanted, None, "invalid_json"], "answered", found)
    ids = [answer["id"] for answer in answers if answer["ok"]]
    expect(ids == [f"i{number}" for number in range(len(broken) + 1)], "in another order:", ids)
    expect(done.returncode == 3, "ended with", done.returncode)
    expect(recorded(this) == len(broken) + 1, this.kinds())
    this.whole()


def commits(this):
    """At most 100 lines in one, however many wait; a line that comes alone is not held up."""
    this.init()
    done = subprocess.run(this.arguments("batch"), input="".join(json.dumps(sale(n)) + "\n" for n in range(1000)),
                          text=True, capture_output=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    expect([answer["id"] for answer in answers] == [f"i{number}" for number in range(1000)], "another order")
    sizes = [answer["checkpoint"]["size"] for answer in answers]
    expect(max(sizes.count(size) for size in set(sizes)) <= 100, "more than 100 in one commit")
    expect(len(set(sizes)) <= 40, "hardly any shared a commit:", len(set(sizes)))
    till = Batch(this)
    till.send(json.dumps(sale(1000)) + "\n" + json.dumps(sale(1001))[:30])
    expect(till.answers(5) and till.read()["receipt"] == "P1000", "held up by half a line")
    expect(not till.answers(0.1), "half a line was answered")
    till.send(json.dumps(sale(1001))[30:] + "\n")
    expect(till.read()["receipt"] == "P1001", "the other half")
    # Bytes without end and without a line feed: what stood before them is answered all the same.
    till.send(json.dumps(sale(1002)) + "\n")
    began = time.monotonic()
    while not till.answers(0) and time.monotonic() - began < 10:
        till.send(b"x" * 65536)
    expect(time.monotonic() - began < 5 and till.read()["receipt"] == "P1002", "held up by bytes")
    till.send("\n")
    expect(till.read()["error"]["code"] in ("invalid_json", "limit_exceeded"), "the bytes")
    till.close(status=3)
    this.whole()


def holds_nothing(this):
    """Neither before a request, nor behind one, nor within a line that has only begun."""
    this.init()
    till = Batch(this)
    for number, begun in enumerate(("", '{"op":"pur', "")):
        till.send(begun)
        time.sleep(0.05)
        this.run("--busy", "1", "purchase", "--member", "card:9", "--enrol", "--receipt", f"Q{number}", "--amount", "1.00")
        if begun:
            till.send('chase"}\n')
            expect(till.read()["error"]["code"] == "missing_field", "an odd line")
        expect(till.say(sale(number))["ok"], number)
    holder = sqlite3.connect(this.db, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("ROLLBACK")
    holder.close()
    till.close(status=3)
    this.whole()


def busy(this):
    """Of a commit that waited too long nothing is recorded, each line says so, and the next is taken."""
    this.init()
    till = Batch(this, "--busy", "50")
    expect(till.say(sale(0))["ok"], "the first")
    holder = sqlite3.connect(this.db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    till.send("".join(json.dumps(sale(number)) + "\n" for number in (1, 2)))
    for number in (1, 2):
        answer = till.read()
        expect(answer["error"]["code"] == "busy" and answer["id"] == f"i{number}", answer)
    expect(till.say({"op": "show", "member": "card:0"})["ok"], "a question waits for nobody")
    holder.execute("COMMIT")
    holder.close()
    expect(till.say(sale(1))["ok"] and till.say(sale(2))["ok"], "the same again")
    till.close(status=8)
    expect(recorded(this) == 3, this.kinds())
    this.whole()


def newer_schema(this):
    """Somebody upgrades the ledger while an older till has it open."""
    this.init()
    till = Batch(this)
    expect(till.say(sale(0))["ok"], "the first")
    other = sqlite3.connect(this.db, isolation_level=None)
    version = other.execute("PRAGMA user_version").fetchone()[0]
    other.execute("PRAGMA user_version = 99")
    before = this.ask("SELECT count(*) FROM record")
    for request in (sale(1), {"op": "show", "member": "card:0"}, sale(0)):
        answer = till.say(request)
        expect(answer["error"]["code"] == "newer_schema" and "99" in answer["error"]["message"], answer)
    expect(this.ask("SELECT count(*) FROM record") == before, "something was written")
    other.execute(f"PRAGMA user_version = {version}")
    other.close()
    expect(till.say(sale(1))["ok"], "it is ours again")
    till.close(status=1)
    this.whole()


def moved_away(this):
    """The file goes, and another takes its place: nothing is written to the old one any more."""
    this.init()
    till = Batch(this)
    expect(till.say(sale(0))["ok"], "the first")
    this.run("backup", this.path("copy.db"))
    for ending in ("", *this.beside()):
        os.rename(this.db + ending, this.path("old.db") + ending)
    expect(till.say(sale(1))["error"]["retry"] == "same_ref", "the file is gone")
    this.run("restore", this.path("copy.db"))
    answer = till.say(sale(1))
    expect(answer["error"]["code"] == "io_error" and "moved" in answer["error"]["message"], answer)
    till.close(status=1)
    till = Batch(this)
    expect(till.say(sale(1))["ok"], "opened again")
    till.close()
    expect(recorded(this) == 2, this.kinds())
    this.whole()


def other_end_dies(this):
    """What was answered is recorded; what was recorded and not answered is a duplicate."""
    this.init()
    till = Batch(this)
    expect(till.say(sale(0))["ok"], "the first")
    till.close()
    expect(not this.beside(), "left behind:", this.beside())
    till = Batch(this)  # the till stops reading
    till.process.stdout.close()
    try:
        for number in range(1, 2000):
            till.send(json.dumps(sale(number)) + "\n")
    except BrokenPipeError:
        pass
    till.process.stdin.close()
    till.process.wait(timeout=30)
    expect(till.process.returncode == 1 and not till.process.stderr.read(), "ended with", till.process.returncode)
    expect(not this.beside(), "left behind:", this.beside())
    count = recorded(this)
    expect(0 < count < 2000, "recorded", count)
    expect(this.run("purchase", "--request", this.write("one", json.dumps(sale(1))))["duplicate"], "the same again")
    till = Batch(this)  # and now this end, in the middle of its work
    till.send("".join(json.dumps(sale(number)) + "\n" for number in range(3000, 3400)))
    told = [till.read() for _ in range(50)]
    till.process.send_signal(signal.SIGKILL)
    till.process.wait(timeout=30)
    for answer in told:
        expect(this.ask("SELECT count(*) FROM record WHERE seq = ?", answer["seq"]) == [(1,)], "lost:", answer)
    this.whole()
    till = Batch(this)
    expect(till.say(sale(3000))["duplicate"], "answered before")
    till.close()


def groups_killed(this):
    """Of a group all is recorded or nothing, wherever the process was killed."""
    this.init()
    groups = [{"op": "group", "id": f"g{number}", "requests": [
        {"op": "purchase", "receipt": f"G{number}", "member": "card:1", "enrol": True, "amount": "3.00"},
        {"op": "redeem", "ref": f"v{number}", "member": "card:1", "points": 2},
        {"op": "adjust", "ref": f"a{number}", "member": "card:1", "points": 1, "reason": "x"}]} for number in range(400)]
    kills = 0
    while recorded(this) < len(groups):
        till = Batch(this)
        till.process.stdout.close()
        try:
            for group in groups[recorded(this):]:
                till.send(json.dumps(group) + "\n")
                if kills < 15 and this.chance.random() < 0.05:
                    till.process.send_signal(signal.SIGKILL)
                    kills += 1
        except BrokenPipeError:
            pass
        till.process.stdin.close()
        till.process.stderr.close()
        till.process.wait(timeout=30)
        kinds = this.kinds()
        expect(kinds.get("purchase", 0) == kinds.get("redeem", 0) == kinds.get("adjust", 0), "half a group:", kinds)
    expect(kills > 0, "nothing was killed")
    balance = this.run("show", "card:1")["balances"]["point"]["available"]
    expect(balance == 2 * len(groups), "points:", balance)
    this.whole()
    return f"passed ({kills} kills)"


def anchors(this):
    """One look for each, however long the log has become."""
    this.init()
    till = Batch(this)
    note = till.say(sale(0))["checkpoint"]["note"]
    expect(till.say(sale(1, anchor=note))["ok"], "it is held")
    forged = note.replace("shop\n", "other\n", 1)
    for op in ({"op": "show", "member": "card:0"}, {"op": "checkpoint"}, sale(2), sale(0), {"op": "nonsense"}):
        answer = till.say({**op, "anchor": forged})
        expect(answer["error"]["code"] == "ledger_restored", answer)
    size = int(note.split("\n")[1])
    unheld = note.replace(f"\n{size}\n", f"\n{size - 1}\n", 1)
    expect(till.say(sale(2, anchor=unheld))["error"]["code"] == "ledger_restored", "a size between commits")
    till.close(status=7)
    expect(recorded(this) == 2, this.kinds())


trial.main(broken_lines, commits, holds_nothing, busy, newer_schema, moved_away, other_end_dies, groups_killed, anchors)
