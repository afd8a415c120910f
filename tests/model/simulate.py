#!/usr/bin/python3
"""Drive the engine from a seed and hold every answer against the model.

    simulate.py --loyalty build/dev/cli/loyalty --seed 7 --steps 400
    simulate.py --loyalty … --seed 7 --replay found.jsonl --programme found.json

A difference prints the seed, the shortest list of requests that still shows it,
and how to run only that. --forever goes from seed to seed until one shows.
"""
import argparse
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time

import facts
from compare import Comparison, nobody, plain
from engine import Died, Engine
from generate import Generator, random_programme
from model import QUESTIONS, Model, rfc3339


class Difference(Exception):
    """`kind` is what two differences have in common when they are the same bug."""

    def __init__(self, text, place=None, kind=None):
        super().__init__(text)
        self.text, self.place = text, place
        self.kind = kind or re.sub(r"\d+", "#", text.split("\n")[0])[:40]


class Run:
    """Requests against a fresh ledger and a fresh model."""

    def __init__(self, loyalty, document, ignore=()):
        self.folder = tempfile.mkdtemp(prefix="loyalty-model-")
        self.model, self.comparison, self.done = Model(document), Comparison(ignore), 0
        self.size = 0
        try:
            self.engine = Engine(loyalty, self.folder, document)
        except Died as death:
            shutil.rmtree(self.folder)
            raise Difference(str(death), 0) from None

    def close(self):
        self.engine.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def carry_out(self, requests):
        """Send them together, as far as they can be; compare each answer."""
        together = []
        for request in requests:
            if request["op"] == "sweep":
                self.send(together)
                self.sweep(request)
                together = []
                continue
            if self.comparison.spell(request) is None:
                self.send(together)      # the id may be in an answer
                together = []
            together.append(request)
        self.send(together)

    def sweep(self, request):
        """Sweeping runs alone."""
        expected = self.model.execute(request)
        try:
            answer = json.loads(self.engine.run("sweep", "--now", request["now"]))
        except Died as death:
            raise Difference(str(death), self.done) from None
        found = self.comparison.difference(expected, answer, "sweep")
        if found:
            raise Difference(f"request: {json.dumps(request)}\nanswer:  {json.dumps(answer)}\n"
                             f"model:   {expected}\ndiffer:  {found}", self.done,
                             re.sub(r"\[\d+\]|: .*", "", found))
        self.done += 1

    def send(self, requests):
        if not requests:
            return
        spelt = [self.comparison.spell(request) or nobody(request) for request in requests]
        try:
            answers = self.engine.ask(spelt)
        except Died as death:
            raise Difference(str(death), self.done + len(requests) - 1) from None
        for request, answer in zip(requests, answers):
            expected = self.model.execute(request)
            self.comparison.undated = request["op"] in ("group", "exchange") or \
                len(requests) > 1 and request["op"] not in QUESTIONS
            found = self.comparison.difference(expected, answer, request["op"])
            if found is None and "checkpoint" in answer:
                found = self.look_at_checkpoint(answer["checkpoint"])
            if found:
                raise Difference(f"request: {json.dumps(request, ensure_ascii=False)}\n"
                                 f"answer:  {json.dumps(plain(answer), ensure_ascii=False)}\n"
                                 f"model:   {expected}\n"
                                 f"differ:  {found}", self.done,
                                 found if ".error" in found else re.sub(r"\[\d+\]|: .*", "", found))
            self.done += 1

    def look_at_checkpoint(self, checkpoint):
        if checkpoint["size"] < self.size:
            return f".checkpoint.size: {checkpoint['size']} after {self.size}"
        self.size = checkpoint["size"]
        if self.size < len(self.model.records):
            return f".checkpoint.size: {self.size} does not cover {len(self.model.records)} records"
        return None

    def check_facts(self):
        problems = facts.check(self.engine.database, self.model, self.comparison)
        if problems:
            raise Difference("the facts: " + "\n           ".join(problems[:10]), self.done - 1)

    def finish(self):
        """Verify, audit, rebuild, and the same answers afterwards."""
        self.check_facts()
        self.engine.stop()
        try:
            for command in ("verify", "audit", "rebuild", "verify", "audit"):
                self.engine.run(command)
            last = rfc3339(self.model.records[-1].time)
            shows = [{"op": "show", "member": name, "now": last} for name in sorted(self.model.identifiers)]
            if shows:
                self.carry_out(shows)
            self.engine.stop()
        except Died as death:
            raise Difference(str(death), self.done - 1) from None
        self.check_facts()


