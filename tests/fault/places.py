"""Where a ledger lies: on a full disk, on a read-only one, on another file's place,
beside another key. Each is an error that says so, and nothing is half done."""
import ctypes
import errno
import os
import shutil
import sqlite3

import trial
from trial import expect

libc = ctypes.CDLL(None, use_errno=True)
NEW_NAMESPACE, NEW_USERS = 0x00020000, 0x10000000
RECURSIVE, PRIVATE, REMOUNT, READ_ONLY = 1 << 14, 1 << 18, 32, 1


def mount(kind, place, flags, data):
    if libc.mount(b"none", place.encode(), kind, ctypes.c_ulong(flags), data) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def own_namespace():
    """Mounts of this process only, which end with it. None, or why not."""
    if libc.unshare(NEW_NAMESPACE) != 0:
        user, group = os.getuid(), os.getgid()
        if libc.unshare(NEW_NAMESPACE | NEW_USERS) != 0:
            return f"skipped: no file system can be mounted here ({errno.errorcode[ctypes.get_errno()]})"
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    try:
        mount(None, "/", RECURSIVE | PRIVATE, None)
    except OSError as failure:
        return f"skipped: no file system can be mounted here ({failure})"
    return None


def small_disk(this, size):
    place = this.path("disk")
    os.makedirs(place, exist_ok=True)
    mount(b"tmpfs", place, 0, f"size={size}".encode())
    this.db = os.path.join(place, "shop.db")
    return place


def leave(place):
    libc.umount2(place.encode(), 2)


def fill(place):
    """Until there is no room for a byte; the file that took it."""
    name = os.path.join(place, "filler")
    with open(name, "ab", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                pass
    return name


def full_disk(this):
    why = own_namespace()
    if why is not None:
        return why
    place = small_disk(this, "1m")
    try:
        this.init()
        this.purchase("1", "1", "10.00", "--enrol")
        filler = fill(place)
        refused = this.purchase("2", "1", "20.00", status=1, code="disk_full")
        expect(refused["error"]["retry"] == "same_ref", refused)
        os.remove(filler)
        expect(this.run("verify", "--all-signatures")["ok"], "not verified")
        expect(not this.purchase("2", "1", "20.00")["duplicate"], "the refused purchase was recorded")

        import_until_full(this, place)
        expect(this.run("verify", "--all-signatures")["ok"], "not verified")
        this.run("show", "card:1")
        expect(not this.purchase("3", "1", "5.00")["duplicate"], "recorded before")
        this.whole()
        expect(not this.beside(), "left behind:", this.beside())

        shutil.rmtree(place, ignore_errors=True)
        fill(place)
        this.run("init", "--programme", this.programme, status=1, code="disk_full")
        expect(not os.path.exists(this.db), "half a ledger is left behind")
    finally:
        leave(place)
    return None


def import_until_full(this, place):
    """It stops where the disk ends, and goes on from there when there is room."""
    path = this.receipts_csv("sales.csv", 8000, 1000)
    words = ("import", path, "--mapping", this.mapping, "--history")
    half, reference = os.path.join(place, "half.db"), this.path("reference.db")
    this.init(half)
    answer = this.run(*words, db=half, status=1, code="disk_full")
    expect(answer["error"]["retry"] == "same_ref", answer)
    expect(this.run("verify", "--all-signatures", db=half)["ok"], "not verified")
    mount(b"tmpfs", place, REMOUNT, b"size=64m")
    this.run(*words, db=half)
    this.init(reference)
    this.run(*words, db=reference)
    expect(this.kinds(half) == this.kinds(reference), this.kinds(half), this.kinds(reference))
    this.whole(half)


def read_only(this):
    why = own_namespace()
    if why is not None:
        return why
    place = small_disk(this, "8m")
    try:
        this.init()
        this.purchase("1", "1", "10.00", "--enrol")
        mount(b"tmpfs", place, REMOUNT | READ_ONLY, b"")
        this.purchase("2", "1", "20.00", status=1, code="read_only")
        this.run("import", this.receipts_csv("s.csv", 3, 2), "--mapping", this.mapping, status=1,
                 code="read_only")
        this.run("rebuild", status=1, code="read_only")
        this.run("init", db=os.path.join(place, "new.db"), status=1, code="read_only")
        this.run("backup", os.path.join(place, "copy.db"), status=1, code="read_only")
        expect(this.run("show", "card:1")["balances"]["point"]["available"] == 10, "not readable")
        this.run("verify", "--all-signatures")
        mount(b"tmpfs", place, REMOUNT, b"")
        this.purchase("2", "1", "20.00")
        this.whole()
    finally:
        leave(place)
    return None


def read_only_folder(this):
    """A folder that this user may not write; root may write everywhere."""
    if os.geteuid() == 0:
        return "skipped: root may write everywhere; read_only has a read-only file system"
    folder = this.path("closed")
    os.mkdir(folder)
    this.db = os.path.join(folder, "shop.db")
    this.init()
    os.chmod(folder, 0o500)
    try:
        this.purchase("2", "1", "20.00", "--enrol", status=1, code="read_only")
    finally:
        os.chmod(folder, 0o700)
    this.purchase("2", "1", "20.00", "--enrol")
    this.whole()
    return None


def other_files(this):
    """What is no ledger is called so, and stays as it is."""
    other = this.path("other.db")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY, head TEXT)")
    connection.close()
    pretender = this.path("pretender.db")
    with sqlite3.connect(pretender) as connection:
        connection.execute(f"PRAGMA application_id={0x4c6f796c}")
        connection.execute("PRAGMA user_version=9999")
        connection.execute("CREATE TABLE x (y)")
    connection.close()
    text = this.write("text", "This is no database, and has more than a hundred bytes.\n" * 10)
    empty = this.write("empty", "")
    folder = this.path("folder")
    os.mkdir(folder)
    cases = ((other, 1, "not_a_ledger"), (text, 1, "not_a_ledger"), (empty, 1, "not_a_ledger"),
             (folder, 1, "not_a_ledger"), ("/dev/null", 1, "not_a_ledger"), (pretender, 1, "newer_schema"),
             (this.path("nowhere.db"), 4, "no_such_file"), (this.path("no/where.db"), 4, "no_such_file"))
    for path, status, code in cases:
        before = trial.digest(path) if os.path.isfile(path) else None
        for words in (("show", "card:1"), ("verify",), ("rebuild",),
                      ("purchase", "--member", "card:1", "--enrol", "--receipt", "1", "--amount", "1.00")):
            this.run(*words, db=path, status=status, code=code)
        expect(before is None or trial.digest(path) == before, "changed:", path)
        expect(not this.beside(path), "left behind:", path, this.beside(path))
    expect(not os.path.exists(this.path("nowhere.db")), "made on the way")


