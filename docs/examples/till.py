#!/usr/bin/env python3
"""A till's client in Python: one `loyalty batch` kept open behind two pipes.
    till.py LEDGER FOLDER < requests     one JSON object a line; answers to standard output
FOLDER is this till's own: `anchor` (the newest checkpoint) and `till.spool` live there.
Exit status 7: the ledger is not the one that this till has seen. Tell whoever runs it."""
import json, os, subprocess, sys
GONE = {"ok": False, "error": {"code": "gone", "retry": "same_ref"}}

class Till:
    def __init__(self, ledger, folder):
        self.ledger, self.process = ledger, None
        self.anchor, self.spool = os.path.join(folder, "anchor"), os.path.join(folder, "till.spool")

    def start(self):
        anchor = ["--anchor", self.anchor] if os.path.exists(self.anchor) else []
        self.process = subprocess.Popen(["loyalty", "--db", self.ledger, "batch", *anchor], bufsize=0,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, request):
        """One line out, one line back, after its commit."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
        except BrokenPipeError:
            pass  # it may have said why before it ended
        line = self.process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else GONE

    def record(self, request):
        """The answer; or, where the ledger cannot be reached, that of the spool."""
        for _ in range(3):
            answer = self.ask(request)
            error = answer.get("error", {})
            if error.get("code") in ("ledger_restored", "fork"):
                sys.exit(7)
            if error.get("retry") != "same_ref" and error.get("code") not in ("busy", "no_such_file"):
                return self.keep(answer)
            self.process.communicate()
            self.process = None
        return json.loads(self.command("--json", "spool", "add", request=json.dumps(request)))

    def keep(self, answer):
        if "checkpoint" in answer:
            with open(self.anchor + ".new", "w", encoding="utf-8", newline="") as file:
                file.write(answer["checkpoint"]["note"])
            os.replace(self.anchor + ".new", self.anchor)
        if os.path.exists(self.spool):  # what had to wait goes as soon as the ledger is there
            self.command("--db", self.ledger, "spool", "replay")
        return answer

    def command(self, *words, request=None):
        return subprocess.run(["loyalty", *words, "--file", self.spool], input=request, text=True,
                              capture_output=True, encoding="utf-8").stdout

till = Till(*sys.argv[1:3])
for given in sys.stdin:
    print(json.dumps(till.record(json.loads(given))), flush=True)
