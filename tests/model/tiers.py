"""What one version of a programme says about levels, and what follows from a list of what
has counted: (day, measure, amount), scanned anew for each question (SPEC.md, section 22).

All of it is pure. Levels are numbers here, from 0, the first one's; days are dates.
"""
from collections import namedtuple
from datetime import date, timedelta
from fractions import Fraction

from terms import (Programme, add_span, end_of, last_day_of_month, local, money_text, next_listed, read_span,
                   start_of_day, to_units)

ONE_DAY = timedelta(days=1)

# A level that was reached: since when (a moment), by which record, from which day on measures are counted (None: all)
# and what of that day's does not count. how: "counted", or "given" by an action or a decision. review, graced: what was
# due of the level when it was climbed over.
Climb = namedtuple("Climb", "level since seq start offsets how review graced", defaults=[None, None])
# All about a member's level. since: of the level, which may be a held one; review: the moment of the next
# judgement, None: none; graced: the last day that missed `keep`, while its grace runs; climbs: what was reached at the
# last review (or ever), and all climbs since; holds: {level: the moment it ends}. Levels are ids of version `version`.
Standing = namedtuple("Standing", "version since cause review graced climbs holds")


def key_of(measure, programme):
    """By which heads know a measure, whatever the programme calls it."""
    if "earned" in measure:
        return f"earned:{measure['earned']}"
    if "action" in measure:
        return f"action:{measure['action']}"
    if "spend" in measure:
        return "spend"
    least = to_units(measure["least"], programme.digits) if "least" in measure else 1
    return f"{'visits' if 'visits' in measure else 'days'}:{least}"


def counted(history, key, first, last, start=None, offset=0):
    """What counts of a measure from one day to another (None: ever), but not before `start`."""
    days = {}
    for one, day, amount in history:
        if one == key and day <= last and (first is None or day >= first) and (start is None or day >= start):
            days[day] = days.get(day, 0) + amount
    total = sum(1 for amount in days.values() if amount > 0) if key.startswith("days:") else sum(days.values())
    if start is not None and start <= last and (first is None or first <= start):
        total -= offset
    return total


def counted_on(history, day):
    """{measure: what has counted of a day so far}"""
    return {key: counted(history, key, day, day) for key in {one for one, _, _ in history}}


def reached(alternatives, have):
    """None: everybody reaches the first level."""
    return alternatives is None or any(all(have.get(key, 0) >= least for key, least in one.items())
                                       for one in alternatives)


def anniversary(joined, year):
    return date(year, joined.month, min(joined.day, last_day_of_month(year, joined.month)))


class Level:
    def __init__(self, tiers, said, number, one):
        first = number == 0
        inherited = {} if first else said
        self.id, self.number, self.said = one["id"], number, one
        self.name, self.was = one.get("name", one["id"]), one.get("was", [])
        self.start = None if first else tiers.alternatives(one.get("from", []))
        self.keep = tiers.alternatives(one["keep"]) if "keep" in one else self.start
        self.review = one.get("review", inherited.get("review", "never"))
        self.at_review = one.get("at_review", inherited.get("at_review", "qualified"))
        self.resets = one.get("on_review", inherited.get(
            "on_review", "reset" if tiers.window == "since_tier_start" else "keep")) == "reset"
        grace = one.get("grace", inherited.get("grace"))
        self.grace = grace and read_span(grace)
        self.multiply = one.get("multiply", {})
        self.entry = one.get("entry", {})
        self.forfeits = one.get("forfeits", [])
        self.by = one.get("by", {})


