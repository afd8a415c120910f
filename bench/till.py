"""One of the tills of bench.py: its own process, with a coprocess of its own. Says when it is
ready, waits for a word, then sends purchases one at a time and says how long each took."""
import json
import subprocess
import sys
import time

LOYALTY, LEDGER, NAME, COUNT = *sys.argv[1:4], int(sys.argv[4])
process = subprocess.Popen([LOYALTY, "--db", LEDGER, "--busy", "60000", "batch"], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, bufsize=0)


def purchase(number):
    line = json.dumps({"op": "purchase", "receipt": f"{NAME}.{number}", "amount": "58.00", "enrol": True,
                       "member": f"card:{20000000 + number % 1000}"}).encode() + b"\n"
    start = time.perf_counter()
    process.stdin.write(line)
    answer = process.stdout.readline()
    seconds = time.perf_counter() - start
    if b'"ok":true' not in answer:
        sys.exit(answer.decode())
    return seconds


purchase(-1)
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps([purchase(number) for number in range(COUNT)]), flush=True)
process.stdin.close()
process.wait()
