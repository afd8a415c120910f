"""What the tests with processes share: a folder, a ledger in it, the command, and
expectations that say what was expected."""
import csv
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SKIP = 77
SEED = 20260101
PROGRAMME = {"loyalty": 1, "id": "shop", "timezone": "Europe/London", "currency": "GBP",
             "receipts": {"late": "P30D"}, "points": {"point": {}},
             "earn": [{"id": "base", "per": "1.00", "gives": {"point": 1}, "rounding": "carry"}]}
MAPPING = {"encoding": "utf-8", "time_format": "%Y-%m-%dT%H:%M:%SZ",
           "columns": {name: name for name in ("receipt", "member", "time", "sku", "quantity", "amount")},
           "returns": {"receipt_prefix": "R"}}


class Failed(Exception):
    pass


def expect(condition, *what):
    if not condition:
        raise Failed(" ".join(str(word) for word in what))


class Trial:
    def __init__(self, command, name="trial.db"):
        self.command = os.path.abspath(command)
        self.folder = tempfile.mkdtemp(prefix="loyalty-fault-")
        os.environ["LOYALTY_STATE"] = self.path("state")
        self.chance = random.Random(SEED)
        self.programme = self.write("shop.json", json.dumps(PROGRAMME))
        self.mapping = self.write("mapping.json", json.dumps(MAPPING))
        self.db = self.path(name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def arguments(self, *words, db=None):
        return [self.command, "--db", db or self.db, "--json", *words]

    def start(self, *words, db=None):
        return subprocess.Popen(self.arguments(*words, db=db), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words, db=None, status=0, code=None, timeout=60):
        """The answer; another exit status or error code than expected fails."""
        done = subprocess.run(self.arguments(*words, db=db), stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=timeout)
        expect(done.returncode == status, words, "expected", status, "got", done.returncode,
               done.stdout, done.stderr)
        answer = json.loads(done.stdout) if done.stdout.startswith("{") else {"text": done.stdout}
        found = answer.get("error", {}).get("code")
        expect(found == code, words, "expected", code, "got", found, done.stdout)
        return answer

    def init(self, db=None):
        self.run("init", "--programme", self.programme, db=db)

    def purchase(self, receipt, card, amount, *more, **expected):
        return self.run("purchase", "--member", f"card:{card}", "--receipt", receipt, "--amount",
                        amount, *more, **expected)

    def whole(self, db=None):
        """Every proof holds, and the projections are what the records amount to."""
        answer = self.run("verify", "--all-signatures", db=db)
        self.run("audit", db=db)
        self.run("rebuild", db=db)
        return answer

    def ask(self, text, *values, db=None):
        connection = sqlite3.connect(f"file:{db or self.db}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(text, values).fetchall()
        finally:
            connection.close()

    def kinds(self, db=None):
        return dict(self.ask("SELECT json_extract(head, '$.op'), count(*) FROM record GROUP BY 1", db=db))

    def beside(self, db=None):
        """What SQLite left beside the database."""
        name = db or self.db
        return [ending for ending in ("-wal", "-shm", "-journal") if os.path.exists(name + ending)]

    def receipts_csv(self, name, count, members, first=1):
        """One purchase a line, every 50th receipt a return; sorted by time."""
        path = self.path(name)
        with open(path, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["receipt", "member", "time", "sku", "quantity", "amount"])
            for i in range(first, first + count):
                second = 7 * i
                time = (f"2024-{1 + second // 2419200 % 12:02}-{1 + second // 86400 % 28:02}"
                        f"T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}Z")
                member = 1 + i * 7919 % members
                if i % 50 == 0:
                    rows.writerow([f"R{i}", 1 + (i - 1) * 7919 % members, time, "tea", -1, "-1.25"])
                else:
                    rows.writerow([i, member, time, "tea", 1, f"{1 + i * 31 % 90}.25" if i % 50 != 49
                                   else "1.25"])
        return path

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def sanitized(command):
    """Built with the address sanitizer? Then memory and time say nothing."""
    with open(command, "rb") as file:
        return b"__asan_init" in file.read()


def main(*cases):
    """Run the cases, each on a folder of its own; argv: the command, then names."""
    command, only = sys.argv[1], sys.argv[2:]
    failures, skipped = 0, 0
    for case in cases:
        if only and case.__name__ not in only:
            continue
        trial = Trial(command)
        try:
            note = case(trial)
            if note is not None and note.startswith("skipped"):
                skipped += 1
            print(f"{case.__name__}: {note or 'passed'}", flush=True)
        except (Failed, subprocess.TimeoutExpired) as failure:
            failures += 1
            print(f"{case.__name__}: FAILED: {failure}", flush=True)
        finally:
            trial.close()
    sys.exit(1 if failures else SKIP if skipped == len(cases) else 0)
