"""A till: a process of its own, with a journal of its own on its disk, that can be killed
at any moment and goes on where it stood.

It writes down what it is going to send before it sends it, and what was answered when it
was. So after a kill it knows what it does not know, and sends that again: keys make it
safe. While the ledger is away it spools. One command a line on standard input says which
hour it is; the answer is a line when all of that hour is done."""
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time

from script import moment

FULL_AFTER = 700  # bytes that still fit on a disk that is nearly full


def halves(answer):
    """An exchange is answered as its return and its purchase."""
    return [answer["return"], answer["purchase"]] if "difference" in answer else [answer]


class Gone(Exception):
    """The coprocess ended before it had answered."""


class Till:
    def __init__(self, config):
        self.config = config
        self.name, self.loyalty, self.db = config["name"], config["loyalty"], config["db"]
        self.batch, self.room = None, None
        self.begun, self.spooled, self.done = {}, set(), {}  # requests by id
        self.lives = 0
        self.read_journal()
        self.journal = open(config["journal"], "a", encoding="utf-8")
        # Who is killed at one place is not killed there again.
        self.chance = random.Random(f"{config['seed']}/{self.name}/{self.lives}")
        self.note({"woke": self.lives + 1})

    def may_die(self):
        """kill -9, with all that this till has started."""
        if self.chance.random() < self.config["deaths"]:
            os.killpg(os.getpgrp(), signal.SIGKILL)

    # --- The journal -------------------------------------------------------------------

    def read_journal(self):
        if not os.path.exists(self.config["journal"]):
            return
        with open(self.config["journal"], encoding="utf-8") as file:
            text = file.read()
        whole = text[:text.rfind("\n") + 1]
        if whole != text:  # killed while it wrote: nobody has seen that line
            os.truncate(self.config["journal"], len(whole.encode()))
        for line in whole.splitlines():
            entry = json.loads(line)
            if "request" in entry:
                self.begun[entry["id"]] = entry["request"]
            elif "woke" in entry:
                self.lives = entry["woke"]
            elif "spooled" in entry:
                self.spooled.add(entry["spooled"])
            else:
                self.done[entry["done"]] = entry["answer"]

    def note(self, *entries):
        text = "".join(json.dumps(entry) + "\n" for entry in entries)
        half = self.chance.randrange(len(text) + 1) if text and "woke" not in text else 0
        for part in (text[:half], text[half:]):
            self.journal.write(part)
            self.journal.flush()
            if half > 0:
                self.may_die()

    def begin(self, requests):
        new = [request for request in requests if request["id"] not in self.begun]
        self.note(*({"id": request["id"], "request": request} for request in new))
        self.begun.update((request["id"], request) for request in new)

    def finish(self, answers, of_spool=False):
        kept = {}
        for name, answer in answers.items():
            kept[name] = {key: answer[key] for key in ("seq", "duplicate", "claim_code", "status")
                          if key in answer}
            if not answer["ok"]:
                kept[name]["code"] = answer["error"]["code"]
        if answers and answer["ok"]:
            kept[name]["note"] = halves(answer)[0]["checkpoint"]["note"]
        self.note(*({"done": name, "answer": answer} for name, answer in kept.items()))
        self.done.update(kept)

    # --- Online ------------------------------------------------------------------------

    def words(self, *words):
        return [self.loyalty, "--db", self.db, "--json", "--busy", "60000", *words]

    def coprocess(self, lines, killed):
        if self.batch is None:
            self.batch = subprocess.Popen(self.words("batch"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          text=True)
        try:
            self.batch.stdin.write("".join(lines))
            self.batch.stdin.flush()
            if killed:
                self.batch.kill()
            answers = [self.batch.stdout.readline() for _ in lines]
        except BrokenPipeError:
            answers = [""]
        if all(answer.endswith("\n") for answer in answers):
            return [json.loads(answer) for answer in answers]
        self.batch.wait()
        self.batch = None
        raise Gone

    def one_by_one(self, lines):
        done = subprocess.run(self.words("batch"), input="".join(lines), capture_output=True, text=True,
                              check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def send(self, requests, now):
        """What nobody answered is sent again until it is."""
        waiting = [request for request in requests if request["id"] not in self.done]
        self.begin(waiting)
        tries = 0
        while waiting:
            lines = [json.dumps({**request, "now": now}) + "\n" for request in waiting]
            tries += 1
            if tries > 100:
                raise SystemExit(f"{self.name}: no answer to {lines}")
            try:
                killed = tries == 1 and self.chance.random() < self.config["deaths"]
                answers = (self.one_by_one(lines) if self.config["single"] else self.coprocess(lines, killed))
            except Gone:
                continue
            final = {answer["id"]: answer for answer in answers
                     if answer["ok"] or answer["error"]["retry"] == "never"
                     or answer["error"]["code"] == "insufficient_points"}
            self.may_die()
            self.finish(final)
            waiting = [request for request in waiting if request["id"] not in final]
        if self.chance.random() < 0.05:
            self.repeat(requests, now)

    def repeat(self, requests, now):
        """A duplicate: the same once more, by mistake. It is answered as it was."""
        again = self.one_by_one([json.dumps({**request, "now": now}) + "\n" for request in requests])
        for answer in again:
            was = self.done[answer["id"]]
            if not answer["ok"]:
                continue  # as it was refused before
            moved = answer.get("seq") != was.get("seq", answer.get("seq")) and was.get("status") != "held"
            if moved or not all(half["duplicate"] for half in halves(answer)):
                raise SystemExit(f"{self.name}: recorded twice: {answer}, {was}")
        self.note({"done": again[0]["id"], "answer": {**self.done[again[0]["id"]], "repeated": True}})

    # --- Offline -----------------------------------------------------------------------

    def spool(self, requests, full):
        """On a full disk some are refused: they are tried again in the next hour."""
        waiting = [request for request in requests
                   if request["id"] not in self.done and request["id"] not in self.spooled]
        if not waiting:
            return
        self.begin(waiting)
        path = self.config["spool"]
        if self.room is None:
            self.room = FULL_AFTER + (os.path.getsize(path) if os.path.exists(path) else 0)

        def shrink():
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.room, self.room))
        done = subprocess.run(self.words("spool", "add", "--file", path), text=True, capture_output=True,
                              input="".join(json.dumps(request) + "\n" for request in waiting), check=False,
                              preexec_fn=shrink if full else None, restore_signals=False)
        self.may_die()
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        spooled = [answer["id"] for answer in answers if answer["ok"]]
        refused = {answer["error"]["code"] for answer in answers if not answer["ok"]}
        if refused - {"disk_full", "io_error"}:
            raise SystemExit(f"{self.name}: the spool refuses: {done.stdout}")
        self.note(*({"spooled": name} for name in spooled))
        self.spooled.update(spooled)
        if refused:
            self.note({"done": "disk-full", "answer": {"code": "disk_full"}})

    def replay(self, now):
        waiting = [name for name in self.spooled if name not in self.done]
        if not waiting:
            return
        done = subprocess.run(self.words("--now", now, "spool", "replay", "--file", self.config["spool"]),
                              capture_output=True, text=True, check=False)
        self.may_die()
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.finish({line["answer"]["id"]: line["answer"] for line in lines if "entry" in line})
        if done.returncode != 0:
            raise SystemExit(f"{self.name}: replay: {lines[-1:]} {done.stderr}")
        # Sent by a replay that was killed before it could be written down here.
        rest = [name for name in waiting if name not in self.done]
        self.note(*({"done": name, "answer": {}} for name in rest))
        self.done.update((name, {}) for name in rest)

    # --- An hour ------------------------------------------------------------------------

    def requests_of(self, action, online):
        requests = [{"id": f"{action['key']}/{i}", **request} for i, request in enumerate(action["requests"])]
        # An exchange is one request, or two where it is to be spooled; never both.
        whole = f"{action['key']}/x" in self.begun or (online and requests[0]["id"] not in self.begun)
        if action["kind"] == "exchange" and self.config["exchange"] and whole:
            requests = [{"id": f"{action['key']}/x", "op": "exchange", "return": action["requests"][0],
                         "purchase": action["requests"][1]}]
        if action["kind"] == "claim":
            sale = f"sale-{requests[0]['receipt']}/0"
            code = (self.done.get(sale) or {}).get("claim_code")
            requests[0].update({"code": code} if code else {})
        # What was said once is said again as it was.
        return [self.begun.get(request["id"], request) for request in requests]

    def hour(self, command):
        """Everything up to and including this hour that is not done."""
        online, self.room = not command["offline"], None
        if online:
            self.replay(command["now"])
        todo = []
        for hour in self.config["hours"][:command["hour"] + 1]:
            for action in hour:
                todo += [(action["second"], request) for request in self.requests_of(action, online)
                         if request["id"] not in self.done and request["id"] not in self.spooled]
        bursts = 0
        while todo:
            bursts += 1
            if command["crash"] and bursts == 3:
                break
            size = self.chance.randrange(1, 6)
            second, burst = todo[:size][-1][0], [request for _, request in todo[:size]]
            todo = todo[size:]
            if online:
                self.send(burst, moment(max(second, command["hour"] * 3600)))
            else:
                self.spool(burst, command["full"])
        if command["crash"]:
            print(json.dumps({"crash": True}), flush=True)
            time.sleep(60)  # until it comes

    def close(self, command):
        """What the till says that it sold, by its own journal."""
        sold = [request for request in self.said() if request["op"] == "purchase"]
        voided = {request["of"] for request in self.said() if request["op"] == "void"}
        standing = [sale for sale in sold if f"{sale['store']}/{sale['till']}/{sale['receipt']}" not in voided]
        pence = sum(int(sale["amount"].replace(".", "")) for sale in standing)
        self.send([{"id": "close", "op": "till.close", "store": self.config["store"], "till": self.name,
                    "date": self.config["day"], "count": len(standing),
                    "sum": f"{pence // 100}.{pence % 100:02}"}], command["now"])
        self.replay(command["now"])

    def said(self):
        """Requests that were carried out, or will be."""
        for name, request in self.begun.items():
            if name in self.done or name in self.spooled:
                yield from ([request["return"], request["purchase"]] if request["op"] == "exchange" else [request])

    def serve(self):
        for line in sys.stdin:
            command = json.loads(line)
            self.db = command["db"]
            if command["hour"] == "close":
                self.close(command)
            else:
                self.hour(command)
            print(json.dumps({"hour": command["hour"]}), flush=True)
        if self.batch is not None:
            self.batch.stdin.close()
            self.batch.wait()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        Till(json.load(file)).serve()