def in_pieces(requests, rng, every, together=0):
    """Chunks of random size: sometimes one request and its answer, sometimes a
    heap that the engine commits together. `every`: yield so often that facts get checked."""
    place = 0
    while place < len(requests):
        size = together or rng.choice([1, 2, 5, 40, 100, 100])
        yield requests[place:place + size], (place + size) // every > place // every
        place += size


def touched(rng, requests):
    """The same requests with sweeps between them: what happens at t2 must not depend
    on somebody having looked at t1. Never later than the next request (a `show` may
    have asked about the future)."""
    more, last = [], None
    for request in requests:
        now = request["now"]
        if request["op"] in QUESTIONS:
            more.append(request)
            continue
        if last is not None and rng.random() < 0.15:
            more.append({"op": "sweep", "now": last})
        more.append(request)
        last = max(last or now, now)
    return more


def final_state(model, moment):
    """Every wallet as of a moment, without the numbers of records."""
    world = model.dream()
    world.now = max(moment, world.records[-1].time)
    wallets = {}
    for key, wallet in world.wallets.items():
        world.advance(key, None)
        wallets[key] = (sorted((lot.currency, lot.left, lot.reserved, lot.pending, lot.available_from, lot.expires,
                                lot.origin, lot.earner, lot.earned)
                               for lot in world.inside(key) if lot.left or lot.reserved),
                        {currency: debt for currency, debt in wallet.debt.items() if debt}, wallet.idle)
    return (wallets, [{currency: carried for currency, carried in member.carried.items() if carried}
                      for member in world.members],
            [(one.parts and sum(part for _, part in one.parts), one.until, one.state)
             for one in world.reservations.values()], world.households,
            [(member.history, member.standing and member.standing._replace(climbs=tuple(
                climb._replace(seq=None) for climb in member.standing.climbs))) for member in world.members])


def first_difference(arguments, document, requests, chunk):
    """Run these requests alone; the Difference they show, or None."""
    run = None
    try:
        run = Run(arguments.loyalty, document, arguments.ignore)
        for place in range(0, len(requests), chunk):
            run.carry_out(requests[place:place + chunk])
        run.finish()
    except Difference as difference:
        return difference
    finally:
        if run:
            run.close()
    return None