def keys(this):
    """The wrong key, none, or one that others can read: nothing is written."""
    this.init()
    this.purchase("1", "1", "10.00", "--enrol")
    other = this.path("other.db")
    this.init(other)
    key, kept = this.db + ".key", this.path("kept.key")
    os.rename(key, kept)
    before = trial.digest(this.db)

    def refused(code, *flags):
        for words in (("purchase", "--member", "card:1", "--receipt", "2", "--amount", "1.00"), ("rebuild",),
                      ("import", this.receipts_csv("s.csv", 3, 2), "--mapping", this.mapping)):
            this.run(*flags, *words, status=1, code=code)
        expect(trial.digest(this.db) == before, "written in spite of", code)
        this.run("verify")  # reading needs no key

    refused("key_missing")
    shutil.copy(other + ".key", key)
    os.chmod(key, 0o600)
    refused("key_wrong")
    for mode in (0o644, 0o640, 0o604, 0o660, 0o601):
        shutil.copy(kept, key)
        os.chmod(key, mode)
        refused("key_exposed")
    os.remove(key)
    for text in (b"", b"\n", b"x" * 5000, open(kept, "rb").read()[:-8], bytes(76)):
        with open(key, "wb") as file:
            file.write(text)
        os.chmod(key, 0o600)
        refused("key_wrong")
    os.remove(key)
    os.mkdir(key)
    os.chmod(key, 0o700)
    expect(this.run("purchase", "--member", "card:1", "--receipt", "2", "--amount", "1.00", status=1,
                    code="key_wrong")["error"]["message"], "no message")
    os.rmdir(key)
    # One ledger's database in another's place: the key beside it is another's.
    swapped = this.path("swapped.db")
    shutil.copy(other, swapped)
    shutil.copy(kept, swapped + ".key")
    os.chmod(swapped + ".key", 0o600)
    before_swapped = trial.digest(swapped)
    this.purchase("1", "1", "1.00", "--enrol", db=swapped, status=1, code="key_wrong")
    expect(trial.digest(swapped) == before_swapped, "written with another's key")
    this.run("--key", kept, "purchase", "--member", "card:1", "--receipt", "2", "--amount", "1.00")
    this.run("init", db=this.db, status=2, code="already_exists")
    shutil.copy(kept, key)
    os.chmod(key, 0o600)
    os.rename(this.db, this.path("moved.db"))
    this.run("init", status=2, code="already_exists")  # a key is never overwritten
    expect(trial.digest(key) == trial.digest(kept), "the key was overwritten")
    os.rename(this.path("moved.db"), this.db)
    expect(os.stat(other + ".key").st_mode & 0o777 == 0o600, "a key that others can read was made")
    this.whole()


trial.main(full_disk, read_only, read_only_folder, other_files, keys)