class Tiers:
    """`tiers` of a version, read without checking it."""

    def __init__(self, programme):
        said = programme.document["tiers"]
        self.programme, self.zone = programme, programme.zone
        measures = said.get("measures") or ({next(iter(said["measure"])): said["measure"]} if "measure" in said else {})
        self.keys = {name: key_of(measure, programme) for name, measure in measures.items()}
        self.window = said.get("window", "lifetime")
        self.on_promotion = said.get("on_promotion", "reset" if self.window == "since_tier_start" else "keep")
        self.at_once = said.get("on_return") == "at_once"
        self.crossing_earns_new = said.get("crossing") == "new"
        self.requalifies = said.get("on_change") == "requalify"
        self.operators = said.get("operators")
        self.levels = [Level(self, said, number, one) for number, one in enumerate(said["levels"])]

    # -- values

    def units(self, key, value):
        if key.startswith("earned:"):
            return self.programme.units(key[7:], value)
        return to_units(value, self.programme.digits) if key == "spend" else int(value)

    def plain(self, key, units):
        """As answers show it."""
        if key.startswith("earned:"):
            return self.programme.plain(key[7:], units)
        return money_text(units, self.programme.digits) if key == "spend" else units

    def alternatives(self, said):
        """[{measure: how much}] of which one must be reached."""
        out = []
        for one in said if isinstance(said, list) else [said]:
            one = one if isinstance(one, dict) else {next(iter(self.keys)): one}
            out.append({self.keys[name]: self.units(self.keys[name], value) for name, value in one.items()})
        return out

    def number(self, name):
        return next((level.number for level in self.levels if level.id == name), None)

    def heir(self, name):
        """The id that a level of the version before has here."""
        if self.number(name) is not None:
            return name
        return next((level.id for level in self.levels if name in level.was), self.levels[0].id)

    # -- counting

    def first_day(self, day, joined, level, since):
        """Of the window at a day; None: all counts. `since`: the day on which `level` was reached."""
        if self.window == "lifetime":
            return None
        if self.window == "calendar_year":
            return date(day.year, 1, 1)
        if self.window == "calendar_quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        if self.window == "membership_year":
            this = anniversary(joined, day.year)
            return this if this <= day else anniversary(joined, day.year - 1)
        if self.window == "since_tier_start":
            return None if level == 0 else since
        months, days, _ = read_span(self.window)
        return add_span(day + ONE_DAY, (-months, -days, 0))

    def last_day(self, day, joined):
        """Of a calendar or membership window; None: it has none."""
        if self.window == "calendar_year":
            return end_of(day, "end_of_year")
        if self.window == "calendar_quarter":
            return end_of(day, "end_of_quarter")
        if self.window == "membership_year":
            this = anniversary(joined, day.year)
            return (this if this > day else anniversary(joined, day.year + 1)) - ONE_DAY
        return None

    def have(self, history, first, last, start=None, offsets=None):
        """{measure: what counts}"""
        return {key: counted(history, key, first, last, start, (offsets or {}).get(key, 0))
                for key in self.keys.values()}

    def highest(self, have, which="start", below=None):
        """The highest level of which `start` or `keep` is reached."""
        return max(level.number for level in self.levels[:below] if level.number == 0
                   or reached(getattr(level, which), have))

    # -- reviews

    def next_last_day(self, level, since, joined, after):
        """The first last day of a level's reviews beyond the day `after`; None: there is none."""
        review = self.levels[level].review
        if review in ("never", "continuous"):
            return None
        if review == "anniversary":
            return next(day for day in (anniversary(joined, after.year + n) - ONE_DAY for n in range(3)) if day > after)
        review = {"after": review} if isinstance(review, str) else review

        def moved(day):
            at = review.get("at", "end_of_day")
            return next_listed(day, at) if isinstance(at, list) else end_of(day, at)

        if "after" not in review:
            return moved(after + ONE_DAY)
        months, days, _ = read_span(review["after"])
        times = 1
        while moved(add_span(since, (times * months, times * days, 0))) <= after:
            times += 1
        return moved(add_span(since, (times * months, times * days, 0)))

    def falls_on(self, level, have_as_of, first_day_of, today):
        """Of a continuous review: the day as of which `keep` is not reached if nothing more counts; None: that
        does not come. By halving, as is said, since what came back can lie on a day of its own."""
        rule = self.levels[level]
        if rule.at_review == "never":
            return None
        if self.window in ("lifetime", "since_tier_start"):
            return None if reached(rule.keep, have_as_of(today + ONE_DAY)) else today + ONE_DAY
        kept = missed = today
        while first_day_of(missed) <= today:
            missed += ONE_DAY
        while (missed - kept).days > 1:
            middle = kept + timedelta(days=(missed - kept).days // 2)
            kept, missed = (middle, missed) if reached(rule.keep, have_as_of(middle)) else (kept, middle)
        return missed

    # -- what is told

    def missing(self, alternatives, have):
        """What each measure lacks of the alternative that is nearest."""
        def worst(one):
            return max(Fraction(max(0, least - have[key]), least) for key, least in one.items())
        if alternatives == []:
            return None                 # not by what counts
        if reached(alternatives, have):
            return {}
        nearest = min(alternatives, key=worst)
        names = {key: name for name, key in self.keys.items()}
        return {names[key]: self.plain(key, least - have[key]) for key, least in nearest.items() if have[key] < least}


def first_moment_after(day, zone):
    return start_of_day(day + ONE_DAY, zone)


# --- Somebody at a moment -----------------------------------------------------------

class Judge:
    """Whoever joined then and has this history, at this moment, by this version; `seq` is the record that
    is being made."""

    def __init__(self, tiers, joined, history, moment, seq):
        self.tiers, self.joined, self.history, self.moment, self.seq = tiers, joined, history, moment, seq
        self.today, self.joined_on = self.day_of(moment), self.day_of(joined)

    def day_of(self, moment):
        return local(moment, self.tiers.zone).date()

    def beginner(self):
        first = Climb(self.tiers.levels[0].id, self.joined, None, None, {}, "counted")
        return Standing(self.tiers.programme.number, self.joined, "counted", None, None, (first,), {})

    def reached(self, standing):
        return self.tiers.number(standing.climbs[-1].level)

    def level(self, standing):
        return max(self.reached(standing), *map(self.tiers.number, standing.holds), 0)

    def first_day(self, standing, day):
        return self.tiers.first_day(day, self.joined_on, self.reached(standing), self.day_of(standing.climbs[-1].since))

    def have(self, standing, day, window_of=None):
        """What counts as of a day, by the window of that day, or of another."""
        climb = standing.climbs[-1]
        first = self.first_day(standing, window_of or day)
        return self.tiers.have(self.history, first, day, climb.start, climb.offsets)

    def started_anew(self, climb):
        return climb._replace(start=self.today, offsets=counted_on(self.history, self.today))

    # -- when it is judged

    def next_review(self, standing, after):
        """The moment of the first review whose last day is beyond `after`; None: there is none."""
        number = self.reached(standing)
        rule, climb = self.tiers.levels[number], standing.climbs[-1]
        if number == 0 and not (rule.resets and any(self.have(standing, self.today).values())):
            return None
        if rule.review == "continuous":
            day = self.tiers.falls_on(number, lambda day: self.have(standing, day),
                                      lambda day: self.first_day(standing, day), self.today)
            return day and start_of_day(day, self.tiers.zone)
        day = self.tiers.next_last_day(number, self.day_of(climb.since), self.joined_on, after)
        return day and first_moment_after(day, self.tiers.zone)

    def first_reset(self, standing):
        """The day through which counts what somebody of the first level does today, though nothing may be due."""
        since = self.day_of(standing.climbs[-1].since)
        return self.tiers.next_last_day(0, since, self.joined_on, self.today - ONE_DAY) \
            if self.tiers.levels[0].resets else None

    def dated(self, standing, after=None):
        return standing._replace(review=self.next_review(standing, after or self.today - ONE_DAY), graced=None)

    def dated_by_what_counts(self, standing, cause):
        """Where more, or less, of it moves the date; the cause, if it does."""
        number, due = self.reached(standing), standing.review
        if number == 0:
            first = self.next_review(standing, self.today - ONE_DAY)
            due = first and (due or first)
        elif self.tiers.levels[number].review == "continuous" and not standing.graced:
            due = self.next_review(standing, self.today - ONE_DAY)
        return standing if due == standing.review else standing._replace(review=due, cause=cause)

    # -- upward

    def counted(self, before, standing=None, lowered=False):
        """After something counted, or came back; `standing`: what else the record has made of it by now."""
        standing = standing or before
        if lowered and self.tiers.at_once:
            standing = self.without_what_is_undone(standing)
        have = self.have(standing, self.today)
        top, number = self.tiers.highest(have), self.reached(standing)
        if top > number:
            standing = self.climbed(standing, top, have)
        elif standing.graced and reached(self.tiers.levels[number].keep,
                                         self.have(standing, self.today, standing.graced)):
            standing = self.kept(standing, standing.graced)
        return self.dated_by_what_counts(standing, "counted" if standing == before else standing.cause)

    def climbed(self, standing, level, have):
        old = standing.climbs[-1]
        new = old._replace(level=self.tiers.levels[level].id, since=self.moment, seq=self.seq, how="counted")
        if self.tiers.on_promotion != "keep":
            new = self.started_anew(new)
        if self.tiers.on_promotion == "excess":
            new = new._replace(offsets={**new.offsets, **{key: new.offsets.get(key, 0) - units
                                                          for key, units in self.beyond(level, have).items()}})
        old = old._replace(review=standing.review, graced=standing.graced)
        return self.dated(standing._replace(cause="climbed", climbs=standing.climbs[:-1] + (old, new)))

    def beyond(self, level, have):
        """What is beyond `from` of a level that is reached."""
        needed = next(one for one in self.tiers.levels[level].start if reached([one], have))
        return {key: units - needed.get(key, 0) for key, units in have.items()}

    def given(self, standing, level):
        """Reached by an action, or by a decision: what was reached before cannot be undone any more."""
        new = standing.climbs[-1]._replace(level=self.tiers.levels[level].id, since=self.moment, seq=self.seq, how="given")
        if self.tiers.on_promotion != "keep":
            new = self.started_anew(new)
        return self.dated(standing._replace(cause="set", climbs=(new,)))

    def held(self, standing, level, until, cause="set"):
        """Until a moment; None: no more."""
        holds = {name: end for name, end in standing.holds.items() if name != self.tiers.levels[level].id}
        if until is not None:
            holds[self.tiers.levels[level].id] = until
        return standing._replace(cause=cause, holds=holds)

    # -- downward

    def without_what_is_undone(self, standing):
        """Climbs since the last review whose `from` is not reached any more, the last one first."""
        climbs, tiers, between = list(standing.climbs), self.tiers, False
        while len(climbs) > 1:
            before, climb = climbs[-2], climbs[-1]
            first = tiers.first_day(self.day_of(climb.since), self.joined_on, tiers.number(before.level),
                                    self.day_of(before.since))
            have = tiers.have(self.history, first, self.today, before.start, before.offsets)
            number = tiers.number(climb.level)
            if reached(tiers.levels[number].start, have):
                break
            left = max(tiers.highest(have, below=number), tiers.number(before.level))
            if left > tiers.number(before.level):
                climbs[-1], between = climb._replace(level=tiers.levels[left].id), True
                if tiers.on_promotion == "excess":
                    since = tiers.have(self.history, climb.start, self.today)
                    climbs[-1] = climbs[-1]._replace(offsets={**climb.offsets, **{
                        key: since[key] - units for key, units in self.beyond(left, have).items()}})
                break
            climbs.pop()
        if tuple(climbs) == standing.climbs:
            return standing
        undone = standing._replace(cause="undone", climbs=tuple(climbs))
        if between:
            return self.dated(undone, self.day_of(climbs[-1].since) - ONE_DAY)
        review, graced = climbs[-1].review, climbs[-1].graced
        return undone._replace(review=review, graced=graced, climbs=(*climbs[:-1], climbs[-1]._replace(review=None, graced=None)))

    def kept(self, standing, last):
        """By the review of that last day."""
        climb = standing.climbs[-1]
        if self.tiers.levels[self.reached(standing)].resets:
            climb = climb._replace(start=last + ONE_DAY, offsets={})
        return self.dated(standing._replace(cause="kept", climbs=(climb,)), max(last, self.today - ONE_DAY))

    def reviewed(self, standing):
        """At the moment of its review, or at the end of its grace."""
        number, tiers = self.reached(standing), self.tiers
        rule, last = tiers.levels[number], self.day_of(self.moment - 1)
        if number == 0:
            return self.kept(standing, last)
        if rule.review == "continuous" and not standing.graced:
            last = self.today
        have = self.have(standing, last, standing.graced)
        if rule.at_review == "never" or reached(rule.keep, have):
            return self.kept(standing, standing.graced or last)
        if rule.grace and not standing.graced:
            return standing._replace(cause="grace", graced=last,
                                     review=first_moment_after(add_span(last, rule.grace), tiers.zone))
        lower = number - 1 if rule.at_review == "one_level_down" else tiers.highest(have, "keep", number)
        climb = standing.climbs[-1]._replace(level=tiers.levels[lower].id, since=self.moment, seq=None)
        if rule.resets:
            judged = standing.graced + ONE_DAY if standing.graced else self.today
            climb = climb._replace(start=judged, offsets={})
        return self.dated(standing._replace(cause="fell", climbs=(climb,)))

    def requalified(self, standing):
        level = self.tiers.levels[self.tiers.highest(self.have(standing, self.today))]
        climb = standing.climbs[-1]._replace(level=level.id, seq=None)
        if level.number or self.reached(standing):
            climb = climb._replace(since=self.moment)
        return self.dated(standing._replace(cause="changed", climbs=(climb,)))

    def merged(self, standing, other):
        """Somebody becomes part of this one."""
        holds = dict(standing.holds)
        for name, until in other.holds.items():
            holds[name] = max(until, holds.get(name, until))
        since = (other if self.level(other) > self.level(standing) else standing).since
        if self.reached(other) > self.reached(standing):
            standing = other
        standing = standing._replace(cause="merged", since=since, holds=holds)
        after = self.counted(standing)._replace(cause="merged")
        return after if self.level(after) == self.level(standing) else after._replace(since=self.moment)

    def settled(self, before, after):
        """With the moment since when the level is what it is."""
        if after == before or after.cause == "merged":
            return after
        was, now = self.level(before), self.level(after)
        new, climb = now == self.reached(after), after.climbs[-1]
        if after.cause == "undone" and was != now:
            return after._replace(since=climb.since if new else self.moment)
        if was != now or after.cause == "changed" and new and now:
            return after._replace(since=self.moment)
        return after._replace(since=before.since)


# --- A version with levels ----------------------------------------------------------

class Version(Programme):
    """A programme, with what it says about levels, actions and benefits."""

    def __init__(self, document, number=1, start=None):
        super().__init__(document, number, start)
        self.tiers = Tiers(self) if "tiers" in document else None
        self.actions = document.get("actions", {})
        self.benefits = {one["id"]: one for one in document.get("benefits", [])}

    def applies(self, rule, level):
        """Whether a rule is for members of this level; None: for sales that nobody has."""
        wanted = rule.get("min_tier", rule.get("tier"))
        if wanted is None:
            return True
        if level is None:
            return False
        number, wanted = self.tiers.number(level), self.tiers.number(wanted)
        return number >= wanted if "min_tier" in rule else number == wanted

    def multiply(self, level, currency):
        if level is None:
            return Fraction(1)
        return Fraction(self.tiers.levels[self.tiers.number(level)].multiply.get(currency, "1"))

    def counts(self, at, lines, left, earned, sign=1):
        """[(measure, day, amount)]: what goods count for, of which so much money is left (None: no receipt)."""
        if self.tiers is None:
            return []
        entries = []
        for key in dict.fromkeys(self.tiers.keys.values()):
            if key == "spend":
                amount = sum(self.bases({}, lines))
            elif key.startswith("earned:"):
                amount = earned.get(key[7:], 0)
            else:
                kind, _, least = key.partition(":")
                amount = 1 if kind != "action" and left is not None and left >= int(least) else 0
            entries.append((key, local(at, self.zone).date(), sign * amount))
        return entries
