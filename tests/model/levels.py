"""Members' levels in the ledger (SPEC.md section 22), as the model sees them: what records count,
what that does to a level, what time brings, actions, decisions, benefits, and what members are
told. Part of Model; what follows from what is in tiers.py.
"""
from collections import namedtuple
from datetime import date, timedelta

from terms import Refusal, add_span, local, read_span, rfc3339
from tiers import Judge, first_moment_after, reached


# How a level came to be held, or not any more: by an action, for a span; or by a decision, until then
Way = namedtuple("Way", "seq member level moment span until")


class WithLevels:

    # -- where somebody stands

    def judge(self, member, version, moment, seq=None, history=None):
        return Judge(version.tiers, member.joined, member.history if history is None else history, moment, seq)

    def standing_of(self, member, version):
        """With the names that levels have in a version; who never had a level is a beginner."""
        standing = member.standing
        if standing is None:
            return self.judge(member, version, self.now).beginner()
        for between in self.programmes[standing.version:version.number]:
            if between.tiers is None:
                continue
            holds = {}
            for name, until in standing.holds.items():
                holds[between.tiers.heir(name)] = max(until, holds.get(between.tiers.heir(name), until))
            standing = standing._replace(version=between.number, holds=holds, climbs=tuple(
                climb._replace(level=between.tiers.heir(climb.level)) for climb in standing.climbs))
        return standing

    def level_of(self, member):
        """The number of the level by the version in force."""
        version = self.in_force()
        return self.judge(member, version, self.now).level(self.standing_of(member, version))

    def comes_back_for_another(self, tiers):
        """Whether the id of a level that was dropped comes back for what did not take its place."""
        for place, version in enumerate(self.programmes):
            for level in version.tiers.levels if version.tiers else ():
                name = level.id
                for later in self.programmes[place + 1:]:
                    name = later.tiers.heir(name) if later.tiers else name
                if tiers.number(level.id) is not None and tiers.heir(name) != level.id:
                    return True
        return False

    def level_then(self, member, at, version):
        """The id, in this version, of the level that was held at a moment; None: nobody's, or no levels."""
        if member is None or version.tiers is None:
            return None
        then = [(name, number) for moment, name, number in member.levels if moment <= at]
        if not then:
            return version.tiers.levels[0].id
        name, number = then[-1]
        for between in self.programmes[number:version.number]:
            name = between.tiers.heir(name) if between.tiers else name
        return name if version.tiers.number(name) is not None else version.tiers.levels[0].id

    def stand(self, record, member, before, after, judge, anew=False):
        """What a record makes of the member's level; `anew`: it is told even where it is the same."""
        after, tiers = judge.settled(before, after), judge.tiers
        if after == before and member.standing is not None and not anew:
            member.standing = after
            return
        member.judged_at = record.at if record.op == "elapse" else judge.moment
        if member.standing is None:
            member.levels = [(member.judged_at, tiers.levels[judge.level(before)].id, tiers.programme.number)]
        member.standing = record.tier = after
        was, now = judge.level(before), judge.level(after)
        record.stands_at = tiers.levels[now].id
        record.holds = [(level.id, after.holds[level.id]) for level in tiers.levels if level.id in after.holds]
        if was != now:
            record.moved = tiers.levels[was].id, tiers.levels[now].id
            member.levels = member.levels + [(member.judged_at, record.moved[1], tiers.programme.number)]
            month = local(member.judged_at, tiers.zone).strftime("%Y-%m")
            record.counts.append(("programme", f"tier:{record.moved[0]}>{record.moved[1]}", month, 1))
        if after.cause == "undone":
            self.take_entries_back(record, member, before, after, judge)
        if now > was and record.op not in ("elapse", "member.merge"):
            self.give_entries(record, member, tiers.levels[was + 1:now + 1])
        if now < was:
            self.forfeit(record, member, tiers.levels[now + 1:was + 1])

    def give_entries(self, record, member, levels):
        programme = self.in_force()
        for level in levels:
            counter = "entry", member.number, level.id, "ever"
            before = sum(self.counters.get(("entry", member.number, name, "ever"), 0) for name in [level.id, *level.was])
            if not level.entry or before > 0 and not level.entry.get("again"):
                continue
            self.counters[counter] = self.counters.get(counter, 0) + 1
            record.counts.append(("member", f"entry:{level.id}", "ever", 1))
            for currency, points in level.entry["gives"].items():
                units = programme.units(currency, points)
                self.active(record, programme, [currency], self.now)
                settled = self.give(record, programme, currency, units, programme.expiry(currency, self.now), "marketing",
                                    "issued", grant=level.id)
                record.repaid[currency] = record.repaid.get(currency, 0) + settled
                record.gave.append((f"tier:{level.id}", currency, units))
                record.granted.append((level.id, currency, units))

    def take_entries_back(self, record, member, before, after, judge):
        """What the climbs that are undone gave, the last one first."""
        for climb in reversed(before.climbs[len(after.climbs) - 1:]):
            if climb.seq is not None:
                self.take_gifts_back(record, member, climb.seq, judge.tiers, judge.level(after))

    def take_gifts_back(self, record, member, seq, tiers, level):
        """What a record gave for levels above this one, as of goods that come back; it may be given again."""
        programme = self.in_force()
        for name, currency, units in self.records[seq].granted:
            number = tiers.number(tiers.heir(name))
            if number <= level or tiers.levels[number].entry.get("on_return") != "take_back":
                continue
            counter = "entry", member.number, name, "ever"
            if ("member", f"entry:{name}", "ever", -1) not in record.counts:
                self.counters[counter] -= 1
                record.counts.append(("member", f"entry:{name}", "ever", -1))
            found = self.take_points(record, currency, units, seq, programme, "issued", grant=True)
            record.withdrawn.append((currency, units, found))

    def tell_withdrawn(self, record, told):
        """Adds what entry rewards were taken back to what an answer says was collected."""
        if not record.withdrawn:
            return
        plain, told["withdrawn"] = self.programmes[-1].plain, {}
        for currency, units, found in record.withdrawn:
            told["withdrawn"][currency] = told["withdrawn"].get(currency, 0) + plain(currency, units)
            collected = told.get("collected", {}).setdefault(currency, {})
            for where, part in found.items():
                collected[where] = collected.get(where, 0) + plain(currency, part)

    def forfeit(self, record, member, levels):
        for currency in sorted({currency for level in levels for currency in level.forfeits}):
            for lot in self.takeable(record.key, currency):
                if lot.earner == member.number:
                    record.forfeited[currency] = record.forfeited.get(currency, 0) + lot.left
                    self.expire(record, lot.key())

    # -- what counts

    def count(self, record, member, entries, lowered=False, decide=None):
        """Enter what counts, or comes back, and judge; `decide` is done to the standing before that."""
        sums = {}
        for key, day, amount in entries:
            sums[key, day] = sums.get((key, day), 0) + amount
        record.measured = [(key, day, amount) for (key, day), amount in sums.items() if amount]
        version = self.in_force()
        member.history = member.history + record.measured
        if version.tiers is None or not record.measured and decide is None:
            return
        judge = self.judge(member, version, self.now, record.seq)
        before = self.standing_of(member, version)
        after = decide(judge, before) if decide else before
        if record.measured:
            after = judge.counted(before, after, lowered)
        elif after == before:
            return
        self.stand(record, member, before, after, judge)

    def level_for(self, member, programme, lines, at, left):
        """The id of the level by which a purchase is valued: of then, or that to which it climbs."""
        version, level = self.in_force(), self.level_then(member, at, programme)
        if level is None or version.tiers is None or not version.tiers.crossing_earns_new:
            return level

        def climbs_to(level):
            gifts, _ = self.gifts(member, programme, lines, level)
            earned = {}
            for _, currency, points in gifts:
                earned[currency] = earned.get(currency, 0) + points
            entries = [entry for entry in programme.counts(at, lines, left, earned) if entry[2]]
            judge = self.judge(member, version, self.now, len(self.records), member.history + entries)
            before = self.standing_of(member, version)
            after = judge.counted(before) if entries else before
            return judge.level(before), judge.level(after)

        was, now = climbs_to(level)
        name = version.tiers.levels[now].id
        if now <= was or programme is not version:
            return level
        return name if climbs_to(name)[1] >= now else level

    # -- what time brings

    def who_shares(self, key):
        """The members of a wallet; what becomes of whom first at one moment depends on their ids."""
        return [member for member in self.members if member.merged is None and self.wallet_of(member) == key]

    def next_version_to_requalify(self, member):
        if member.standing is None and not member.history:
            return None
        return next((version for version in self.programmes[member.judged:]
                     if version.start <= self.now and version.tiers and version.tiers.requalifies), None)

    def level_due(self, member):
        """The moment at which something becomes of a level next, or None."""
        version = self.next_version_to_requalify(member)
        moments = [version.start] if version else []
        if member.standing:
            moments += [*member.standing.holds.values(), member.standing.review]
            moments = [max(moment, member.judged_at) for moment in moments if moment is not None]   # over when it came back
        return min((moment for moment in moments if moment is not None), default=None)

    def levels_due(self, key):
        return min((due for due in map(self.level_due, self.who_shares(key)) if due is not None), default=None)

    def move_levels(self, key, moment):
        """What is due of everybody's level at this moment."""
        for member in self.who_shares(key):
            version = self.next_version_to_requalify(member)
            if version and version.start <= moment:
                self.elapse_level(key, member, moment, lambda judge, standing: judge.requalified(standing), anew=True)
                member.judged = version.number
            while member.standing:
                version = self.programme_at(moment)
                ended = [version.tiers.number(name) for name, until in
                         self.standing_of(member, version).holds.items() if until <= moment]
                if not ended:
                    break
                self.elapse_level(key, member, moment,
                                  lambda judge, standing: judge.held(standing, min(ended), None, "ended"))
            if member.standing and member.standing.review is not None and member.standing.review <= moment:
                self.elapse_level(key, member, moment, lambda judge, standing: judge.reviewed(standing),
                                  as_of=member.standing.review)

    def elapse_level(self, key, member, moment, change, anew=False, as_of=None):
        version = self.programme_at(moment)
        record = self.record("elapse", member, version.number, moment, key)
        record.of_level = True
        judge = self.judge(member, version, moment if as_of is None else as_of, record.seq)
        before = self.standing_of(member, version)
        self.stand(record, member, before, change(judge, before), judge, anew)
        record.check()

    # -- between members

    def merge_levels(self, arrival, gone, stays):
        version = self.in_force()
        stays.history, gone.history = stays.history + gone.history, []
        for (kind, who, name, when), amount in self.counters.items():
            if kind in ("entry", "benefit") and who == gone.number and amount:      # they are added up
                arrival.counts.append(("member", f"{kind}:{name}", when, amount))
        if version.tiers is None or gone.standing is None and stays.standing is None:
            return
        judge = self.judge(stays, version, self.now, arrival.seq)
        before = self.standing_of(stays, version)
        self.stand(arrival, stays, before, judge.merged(before, self.standing_of(gone, version)), judge, anew=True)
        gone.standing = None

    # -- operations

    def do_action(self, request):
        answer = self.known(request)
        if answer:
            return answer
        at = self.business_time(request, self.in_force())
        self.refuse_odd_times(request, at)
        programme = self.programme_at(at)
        try:
            member = self.find(request["member"])
        except Refusal as refusal:
            if refusal.code != "unknown_member" or "enrol" not in request:
                raise
            member = None
        if request["action"] not in programme.actions:
            raise Refusal("unknown_action")
        if member is None:
            member, _, _ = self.enrol([request["member"]])
        self.advance(self.wallet_of(member), member)
        record = self.record("action", member, programme.number, at)
        key = f"action:{request['action']}"
        entries = [(key, local(at, programme.zone).date(), 1)] \
            if programme.tiers and key in programme.tiers.keys.values() else []
        self.count(record, member, entries, decide=lambda judge, standing: self.led_by(judge, standing, request["action"]))
        tiers = self.in_force().tiers
        for level in tiers.levels if tiers else ():
            valid = level.by.get(request["action"], {}).get("valid")
            if valid:
                self.ways.append(Way(record.seq, member.number, level.id, self.now, read_span(valid), None))
        record.check()
        answer = {**self.common("action", record, member), "action": request["action"], "at": rfc3339(at),
                  **self.told_of_level(record, member)}
        self.remember(request, record.seq, answer)
        return answer

    def led_by(self, judge, standing, action):
        """The levels to which an action leads, from below."""
        for level in judge.tiers.levels:
            if action not in level.by:
                continue
            if "valid" in level.by[action]:
                held = standing.holds.get(level.id)
                last = judge.today if held is None else judge.day_of(held - 1)
                until = first_moment_after(add_span(last, read_span(level.by[action]["valid"])), judge.tiers.zone)
                standing = judge.held(standing, level.number, until)
            elif level.number > judge.reached(standing):
                standing = judge.given(standing, level.number)
        return standing

    def do_tier_set(self, request):
        answer = self.known(request)
        if answer:
            return answer
        member, tiers = self.find(request["member"]), self.in_force().tiers
        if tiers is None or tiers.operators is not None and request["operator"] not in tiers.operators:
            raise Refusal("not_allowed")
        number = tiers.number(request["level"])
        if number is None:
            raise Refusal("unknown_level")
        until = None
        if "until" in request:
            if date.fromisoformat(request["until"]) < local(self.now, tiers.zone).date():
                raise Refusal("too_late")
            until = first_moment_after(date.fromisoformat(request["until"]), tiers.zone)
        if number == 0:
            raise Refusal("not_allowed")
        self.advance(self.wallet_of(member), member)
        standing = self.standing_of(member, self.in_force())
        if "release" in request:
            if request["level"] not in standing.holds:
                raise Refusal("not_allowed")
            decide = lambda judge, standing: judge.held(standing, number, None, "released")
        elif until is not None:
            decide = lambda judge, standing: judge.held(standing, number, until)
        else:
            if number <= self.judge(member, self.in_force(), self.now).reached(standing):
                raise Refusal("not_allowed")
            decide = lambda judge, standing: judge.given(standing, number)
        record = self.record("tier.set", member, self.in_force().number)
        self.ways.append(Way(record.seq, member.number, request["level"], self.now, None, until))
        self.count(record, member, [], decide=decide)
        record.check()
        answer = {**self.common("tier.set", record, member), "level": request["level"],
                  **self.told_of_level(record, member)}
        answer["until"] = None if until is None else rfc3339(until)
        if "release" in request:
            answer["released"] = True
        self.remember(request, record.seq, answer)
        return answer

    # -- benefits

    def do_benefit_use(self, request):
        answer = self.known(request)
        if answer:
            return answer
        member, programme = self.find(request["member"]), self.in_force()
        self.advance(self.wallet_of(member), member)
        benefit = programme.benefits.get(request["benefit"])
        if benefit is None:
            raise Refusal("unknown_benefit")
        today = local(self.now, programme.zone).date().isoformat()
        if not benefit.get("from", today) <= today <= benefit.get("through", today):
            raise Refusal("not_allowed")
        if not self.may_use(member, benefit):
            raise Refusal("tier_too_low")
        left, seats = self.room(member, benefit)
        if left == 0:
            raise Refusal("quota_used")
        if seats == 0:
            raise Refusal("seats_gone")
        record = self.record("benefit.use", member, programme.number)
        record.used = []
        if left is not None:
            record.used.append(("benefit", member.number, benefit["id"], self.bucket(benefit)))
        if seats is not None:
            record.used.append(("seats", None, benefit["id"], "ever"))
        self.use(record, record.used, 1)
        answer = {**self.common("benefit.use", record, member), "benefit": benefit["id"],
                  "left": None if left is None else left - 1, "seats": None if seats is None else seats - 1}
        self.remember(request, record.seq, answer)
        return answer

    def use(self, record, counters, by):
        for counter in counters:
            self.counters[counter] = self.counters.get(counter, 0) + by
            kind, _, name, bucket = counter
            record.counts.append(("member" if kind == "benefit" else "programme", f"{kind}:{name}", bucket, by))

    def may_use(self, member, benefit):
        tiers = self.in_force().tiers
        return "min_tier" not in benefit or self.level_of(member) >= tiers.number(benefit["min_tier"])

    def bucket(self, benefit):
        """The first day of the unit that now is in."""
        today, every = local(self.now, self.in_force().zone).date(), benefit["quota"]["every"]
        if every == "week":
            today -= timedelta(days=today.weekday())
        elif every != "day":
            today = today.replace(day=1, month={"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1,
                                                "year": 1}[every])
        return today.isoformat()

    def times(self, member, benefit):
        """How often the member's level may use it in its period; None: no limit."""
        times = benefit.get("quota", {}).get("times")
        if not isinstance(times, dict):
            return times
        levels = self.in_force().tiers.levels[:self.level_of(member) + 1]
        return next((times[level.id] for level in reversed(levels) if level.id in times), 0)

    def room(self, member, benefit):
        """(uses that are left, seats that are free); None: no limit"""
        left = seats = None
        if "quota" in benefit:
            counter = "benefit", member.number, benefit["id"], self.bucket(benefit)
            left = max(0, self.times(member, benefit) - self.counters.get(counter, 0))
        if "seats" in benefit:
            seats = max(0, benefit["seats"] - self.counters.get(("seats", None, benefit["id"], "ever"), 0))
        return left, seats

    def void_benefit_use(self, seq, programme):
        used = self.records[seq]
        record = self.begin_void(used.member.number, programme)
        member = self.members[self.resolve(used.member.number)]
        self.use(record, [(kind, None if who is None else member.number, name, bucket)
                          for kind, who, name, bucket in used.used], -1)
        return record, {}

    def room_now(self, entry):
        """What a retry tells of a benefit, which may not be there any more."""
        benefit = self.in_force().benefits.get(entry.answer["benefit"])
        if benefit is None:
            return {"left": None, "seats": None}
        world = self.dream()
        member = world.members[self.resolve(entry.whose)]
        world.advance(world.wallet_of(member), None)
        left, seats = world.room(member, benefit)
        return {"left": left, "seats": seats}

    def void_action(self, seq, programme):
        """What it counted is taken off; a hold that it set ends where it did before, unless it has been moved since."""
        done = self.records[seq]
        record = self.begin_void(done.member.number, programme)
        member = self.members[self.resolve(done.member.number)]

        def ends_as_before(judge, standing):
            for name in [way.level for way in self.ways if way.seq == seq]:
                mine = [way for way in self.ways if way.level == name and self.resolve(way.member) == member.number]
                if name not in standing.holds or any(way.span is None and way.seq > seq for way in mine):
                    continue                # gone, or decided otherwise
                until = self.held_by([way for way in mine if way.seq not in self.voided | {seq}], judge)
                standing = judge.held(standing, judge.tiers.number(name), until, "released")
            return standing

        self.count(record, member, [(key, day, -amount) for key, day, amount in done.measured], lowered=True,
                   decide=ends_as_before)
        if record.moved:
            tiers = self.in_force().tiers
            self.take_gifts_back(record, member, seq, tiers, tiers.number(record.moved[1]))
        told = {}
        self.tell_withdrawn(record, told)
        return record, told

    def held_by(self, ways, judge):
        """Until when these let a level be held, as if there were no others; None: not now."""
        until = None
        for way in ways:
            if way.span is None:
                until = way.until
            else:
                held = until is not None and until > way.moment
                last = judge.day_of(until - 1) if held else judge.day_of(way.moment)
                until = first_moment_after(add_span(last, way.span), judge.tiers.zone)
        return until if until is not None and until > self.now else None

    # -- what members are told

    def told_of_level(self, record, member):
        """`tier` and `granted` of an answer."""
        granted = []
        for name, currency, units in record.granted:
            lot = next((lot for lot in record.lots if lot.grant == name and lot.currency == currency), None)
            granted.append({"level": name, **self.points(currency, units),
                            "expires": rfc3339(self.gone(lot)) if lot else None})
        told = {"tier": None if member is None else self.tier_now(member, self.tier(member, record.moved) or {}),
                "granted": granted}
        if record.forfeited:
            told["forfeited"] = {currency: self.programmes[-1].plain(currency, units)
                                 for currency, units in record.forfeited.items()}
        return told

    def tier(self, member, moved=None):
        version = self.in_force()
        tiers = version.tiers
        if tiers is None:
            return None
        standing, judge = self.standing_of(member, version), self.judge(member, version, self.now)
        number, got = judge.level(standing), judge.reached(standing)
        level, climb = tiers.levels[number], standing.climbs[-1]
        until = self.may_be_lost_at(standing, level, got)
        have = judge.have(standing, judge.today)
        told = {"level": level.id, "name": in_english(level.name), "changed": moved is not None,
                "since": rfc3339(standing.since), "since_local": on_the_wall(standing.since, tiers.zone),
                "until": None if until is None else rfc3339(until),
                "until_local": None if until is None else on_the_wall(until, tiers.zone),
                "last_day": None if until is None else judge.day_of(until - 1).isoformat(),
                "grace": standing.graced is not None,
                "measures": {name: tiers.plain(key, have[key]) for name, key in tiers.keys.items()},
                "next": None, "keep": None}
        if moved:
            told["from"] = moved[0]
        last = judge.day_of(standing.review - 1) if standing.review is not None else None
        if number + 1 < len(tiers.levels):
            above = tiers.levels[number + 1]
            resets = judge.first_reset(standing) if got == 0 else last if tiers.levels[got].resets else None
            days = [tiers.last_day(judge.today, judge.joined_on), resets]
            told["next"] = {"level": above.id, "name": in_english(above.name),
                            "missing": tiers.missing(above.start, have),
                            "by": min((day for day in days if day), default=None)}
            told["next"]["by"] = told["next"]["by"] and told["next"]["by"].isoformat()
        beyond = standing.holds.get(level.id, 0) > (standing.review or 0)    # then nothing is lost at the review
        if last and number == got and number > 0 and level.at_review != "never" and not beyond:
            continuous = level.review == "continuous" and not standing.graced
            at_last = judge.have(standing, judge.day_of(standing.review) if continuous else last, standing.graced)
            told["keep"] = {"missing": tiers.missing(level.keep, at_last), "by": last.isoformat()}
        return told

    def tier_now(self, member, told):
        """As it stands now, whether or not anybody recorded what time brought; `told`: what was told when the record
        changed it, or did not."""
        world = self.dream()
        world.advance(world.wallet_of(member), None)
        now = world.tier(world.members[member.number])
        return now and {**now, **{name: told[name] for name in ("changed", "from") if name in told}}

    def may_be_lost_at(self, standing, level, got):
        """The moment, or None: never."""
        if level.number == 0:
            return None
        moments = [standing.holds[level.id]] if level.id in standing.holds else []
        if level.number == got:
            if level.at_review == "never" or standing.review is None:
                return None
            moments.append(standing.review)
        return max(moments)

    def progress(self, member):
        version = self.in_force()
        if version.tiers is None:
            return []
        standing, judge = self.standing_of(member, version), self.judge(member, version, self.now)
        have = judge.have(standing, judge.today)
        return [{"level": level.id, "name": in_english(level.name), "from": level.said.get("from"),
                 "reached": reached(level.start, have)} for level in version.tiers.levels]

    def benefits(self, member):
        told = []
        today = local(self.now, self.in_force().zone).date().isoformat()
        for benefit in self.in_force().benefits.values():
            if self.may_use(member, benefit) and self.times(member, benefit) != 0 \
                    and benefit.get("from", today) <= today <= benefit.get("through", today):
                left, seats = self.room(member, benefit)
                told.append({"benefit": benefit["id"], "name": in_english(benefit.get("name", benefit["id"])),
                             "text": in_english(benefit["text"]) if "text" in benefit else None, "left": left,
                             "every": benefit["quota"]["every"] if "quota" in benefit else None, "seats": seats})
        return told


def in_english(text):
    if isinstance(text, str):
        return text
    return text.get("en", next(iter(text.values())))


def on_the_wall(moment, zone):
    when = local(moment, zone)
    return when.isoformat(timespec="milliseconds" if moment % 1000 else "seconds")