def shrink(arguments, document, requests, kind, say):
    """The shortest list found within the time that still shows a difference:
    halves, quarters, …, single requests, at last single fields, dropped as long
    as it stays."""
    deadline = time.monotonic() + arguments.shrink_seconds
    for chunk in (10 ** 6, 1):
        best = first_difference(arguments, document, requests, chunk)
        if best and best.kind == kind:
            break
    else:
        return requests, None, None
    if best.place is not None:
        shorter = requests[:best.place + 1]
        again = first_difference(arguments, document, shorter, chunk)
        if again and again.kind == best.kind:
            requests, best = shorter, again
    size = max(1, len(requests) // 2)
    while time.monotonic() < deadline:
        place, dropped = 0, False
        while place < len(requests) and time.monotonic() < deadline:
            candidate = requests[:place] + requests[place + size:]
            difference = first_difference(arguments, document, candidate, chunk)
            if difference and difference.kind == best.kind:
                requests, best, dropped = candidate, difference, True
                say(f"  {len(requests)} requests")
            else:
                place += size
        if size == 1 and not dropped:
            break
        size = max(1, size // 2)
    for place, request in enumerate(requests):
        for field in ("text", "entry", "operator", "at", "store", "till", "lines", "id", "accept_clock",
                      "discount", "tenders", "rounding", "coupons", "proof", "approved_by", "code", "reason", "from"):
            needed = field == "lines" and "amount" not in request or request["op"] == "tier.set" and \
                field in ("operator", "reason")
            if field in request and not needed and time.monotonic() < deadline:
                simpler = {key: value for key, value in request.items() if key != field}
                candidate = requests[:place] + [simpler] + requests[place + 1:]
                difference = first_difference(arguments, document, candidate, chunk)
                if difference and difference.kind == best.kind:
                    requests, best, request = candidate, difference, simpler
    return requests, best, chunk


def report(arguments, seed, document, requests, difference):
    print(f"\nDIFFERENCE with seed {seed} (simulate.py --seed {seed} --steps {arguments.steps})")
    print(difference.text)
    print("\nshrinking …", flush=True)
    shorter, last, chunk = shrink(arguments, document, requests, difference.kind,
                                  lambda text: print(text, flush=True) if arguments.verbose else None)
    if last is None:
        print("it does not show again when the same requests are sent together or one by one")
        return
    stem = os.path.join(arguments.keep, f"model-seed-{seed}")
    with open(stem + ".programme.json", "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
    with open(stem + ".jsonl", "w", encoding="utf-8") as file:
        for request in shorter:
            file.write(json.dumps(request, ensure_ascii=False) + "\n")
    print(f"\n{last.text}\n\nprogramme:\n{json.dumps(document, ensure_ascii=False)}\n\n"
          f"{len(shorter)} requests{'' if chunk > 1 else ', each sent after the answer to the one before'}:")
    for request in shorter:
        print(json.dumps(request, ensure_ascii=False))
    print(f"\nonly this one:\n"
          f"  simulate.py --loyalty {arguments.loyalty} --programme {stem}.programme.json --replay {stem}.jsonl\n"
          f"by hand:\n"
          f"  loyalty --db x.db init --test --programme {stem}.programme.json\n"
          f"  loyalty --db x.db --json batch < {stem}.jsonl")


def simulate(arguments, seed):
    """One seed. True if engine and model agree."""
    rng = random.Random(seed)
    if arguments.programme:
        with open(arguments.programme, encoding="utf-8") as file:
            document = json.load(file)
    else:
        document = random_programme(rng, arguments.without.split(","))
    generator = Generator(rng, document, without=arguments.without.split(","))
    for _ in range(arguments.steps):
        generator.step()
    generator.show_all()
    requests = generator.requests

    started, run = time.monotonic(), None
    try:
        run = Run(arguments.loyalty, document, arguments.ignore)
        for piece, look in in_pieces(requests, rng, arguments.every, arguments.together):
            run.carry_out(piece)
            if look:
                run.check_facts()
        run.finish()
        answered = run.done
        records = len(run.model.records)
        run.close()

        # advance(t1) then advance(t2) = advance(t2)
        more = touched(rng, requests)
        requests = more
        untouched, run = run.model, Run(arguments.loyalty, document, arguments.ignore)
        for piece, _ in in_pieces(more, rng, arguments.every, arguments.together):
            run.carry_out(piece)
        run.check_facts()
        end = max(untouched.records[-1].time, run.model.records[-1].time)
        if final_state(run.model, end) != final_state(untouched, end):
            raise Difference("sweeps in between changed the outcome in the model itself")
    except Difference as difference:
        report(arguments, seed, document, requests, difference)
        return False
    finally:
        if run:
            run.close()
    refused = {}
    for expected in generator.expected:
        if not expected["ok"]:
            code = expected["error"]["code"]
            refused[code] = refused.get(code, 0) + 1
    print(f"seed {seed}: {answered} answers, {records} records agree in {time.monotonic() - started:.1f} s "
          f"({document['timezone']}, {document['currency']}; refused: "
          f"{', '.join(f'{count} {code}' for code, count in sorted(refused.items())) or 'nothing'})", flush=True)
    return True


def replay(arguments):
    with open(arguments.replay, encoding="utf-8") as file:
        requests = [json.loads(line) for line in file if line.strip()]
    with open(arguments.programme, encoding="utf-8") as file:
        document = json.load(file)
    for chunk in (10 ** 6, 1):
        difference = first_difference(arguments, document, requests, chunk)
        if difference:
            print(difference.text)
            return False
    print("no difference")
    return True


def parser():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--loyalty", required=True, help="the command under test")
    options.add_argument("--seed", type=int, help="default: 1; with --forever, the clock")
    options.add_argument("--steps", type=int, default=400)
    options.add_argument("--programme", help="a document; default: one made from the seed")
    options.add_argument("--together", type=int, default=0, help="send so many at once; default: now few, now many")
    options.add_argument("--every", type=int, default=500, help="check the facts each so many requests")
    options.add_argument("--without", default="",
                         help="what is not sent: op,op,… and tender, held, tombstone, show_at, hold, anonymous, "
                              "discount, tenders, coupons, proof, approvals, own_card, no_receipt, phones, void_OP; "
                              "of the programme: members, claims, voids, tiers and, of those, on_return, crossing, on_change, "
                              "on_promotion, on_review, grace, keep, by, entry, forfeits, multiply, min_tier, first_review")
    options.add_argument("--replay", help="run the requests of this file only (with --programme)")
    options.add_argument("--ignore", action="append", default=[],
                         help="a known difference to look past, as return.returned[].amount or head.returned")
    options.add_argument("--keep", default=".", help="where to leave what shows a difference")
    options.add_argument("--shrink-seconds", type=int, default=120)
    options.add_argument("--verbose", action="store_true")
    options.add_argument("--forever", action="store_true", help="go on with the next seed until a difference")
    return options


def main():
    arguments = parser().parse_args()
    if arguments.replay:
        return 0 if replay(arguments) else 1
    seed = arguments.seed
    if seed is None:
        seed = int(time.time()) if arguments.forever else 1
    while simulate(arguments, seed):
        if not arguments.forever:
            return 0
        seed += 1
    return 1


if __name__ == "__main__":
    sys.exit(main())
