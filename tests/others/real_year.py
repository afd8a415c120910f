#!/usr/bin/env python3
"""A retailer's real year (Online Retail, 25,000 receipts) as evidence in other hands.

    real_year.py LOYALTY others   its checkpoint, bundle and published log, read by other people's software
    real_year.py LOYALTY audit    carried out again: identical; then one rule's outcome is falsified

Others: `openssl pkeyutl`, PyNaCl, docs/examples/check_bundle.py, Go's sumdb packages. What is not installed
is named, and the test counts as skipped once all others have agreed.

The forger of `audit` has the stolen key and all the time that he wants: he changes what one rule gave, hashes the log
anew, signs every checkpoint anew, and has the program rebuild its tables. Nothing is left that hashes
could tell: verify must pass, and audit must name the record."""
import base64, hashlib, json, lzma, os, shutil, sqlite3, subprocess, sys, tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PUBLIC, PRIVATE = "302a300506032b6570032100", "302e020100300506032b657004220420"  # DER before an Ed25519 key


def require(condition, what):
    if not condition:
        sys.exit("FAILED: " + what)


def run(*command, status=0):
    done = subprocess.run(command, capture_output=True, text=True)
    require(done.returncode == status, "%s: exit status %d\n%s%s" % (command, done.returncode, done.stdout, done.stderr))
    return done.stdout


class Year:
    def __init__(self, loyalty, folder):
        self.loyalty, self.folder = loyalty, folder
        self.run("init", "--programme", SOURCE + "/docs/examples/online-retail.json")
        with lzma.open(SOURCE + "/data/online-retail.csv.xz", "rb") as packed, open("retail.csv", "wb") as plain:
            shutil.copyfileobj(packed, plain)
        self.run("import", "retail.csv", "--mapping", SOURCE + "/docs/examples/online-retail.mapping.json", "--history")
        said = self.ask("checkpoint")
        self.note, self.key, self.size = said["note"], said["key"], said["size"]
        require(self.size > 25000, "a year has more than %d records" % self.size)
        with open("key.txt", "w") as file:
            file.write(self.key + "\n")

    def run(self, *words, status=0):
        return run(self.loyalty, *words, status=status)

    def ask(self, *words, status=0):
        return json.loads(self.run("--json", *words, status=status))


def opened(note, key):
    """What is signed, the signature, and the public key's 32 bytes."""
    text, signatures = note.split("\n\n", 1)
    return (text + "\n").encode(), base64.b64decode(signatures.split()[2])[4:], base64.b64decode(key.split("+", 2)[2])[1:]


# --- Other people's software --------------------------------------------------------------------------------------

def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def by_openssl(year):
    if shutil.which("openssl") is None:
        return "openssl"
    text, signature, key = opened(year.note, year.key)
    write("public.der", bytes.fromhex(PUBLIC) + key)
    write("signature", signature)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey public.der -rawin -in text -sigfile signature".split()
    write("text", text)
    run(*command)
    write("text", text.replace(b"\n%d\n" % year.size, b"\n%d\n" % (year.size - 1)))
    run(*command, status=1)


def by_nacl(year):
    try:
        from nacl.signing import VerifyKey
        from nacl.exceptions import BadSignatureError
    except ImportError:
        return "PyNaCl (python3-nacl)"
    text, signature, key = opened(year.note, year.key)
    VerifyKey(key).verify(text, signature)
    try:
        VerifyKey(key).verify(text + b"\n", signature)
    except BadSignatureError:
        return
    require(False, "PyNaCl accepts another text")


def by_script(year):
    year.run("export", "--audit", "bundle")
    said = run("python3", SOURCE + "/docs/examples/check_bundle.py", "bundle", "key.txt")
    require(said == "records 0 to %d are those that gift-shop signed\n" % (year.size - 1), said)


def by_go(year):
    if shutil.which("go") is None or not os.path.isdir("/usr/share/gocode/src/golang.org/x/mod/sumdb"):
        return "Go (golang-go, golang-golang-x-mod-dev)"
    shutil.copy(SOURCE + "/tests/others/read_log.go", ".")
    os.environ.update(GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=year.folder + "/go")
    run("go", "build", "read_log.go")
    year.run("publish", "log", "--entries")
    proofs = []
    for seq in (0, 12345, year.size - 1):
        proofs.append("%d.tlog-proof" % seq)
        write(proofs[-1], year.run("prove", str(seq)).encode())
    said = run("./read_log", "log", "key.txt", *proofs)
    require("record 12345 is one of %d" % year.size in said, said)


