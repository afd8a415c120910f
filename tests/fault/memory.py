"""The memory of import, verify, audit and rebuild is bounded, whatever the length of the file."""
import os

import trial
from trial import expect

LIMIT = 64 * 1024  # KiB


def peak(this, *words):
    """The most memory that one run had, in KiB."""
    process = this.start(*words)
    out, error = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    expect(process.returncode == 0, words, out, error)
    return usage.ru_maxrss


def bounded(this):
    if trial.sanitized(this.command):
        return "skipped: sanitizers have their own memory"
    path = this.receipts_csv("sales.csv", 80000, 20000)
    this.init()
    said = []
    for words in (("import", path, "--mapping", this.mapping, "--history"), ("verify",),
                  ("audit",), ("rebuild",)):
        most = peak(this, *words)
        said.append(f"{' '.join(w for w in words if '/' not in w)} {most // 1024} MiB")
        expect(most < LIMIT, words, most, "KiB")
    return "passed (" + ", ".join(said) + ")"


trial.main(bounded)
