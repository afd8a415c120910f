"""The mark outside of the database: killed while it is written, raised by many at once, it is never
ahead of the log, and an older copy is noticed for all that."""
import json
import os
import shutil
import signal
import subprocess
import time

import trial
from trial import expect


def mark(this):
    """How many records the mark has; 0 where there is none, or nothing that can be read."""
    names = [name for name in os.listdir(this.path("state")) if name.endswith(".mark")] \
        if os.path.isdir(this.path("state")) else []
    expect(len(names) <= 1, names)
    if not names:
        return 0
    with open(os.path.join(this.path("state"), names[0]), "rb") as file:
        lines = file.read().split(b"\n")
    return int(lines[1]) if len(lines) > 5 and lines[1].isdigit() else 0


def size(this):
    return this.run("checkpoint")["size"]


def killed(this):
    """Till after till is killed at any moment; whoever comes next is never told a lie."""
    this.init()
    this.purchase("warm", "1", "1.00", "--enrol")
    lines = "".join(json.dumps({"op": "purchase", "member": "card:1", "receipt": f"{n}", "amount": "5.00"}) + "\n"
                    for n in range(400))
    kills, behind = 0, 0
    for number in range(6 if trial.sanitized(this.command) else 25):
        process = subprocess.Popen(this.arguments("batch"), stdin=open(this.write("in", lines)),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        stop = this.chance.randrange(1, 120)
        for count, line in enumerate(process.stdout, 1):
            expect(json.loads(line)["ok"], "refused:", line)
            if count == stop:
                process.send_signal(signal.SIGKILL)
                kills += 1
                break
        process.stdout.read()
        process.wait()
        expect(mark(this) <= size(this), "the mark is ahead:", mark(this), size(this))
        behind += mark(this) < size(this)
        lines = lines.replace('"receipt": "', f'"receipt": "{number}-', 400)
    this.purchase("last", "1", "1.00")
    expect(mark(this) == size(this), "the mark stayed behind", mark(this), size(this))
    this.whole()
    return f"passed ({kills} kills, {behind} with the mark behind)"


def together(this):
    """Many tills at once: nobody is refused, and the mark ends where the log does."""
    this.init()
    this.run("import", this.receipts_csv("sales.csv", 4000, 50), "--mapping", this.mapping, "--history")
    this.purchase("warm", "1", "1.00", "--enrol", "--accept-clock")
    tills = []
    for till in range(4):
        lines = "".join(json.dumps({"op": "purchase", "member": "card:1", "receipt": f"{till}-{n}", "amount": "2.00"})
                        + "\n" for n in range(60))
        tills.append(subprocess.Popen(this.arguments("batch"), stdin=open(this.write(f"in{till}", lines)),
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
    while tills[0].poll() is None:  # a mark may not be newer than what is verified beside it
        expect(this.run("verify")["completeness"] == "unanchored", "taken for an older copy")
    for till in tills:
        for line in till.communicate(timeout=60)[0].splitlines():
            expect(json.loads(line)["ok"], "refused:", line)
    expect(0 < mark(this) <= size(this), "the mark is ahead:", mark(this), size(this))
    this.purchase("last", "1", "1.00")
    expect(mark(this) == size(this), "the mark stayed behind", mark(this), size(this))
    this.whole()


def recovery_killed(this):
    """A recovery that is killed is there or is not; it is never needed twice for one loss."""
    this.init()
    this.purchase("warm", "1", "1.00", "--enrol")
    shutil.copy(this.db, this.path("old.db"))
    for number in range(3):
        this.purchase(f"{number}", "1", "1.00")
    shutil.copytree(this.path("state"), this.path("state.then"))
    began = time.monotonic()
    this.run("checkpoint")
    took = time.monotonic() - began
    found = {"recorded": 0, "not": 0}
    for _ in range(4 if trial.sanitized(this.command) else 25):
        for ending in this.beside():
            os.remove(this.db + ending)
        shutil.copy(this.path("old.db"), this.db)
        shutil.rmtree(this.path("state"))
        shutil.copytree(this.path("state.then"), this.path("state"))
        this.run("purchase", "--member", "card:1", "--receipt", "x", "--amount", "1.00", status=7,
                 code="ledger_restored")
        process = this.start("recover", "--reason", "disk")
        try:
            process.communicate(timeout=this.chance.uniform(0.2, 2.5) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        recorded = this.kinds().get("recover", 0)
        found["recorded" if recorded else "not"] += 1
        if not recorded:
            this.run("recover", "--reason", "disk")
        this.purchase("x", "1", "1.00")
        expect(this.kinds()["recover"] == 1, this.kinds())
    this.whole()
    return f"passed ({found})"


trial.main(killed, together, recovery_killed)
