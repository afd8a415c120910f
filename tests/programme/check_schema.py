"""The schema, the reader, and documents good and bad.

Each example passes both schema.json (by python3-jsonschema, which knows nothing
of us) and the reader. Each document of faults/ is refused by the reader with
exactly the lines of the .txt beside it; and by the schema, too, unless it is
listed below as beyond what a schema can say, in which case the schema must let
it pass, so that the list stays true.

usage: check_schema.py CHECK_DOCUMENT SOURCE [--write]
--write writes the .txt files anew: read the difference before committing it.
"""

import json
import pathlib
import subprocess
import sys

import jsonschema

BEYOND_SCHEMA = {
    "adjust-limits-bounds": "arithmetic",
    "adjust-limits-fraction": "arithmetic",
    "approvals-money-too-fine": "depends on the currency",
    "approvals-points-fraction": "arithmetic",
    "benefits-min-tier": "depends on the levels",
    "benefits-min-tier-no-tiers": "depends on the levels",
    "benefits-quota-level": "depends on the levels",
    "benefits-quota-level-below": "depends on the levels",
    "benefits-quota-no-tiers": "depends on the levels",
    "benefits-same-id": "uniqueness of one member",
    "benefits-through": "arithmetic",
    "claims-within-zero": "arithmetic",
    "duplicate-member": "Python's reader keeps the last",
    "earn-carry-denominator": "arithmetic",
    "earn-gives-too-fine": "depends on the scale of the points",
    "earn-gives-unknown": "depends on the points",
    "earn-min-tier": "depends on the levels",
    "earn-per-huge": "arithmetic",
    "earn-per-too-fine": "depends on the currency",
    "earn-rate-term": "arithmetic",
    "earn-same-id": "uniqueness of one member",
    "earn-tier-no-tiers": "depends on the levels",
    "points-pending-no-window": "depends on the returns",
    "points-proof-above-too-fine": "depends on the scale of the points",
    "points-tender-least-too-fine": "depends on the scale of the points",
    "points-tender-rate-term": "arithmetic",
    "points-transfer-bounds": "arithmetic",
    "receipts-late-zero": "arithmetic",
    "reservations-bounds": "arithmetic",
    "reservations-longest-alone": "arithmetic",
    "reservations-timeout-alone": "arithmetic",
    "retention-short": "arithmetic",
    "returns-no-receipt-too-fine": "depends on the currency",
    "tiers-ascending": "arithmetic",
    "tiers-ascending-alternative": "arithmetic",
    "tiers-ascending-not-next": "arithmetic",
    "tiers-ascending-same": "arithmetic",
    "tiers-by-no-actions": "depends on the actions",
    "tiers-by-unknown": "depends on the actions",
    "tiers-entry-amount": "depends on the scale of the points",
    "tiers-entry-points": "depends on the points",
    "tiers-entry-too-many": "a sum over levels",
    "tiers-first-review": "depends on a default",
    "tiers-forfeits-not-spendable": "depends on the points",
    "tiers-forfeits-unknown": "depends on the points",
    "tiers-from-alternative-needless": "arithmetic",
    "tiers-from-alternative-same": "arithmetic",
    "tiers-from-days": "depends on the measures",
    "tiers-from-money": "depends on the measures",
    "tiers-from-money-too-fine": "depends on the currency",
    "tiers-from-too-fine": "depends on the scale of the points",
    "tiers-from-unknown": "depends on the measures",
    "tiers-from-value": "depends on the measures",
    "tiers-grace-long": "arithmetic",
    "tiers-grace-long-anniversary": "arithmetic",
    "tiers-grace-long-quarter": "arithmetic",
    "tiers-keep-above": "arithmetic",
    "tiers-keep-more": "arithmetic",
    "tiers-keep-no-review": "depends on a default",
    "tiers-level-grace": "depends on a default",
    "tiers-level-grace-long": "arithmetic",
    "tiers-level-on-review": "depends on a default",
    "tiers-level-on-review-lifetime": "depends on a default",
    "tiers-level-review": "depends on a default",
    "tiers-level-same-id": "uniqueness of one member",
    "tiers-measure-action": "depends on the actions",
    "tiers-measure-currency": "depends on the points",
    "tiers-measure-least-too-fine": "depends on the currency",
    "tiers-measure-no-actions": "depends on the actions",
    "tiers-measures-same": "uniqueness of one member",
    "tiers-multiply-carry": "arithmetic",
    "tiers-multiply-rate": "arithmetic",
    "tiers-multiply-unknown": "depends on the points",
    "tiers-review-anew-every-day-window": "depends on a default",
    "tiers-was-itself": "depends on the levels",
    "tiers-was-present": "depends on the levels",
    "tiers-was-twice": "depends on the levels",
    "tiers-window-long": "arithmetic",
    "tiers-window-span": "arithmetic",
    "zone-unknown": "depends on the system's zones",
}

failures = 0


def check(condition, name, message):
    global failures
    if not condition:
        failures += 1
        print(f"{name}: {message}")


def reader(tool, path):
    run = subprocess.run([tool, path], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def schema_says(validator, path):
    """The schema's complaints, or None for a file that is no JSON."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        return None
    return [error.message for error in validator.iter_errors(document)]


def check_example(tool, validator, path):
    complaints = schema_says(validator, path)
    check(complaints == [], path, f"the schema says {complaints}")
    status, output = reader(tool, path)
    check(status == 0, path, f"the reader says {output}")


def check_fault(tool, validator, path, write):
    expected = path.with_suffix(".txt")
    status, output = reader(tool, path)
    check(status == 3, path, f"exit status: expected 3, got {status}")
    if write:
        expected.write_text(output, encoding="utf-8")
    wanted = expected.read_text(encoding="utf-8") if expected.exists() else "(no such file)"
    check(output == wanted, path, f"expected\n{wanted}got\n{output}")
    complaints = schema_says(validator, path)
    if path.stem in BEYOND_SCHEMA:
        check(complaints == [], path, f"listed as beyond the schema, which says {complaints}")
    else:
        check(complaints != [], path, "the schema lets it pass")


def main(tool, source, write):
    source = pathlib.Path(source)
    schema = json.loads((source / "programme/schema.json").read_text(encoding="utf-8"))
    validator_class = jsonschema.Draft202012Validator
    validator_class.check_schema(schema)
    validator = validator_class(schema)
    examples = sorted(p for p in (source / "docs/examples").glob("*.json")
                      if not p.name.endswith(".mapping.json"))
    faults = sorted((source / "tests/programme/faults").glob("*.json"))
    check(len(examples) >= 4 and len(faults) >= 130, source, "documents are missing")
    check(BEYOND_SCHEMA.keys() <= {path.stem for path in faults}, source, "a listed fault is gone")
    for path in examples:
        check_example(tool, validator, path)
    for path in faults:
        check_fault(tool, validator, path, write)
    print(f"{len(examples)} examples, {len(faults)} faults, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], "--write" in sys.argv[3:]))