def others(year):
    missing = [name for name in (other(year) for other in (by_openssl, by_nacl, by_script, by_go)) if name]
    if missing:
        print("SKIPPED: not installed: " + ", ".join(missing))
        sys.exit(77)


# --- The forger ---------------------------------------------------------------------------------------------------------

def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The roots of complete parts, largest first."""

    def __init__(self):
        self.size, self.parts = 0, []

    def add(self, head):
        part, self.size = hashlib.sha256(b"\x00" + head.encode()).digest(), self.size + 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            part = node(self.parts.pop(), part)
        self.parts.append(part)

    def root(self):
        root = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            root = node(part, root)
        return root


def sign(text, line):
    """As the ledger does: PRIVATE+KEY+name+id+base64(type, seed)."""
    _, _, name, number, secret = line.strip().split("+", 4)  # base64 may have one, too
    write("private.der", bytes.fromhex(PRIVATE) + base64.b64decode(secret)[1:])
    write("text", text.encode())
    run("openssl", "pkeyutl", "-sign", "-keyform", "DER", "-inkey", "private.der", "-rawin", "-in", "text", "-out", "signature")
    with open("signature", "rb") as file:
        return "%s\n— %s %s\n" % (text, name, base64.b64encode(bytes.fromhex(number) + file.read()).decode())


def falsified(head):
    """One point more than the rule gives, everywhere in the record, so that it still adds up."""
    record = json.loads(head)
    for entry, place, more in (("post", 0, -1), ("post", 1, 1), ("lots", 0, 1)):
        at = 1 if entry == "lots" else 2
        record[entry][place][at] += more
    record["gave"][0][2] += 1
    return json.dumps(record, separators=(",", ":"))


def victim(db):
    """A purchase of the middle of the year, the last of its member: nothing follows from it."""
    for seq, head in db.execute("SELECT seq, head FROM record WHERE seq > 12000 ORDER BY seq"):
        record = json.loads(head)
        (last,) = db.execute("SELECT count(*) FROM member WHERE last = ?", (seq,)).fetchone()
        if last and record["op"] == "purchase" and len(record.get("post", [])) == 2 and len(record.get("gave", [])) == 1:
            return seq, head


def forge(path):
    with open(path + ".key") as file:
        key = file.read()
    db = sqlite3.connect(path, isolation_level=None)
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    seq, head = victim(db)
    db.execute("BEGIN")
    for name, _ in triggers:
        db.execute("DROP TRIGGER " + name)
    db.execute("UPDATE record SET head = ? WHERE seq = ?", (falsified(head), seq))
    tree, sizes = Tree(), {size: note for size, note in db.execute("SELECT size, note FROM checkpoint")}
    for (line,) in db.execute("SELECT head FROM record ORDER BY seq").fetchall():
        tree.add(line)
        if tree.size in sizes and tree.size > seq:
            text = "%s\n%d\n%s\n" % (sizes[tree.size].split("\n")[0], tree.size, base64.b64encode(tree.root()).decode())
            db.execute("UPDATE checkpoint SET note = ? WHERE size = ?", (sign(text, key), tree.size))
    for _, sql in triggers:
        db.execute(sql)
    db.execute("COMMIT")
    db.close()
    return seq


def audit(year):
    if shutil.which("openssl") is None:
        print("SKIPPED: not installed: openssl, with which the forger signs")
        sys.exit(77)
    said = year.ask("audit")
    require(said["re_executed"] == said["records"] == year.size, "%s" % said)
    with open("anchor.txt", "w") as file:
        file.write(year.note)
    seq = forge("loyalty.db")
    year.run("rebuild")
    said = year.ask("verify", "--all-signatures")
    require(said["integrity"] == "verified" and said["records"] == year.size, "%s" % said)
    said = year.ask("verify", "--anchor", "anchor.txt", status=9)
    require(said["error"]["code"] == "fork", "%s" % said)
    said = year.ask("audit", status=7)["error"]
    require(said["field"] == "record" and said["message"].startswith("record %d:" % seq), "%s" % said)
    print("record %d: %s" % (seq, said["message"]))


def main():
    loyalty, what = os.path.abspath(sys.argv[1]), {"others": others, "audit": audit}[sys.argv[2]]
    # Whoever saw the log before would know the forgery by their own mark; here nobody has.
    os.environ["LOYALTY_STATE"] = "none"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        what(Year(loyalty, folder))
        os.chdir("/")


main()
