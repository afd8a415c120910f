#!/usr/bin/env python3
"""Write offsets.txt: every change of offset that Python's zoneinfo sees.

An independent reading of the same bytes. The clock of each zone is sampled every
six hours of the stretches below and each change found is narrowed to its second.
Run it here after a file has changed; it prints the table.
"""
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

STRETCHES = [(1800, 2501), (9950, 9999)]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
STEP = 6 * 3600


def offset(zone, seconds):
    moment = EPOCH + timedelta(seconds=seconds)
    return int(moment.astimezone(zone).utcoffset().total_seconds())


def year_start(year):
    return int((datetime(year, 1, 1, tzinfo=timezone.utc) - EPOCH).total_seconds())


def narrow(zone, low, high):
    """The first second of (low, high] whose offset is that of high."""
    wanted = offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle) == wanted:
            high = middle
        else:
            low = middle
    return high


def stretch(zone, first, last):
    at, until = year_start(first), year_start(last)
    now = offset(zone, at)
    print("from", at, now)
    while at < until:
        after = min(at + STEP, until)
        if offset(zone, after) != now:
            now = offset(zone, after)
            print(narrow(zone, at, after), now)
        at = after
    print("until", until)


def main():
    here = Path(__file__).parent
    print("# Made by generate.py: UTC seconds at which the offset (seconds east) changes.")
    for path in sorted(here.rglob("*")):
        if not path.is_file() or path.suffix:
            continue
        name = path.relative_to(here).as_posix()
        with path.open("rb") as file:
            zone = ZoneInfo.from_file(file, name)
        print("zone", name)
        for first, last in STRETCHES:
            stretch(zone, first, last)


sys.exit(main())
