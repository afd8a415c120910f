"""The clients of docs/examples, as a till runs them: each answer once, a process that is
killed in between, a ledger that is away, and one that was restored from an old backup."""
import json
import os
import shutil
import signal
import subprocess
import time

import trial
from trial import expect

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "examples")


def sale(number, **more):
    return {"op": "purchase", "receipt": f"P{number}", "member": f"card:{1 + number % 3}", "enrol": True,
            "amount": f"{1 + number}.00", **more}


class Client:
    """The client as a process, with `loyalty` on its path."""

    def __init__(self, this, words):
        self.this, self.words, self.folder = this, words, this.path("till")
        os.makedirs(self.folder, exist_ok=True)
        os.makedirs(this.path("bin"), exist_ok=True)
        if not os.path.exists(this.path("bin/loyalty")):
            os.symlink(this.command, this.path("bin/loyalty"))
        self.process = subprocess.Popen([*words, this.db, self.folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, PATH=this.path("bin") + ":" + os.environ["PATH"]))

    def say(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def coprocesses(self):
        found = subprocess.run(["pgrep", "-f", f"^loyalty --db {self.this.db} batch"], text=True, capture_output=True)
        return [int(number) for number in found.stdout.split()]

    def close(self, status=0):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        expect(self.process.returncode == status, self.words, "ended with", self.process.returncode)


def kept_anchor(this):
    """What the till keeps is the ledger's newest checkpoint, byte for byte."""
    with open(this.path("till/anchor"), encoding="utf-8", newline="") as file:
        expect(file.read() == this.run("checkpoint")["note"], "another anchor was kept")


def client(words):
    def case(this):
        if shutil.which(words[0]) is None:
            return f"skipped: there is no {words[0]}"
        this.init()
        till = Client(this, words)
        for number in range(3):
            answer = till.say(sale(number))
            expect(answer["ok"] and not answer["duplicate"] and answer["receipt"] == f"P{number}", answer)
        kept_anchor(this)
        refused = till.say(sale(1, amount="999.00"))
        expect(refused["error"]["code"] == "key_reused", refused)
        # The process dies: the same request is sent to a new one.
        killed = till.coprocesses()
        expect(len(killed) == 1, "coprocesses:", killed)
        os.kill(killed[0], signal.SIGKILL)
        answer = till.say(sale(3))
        expect(answer["ok"] and answer["receipt"] == "P3", answer)
        # The ledger is away, under the open process: the sale waits in the spool.
        os.rename(this.db, this.path("away"))
        for number in (4, 5):
            answer = till.say(sale(number))
            expect(answer["ok"] and "spooled" in answer, answer)
        os.rename(this.path("away"), this.db)
        answer = till.say(sale(6))
        expect(answer["ok"] and answer["receipt"] == "P6", answer)
        till.close()
        shown = this.run("spool", "show", "--file", this.path("till/till.spool"))
        expect(shown["done"] == 2 and shown["waiting"] == 0, shown)
        expect(this.kinds()["purchase"] == 7, this.kinds())
        this.whole()
        # A backup from before the day takes the ledger's place.
        this.run("backup", this.path("noon.db"))
        till = Client(this, words)
        expect(till.say(sale(7))["ok"], "the next day")
        till.close()
        os.rename(this.db, this.path("dead.db"))
        this.run("restore", this.path("noon.db"), status=7, code="ledger_restored")
        this.run("restore", this.path("noon.db"), "--accept-loss")
        till = Client(this, words)
        till.process.stdin.write(json.dumps(sale(8)) + "\n")
        till.close(status=7)
        expect(this.kinds()["purchase"] == 7, "something was recorded")
        return None
    return case


def in_shell(this):
    return client(["sh", os.path.join(EXAMPLES, "till.sh")])(this)


def in_python(this):
    return client(["python3", os.path.join(EXAMPLES, "till.py")])(this)


def in_node(this):
    return client(["node", os.path.join(EXAMPLES, "till.js")])(this)


trial.main(in_shell, in_python, in_node)
