#!/usr/bin/env python3
"""Check an auditor's bundle without the software that made it: python3 check_bundle.py DIR KEY [ANCHOR]
KEY is a file with the public key, ANCHOR a checkpoint of your own. It needs Python's standard library
and openssl. What it does not check: the form of heads, programme versions, older checkpoints."""
import base64, hashlib, json, pathlib, subprocess, sys, tempfile

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def require(condition, text):
    if not condition:
        sys.exit("FAILED: " + text)

def opened(note, key):
    """Size and root of a checkpoint, whose signature by the key must hold."""
    (body, signatures), (name, number, material) = note.rsplit(b"\n\n", 1), key.split("+", 2)
    material = base64.b64decode(material)
    own = [base64.b64decode(line.split()[2]) for line in signatures.decode().splitlines() if line.split()[1] == name]
    own = [signature[4:] for signature in own if signature[:4].hex() == number]
    usable = material[0] == 1 and sha256(name.encode(), b"\n", material)[:4].hex() == number
    require(usable and own, "a checkpoint is not signed by this key")
    with tempfile.TemporaryDirectory() as folder:
        for file, content in [("key", bytes.fromhex("302a300506032b6570032100") + material[1:]),
                              ("body", body + b"\n"), ("signature", own[0])]:
            (pathlib.Path(folder) / file).write_bytes(content)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in body -sigfile signature"
        done = subprocess.run(command.split(), cwd=folder, capture_output=True)
    origin, size, root = body.decode().split("\n")
    require(done.returncode == 0 and origin == name, "a checkpoint's signature does not hold")
    return int(size), base64.b64decode(root)

def root_of(stack): # its complete parts, largest first
    root = stack[-1][1] if stack else sha256()
    for _, left in reversed(stack[:-1]):
        root = sha256(b"\x01", left, root)
    return root

folder, key = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text().split("\n")[0]
notes = [folder / "checkpoint", *folder.glob("from"), *map(pathlib.Path, sys.argv[3:])]
signed = [opened(note.read_bytes(), key) for note in notes]
start = size = signed[1][0] if (folder / "from").exists() else 0
nodes = (folder / "edge").read_text().split() if size else []
stack = [(1 << bit, base64.b64decode(nodes.pop(0))) for bit in reversed(range(64)) if size >> bit & 1] # (leaves, hash)
missing, bodies = set(), {entry["seq"]: entry for entry in map(json.loads, (folder / "bodies").read_text("utf-8").split("\n")[:-1])}
for head in [None] + (folder / "heads").read_bytes().split(b"\n")[:-1]:
    if head is not None:
        entry, record = bodies.pop(size, None), json.loads(head)
        digest = sha256(bytes.fromhex(entry["salt"]), entry["body"].encode()).hex() if entry else record.get("body")
        require(record["seq"] == size and record.get("body") == digest, "record %d or its body" % size)
        missing |= {size} if digest and not entry else set() # until a later record says that it has erased it
        missing -= {seq for first, last in record.get("erased", []) for seq in range(first, last + 1)}
        stack.append((1, sha256(b"\x00", head)))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (count, right), (_, left) = stack.pop(), stack.pop()
            stack.append((2 * count, sha256(b"\x01", left, right)))
        size += 1
    require(all(count != size or root == root_of(stack) for count, root in signed),
            "the first %d records are not those that were signed" % size)
require(signed[0][0] == size == max(signed)[0] and start <= min(signed)[0] and not bodies and not missing, "the bundle is not whole")
print("records %d to %d are those that %s signed" % (start, size - 1, key.split("+")[0]))
