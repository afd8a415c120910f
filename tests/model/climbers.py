"""Members who climb and fall, for the generator: programmes with levels of every kind, purchases that just reach one,
or just not, actions, decisions, benefits. Part of Generator.
"""
from datetime import timedelta
from fractions import Fraction
from math import ceil

from terms import DAY, local, money_text, rfc3339

DIGITS = {"JPY": 0, "KWD": 3}
LEVELS = ["basic", "silver", "jade", "gold", "diamond"]
ACTIONS = ["app", "gift-card", "fee"]
TYPICAL = 8000              # minor units of a purchase


# --- Programmes -------------------------------------------------------------------

def random_tiers(rng, document, without=(), new=True):
    """Levels, actions and benefits; anew each time. Levels of before have an heir."""
    before = [level["id"] for level in document.get("tiers", {}).get("levels", [])]
    for name in ("tiers", "actions", "benefits"):
        document.pop(name, None)
    for rule in document["earn"]:
        rule.pop("min_tier", None)
        rule.pop("tier", None)
    if "tiers" in without or new and rng.random() < 0.35:
        return
    if "action" not in without and rng.random() < 0.7:
        document["actions"] = {name: {"name": name.title()} for name in rng.sample(ACTIONS, rng.randint(1, 3))}
    tiers = document["tiers"] = {}
    measures = random_measures(rng, document)
    random_window(rng, tiers, without)
    if len(measures) == 1 and rng.random() < 0.6:
        tiers["measure"] = next(iter(measures.values()))
    else:
        tiers["measures"] = measures
    for name, values in (("on_return", ["at_review", "at_once", "at_once"]), ("crossing", ["old", "new", "new"]),
                         ("on_change", ["next_review", "requalify", "requalify"])):
        if name not in without and rng.random() < 0.7:
            tiers[name] = rng.choice(values)
    if rng.random() < 0.3:
        tiers["operators"] = rng.sample(["anna", "boss", "carl"], 2)
    tiers["levels"] = random_levels(rng, document, tiers, measures, without)
    ids = [level["id"] for level in tiers["levels"]]
    for name in before:
        if name not in ids:
            rng.choice(tiers["levels"]).setdefault("was", []).append(name)
    for rule in document["earn"]:
        if "min_tier" not in without and rng.random() < 0.2:
            rule[rng.choice(["min_tier", "tier"])] = rng.choice(ids)
    if "benefit.use" not in without and rng.random() < 0.6:
        document["benefits"] = [random_benefit(rng, name, ids) for name in ["parking", "tasting", "delivery"][:rng.randint(1, 3)]]


def random_measures(rng, document):
    kinds = ["earned", "earned", "spend", "visits", "days"] + (["action"] if "actions" in document else [])
    measures = {}
    for name in ["main", "second", "third"][:rng.choice([1, 1, 2, 3])]:
        kind = rng.choice(kinds)
        one = {"earned": {"earned": rng.choice(list(document["points"]))}, "spend": {"spend": True},
               "action": {"action": rng.choice(list(document.get("actions", ["app"])))}}.get(kind, {kind: True})
        if kind in ("visits", "days") and rng.random() < 0.5:
            one["least"] = money_text(rng.choice([2, 500, 5000]), DIGITS.get(document["currency"], 2))
        if one not in measures.values():
            measures[name] = one
    return measures


def random_window(rng, tiers, without):
    """The window, and what goes with it."""
    spans = ["P1D", "P3D", "P7D", "P1M", "P1M", "P2M", "P1M15D", "P12M"]
    window = tiers["window"] = rng.choice([rng.choice(spans), rng.choice(spans), "calendar_year", "calendar_quarter",
                                           "membership_year", "since_tier_start", "lifetime"])
    promotions = ["reset", "excess"] if window == "since_tier_start" else ["keep", "reset", "excess"]
    if "on_promotion" not in without and rng.random() < 0.6:
        tiers["on_promotion"] = rng.choice(promotions)
    if window == "lifetime":
        if rng.random() < 0.5:
            tiers["review"] = "never"
        return
    tiers["review"] = random_review(rng, without)
    if tiers["review"] == "never":
        return
    if rng.random() < 0.6:
        tiers["at_review"] = rng.choice(["qualified", "one_level_down", "one_level_down", "never"])
    if "on_review" not in without and rng.random() < 0.4:
        tiers["on_review"] = rng.choice(["keep", "reset"])
    if tiers["review"] == "continuous" and (window == "since_tier_start" or "on_review" in tiers):
        tiers["on_review"] = "keep"
    if "grace" not in without and rng.random() < 0.35:
        random_grace(rng, tiers, tiers["review"])


def random_review(rng, without=()):
    ends = ["end_of_month", "end_of_quarter", "end_of_year", ["03-31", "09-30"], ["02-29"]]
    reviews = ["P3D", "P7D", "P1M", "P1M", "P3M", {"after": "P1M", "at": rng.choice(ends)}, {"at": rng.choice(ends)},
               {"at": rng.choice(ends)}, "anniversary", "continuous", "continuous", "never"]
    return rng.choice([one for one in reviews if str(one) not in without])


def random_grace(rng, where, review):
    """Over before the next review."""
    graces = {"P3D": ["P1D"], "P7D": ["P1D", "P3D"], "never": []}.get(str(review), ["P1D", "P3D", "P2W"])
    if graces:
        where["grace"] = rng.choice(graces)


def random_levels(rng, document, tiers, measures, without):
    """Ascending: each level needs more of the same."""
    names = sorted(rng.sample(LEVELS, rng.randint(2, 4)), key=LEVELS.index)
    sets = [rng.sample(list(measures), rng.randint(1, len(measures)))]
    other = [name for name in measures if name not in sets[0]]
    if other and rng.random() < 0.5:    # an alternative that is not reached by less
        sets.append(other)
    needed = [dict.fromkeys(one, 0) for one in sets]
    levels = [{"id": names[0]}]
    for place, name in enumerate(names[1:], 1):
        level = {"id": name, "name": name.title() if rng.random() < 0.5 else {"en": name.upper(), "zh-CN": "级" + name}}
        for one in needed:
            for measure in one:
                one[measure] += typical(rng, document, measures[measure])
        level["from"] = spelt(document, tiers, measures, needed)
        if "keep" not in without and rng.random() < 0.4:
            keep = [{measure: max(1, units // rng.choice([1, 2, 2, 4])) for measure, units in one.items()} for one in needed]
            level["keep"] = spelt(document, tiers, measures, keep)
        if "actions" in document and "by" not in without and rng.random() < 0.35:
            level["by"] = {rng.choice(list(document["actions"])):
                           {} if rng.random() < 0.4 else {"valid": rng.choice(["P1D", "P7D", "P1M", "P3M"])}}
            if place == len(names) - 1 and rng.random() < 0.3:
                level.pop("from")
                level.pop("keep", None)
        random_rules_of_level(rng, document, tiers, level, without)
        levels.append(level)
    if "first_review" not in without and tiers["window"] != "lifetime" and rng.random() < 0.3:
        levels[0]["review"] = rng.choice(["P7D", "P1M", {"at": "end_of_month"}, "anniversary"])
        levels[0]["on_review"] = "reset"
    for level in levels:
        if "multiply" not in without and rng.random() < 0.5:
            level["multiply"] = {rng.choice(list(document["points"])): rng.choice(["1.5", "2", "1.25", "0.5", "3", "0"])
                                 if level is not levels[0] or "first_multiply" not in without else "1"}
    return levels


def typical(rng, document, measure):
    """So much of a measure that a few purchases give it."""
    digits = DIGITS.get(document["currency"], 2)
    if "spend" in measure:
        return rng.choice([TYPICAL // 2, TYPICAL, 2 * TYPICAL, rng.randint(1, 3 * TYPICAL)])
    if "earned" in measure:
        currency = measure["earned"]
        scale = document["points"][currency].get("scale", 0)
        rates = [Fraction(str(rule["gives"][currency])) / (Fraction(rule["per"]) * 10 ** digits)
                 for rule in document["earn"] if currency in rule["gives"]]
        units = int(sum(rates, Fraction(0)) * TYPICAL * 10 ** scale)
        return max(10 ** scale, min(10 ** 9, int(units * rng.choice([0.25, 0.5, 1, 2]))) // 10 ** scale * 10 ** scale)
    return rng.choice([1, 1, 2, 3])


def spelt(document, tiers, measures, alternatives):
    """Values as the document says them."""
    digits, out = DIGITS.get(document["currency"], 2), []
    for one in alternatives:
        said = {}
        for name, units in one.items():
            measure = measures[name]
            if "spend" in measure:
                said[name] = money_text(units, digits)
            elif "earned" in measure:
                said[name] = max(1, units // 10 ** document["points"][measure["earned"]].get("scale", 0))
            else:
                said[name] = units
        out.append(next(iter(said.values())) if "measure" in tiers else said)
    return out if len(out) > 1 else out[0]


def random_rules_of_level(rng, document, tiers, level, without):
    spendable = [name for name, points in document["points"].items() if points.get("spendable", True)]
    if tiers["window"] != "lifetime" and "grace" not in tiers and rng.random() < 0.2:
        level["review"] = random_review(rng, without)
        if level["review"] == "continuous":
            level["on_review"] = "keep"
    review = level.get("review", tiers.get("review", "never"))
    if review == "never":
        level.pop("keep", None)
    elif rng.random() < 0.25:
        level["at_review"] = rng.choice(["qualified", "one_level_down", "never"])
    if "grace" not in without and rng.random() < 0.15:
        random_grace(rng, level, review)
    if "entry" not in without and rng.random() < 0.5:
        level["entry"] = {"gives": {one: rng.choice([1, 3, 10]) for one in
                                    rng.sample(list(document["points"]), rng.choice([1, 1, len(document["points"])]))}}
        if rng.random() < 0.4:
            level["entry"]["again"] = True
        if tiers.get("on_return") == "at_once" and rng.random() < 0.5:
            level["entry"]["on_return"] = rng.choice(["take_back", "take_back", "keep"])
    if "forfeits" not in without and rng.random() < 0.3:
        level["forfeits"] = rng.sample(spendable, rng.randint(1, len(spendable)))


def random_benefit(rng, name, levels):
    benefit = {"id": name}
    if rng.random() < 0.5:
        benefit["name"] = {"en": name.title(), "zh-CN": "好处"}
    if rng.random() < 0.3:
        benefit["text"] = "Ask at the till"
    if rng.random() < 0.6:
        benefit["min_tier"] = rng.choice(levels)
    if rng.random() < 0.7:
        times = rng.choice([1, 2, 5])
        if rng.random() < 0.5:
            may = levels[levels.index(benefit["min_tier"]) if "min_tier" in benefit else 0:]
            times = {level: rng.choice([0, 1, 2, 3]) for level in rng.sample(may, rng.randint(1, len(may)))}
            times[may[-1]] = max(1, times.get(may[-1], 1))
        benefit["quota"] = {"times": times, "every": rng.choice(["day", "week", "month", "quarter", "year"])}
    if rng.random() < 0.4:
        benefit["seats"] = rng.choice([1, 3, 30])
    if rng.random() < 0.2:
        benefit["from"] = rng.choice(["2026-01-01", "2026-03-01"])
    if rng.random() < 0.2:
        benefit["through"] = rng.choice(["2026-04-30", "2027-12-31"])
    return benefit


# --- Requests ---------------------------------------------------------------------

class Climbers:
    TIERS = {"climb": 12, "action": 3, "tier_set": 3, "benefit_use": 4, "look_at_level": 3, "fall_back": 4}

    def tiers(self):
        """Of the version in force, or None; asks little where there are none."""
        tiers = self.model.in_force().tiers
        return tiers if tiers or self.one_in(10) else None

    def to_next_level(self, member):
        """An amount that reaches the next level, or just does not."""
        version = self.model.in_force()
        standing, judge = self.model.standing_of(member, version), self.model.judge(member, version, self.now)
        above = judge.reached(standing) + self.rng.choice([1, 1, 1, 2])
        have = judge.have(standing, judge.today)
        if above >= len(version.tiers.levels) or not version.tiers.levels[above].start:
            return self.rng.randint(1, 3 * TYPICAL)
        key, needed = self.rng.choice(list(self.rng.choice(version.tiers.levels[above].start).items()))
        missing = needed - have[key]
        if key == "spend":
            return max(1, missing + self.rng.choice([-1, 0, 0, 1]))
        if not key.startswith("earned:"):
            return self.rng.choice([1, 499, 500, 5000, TYPICAL])
        currency = key[7:]
        level = self.model.level_then(member, self.now, version)
        rate = sum((Fraction(str(rule["gives"][currency])) * 10 ** version.scale(currency)
                    / (Fraction(rule["per"]) * 10 ** version.digits) for rule in version.earn
                    if currency in rule["gives"] and version.applies(rule, level)), Fraction(0)) * version.multiply(level, currency)
        return min(10 ** 9, max(1, ceil(missing / rate) + self.rng.choice([-1, 0, 0, 1]))) if rate else TYPICAL

    def climb(self):
        if not self.model.in_force().tiers:
            return self.purchase()
        name = self.member()
        member = self.known(name)
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            request = self.basket(name)
            for field in ("lines", "discount", "tenders", "rounding"):
                request.pop(field, None)
            if member:
                request["amount"] = self.money(self.to_next_level(self.model.members[self.model.resolve(member.number)]))
            if self.one_in(8):
                request["at"] = self.spell(self.past())
            if self.one_in(6):
                self.send({**request, "op": "quote"}, again=False)
            answer = self.send(request)
            if answer["ok"] and self.one_in(4) and answer.get("receipt") in self.model.receipts:
                purchase = self.model.purchases[self.model.receipts[answer["receipt"]].seq]
                self.rng.choice([self.part_of, lambda one: self.bring_back({"of": one.identity, "all": True}),
                                 lambda one: self.void_it(one.identity)])(purchase)
            if self.one_in(3):
                self.pass_time()

    def fall_back(self):
        """Time passes until just before, or behind, what is due of somebody's level."""
        self.model.now = max(self.now, self.model.records[-1].time)
        moments = [due for due in map(self.model.levels_due, self.model.wallets) if due is not None and due >= self.now]
        if moments and min(moments) < self.now + 200 * DAY:
            self.now = max(self.now, self.rng.choice(sorted(moments)[:3]) + self.rng.choice([-1, 0, 1]))
        self.rng.choice([self.show, self.purchase, self.climb, self.sweep, self.return_all, self.late_purchase])()

    def action(self):
        if not self.tiers():
            return
        actions = list(self.model.in_force().actions) or ["app"]
        request = {"op": "action", "ref": self.ref(), "member": self.member(),
                   "action": self.rng.choice(actions if not self.one_in(12) else ["jump"])}
        if self.one_in(5):
            request["at"] = self.spell(self.past())
        if self.one_in(8):
            request["member"] = f"card:{1000 + self.number('card')}"
            if not self.one_in(4):
                request["enrol"] = True
        if self.one_in(6):
            request["reason"] = "asked"
        answer = self.send(request)
        if answer["ok"] and "enrol" in request:
            self.cards.append(request["member"])

    def tier_set(self):
        tiers = self.tiers()
        if not tiers:
            return
        ids = [level.id for level in tiers.levels[1:] or tiers.levels]
        if "set_first" not in self.without and self.one_in(12):
            ids = [tiers.levels[0].id, "nobody"]
        request = {"op": "tier.set", "ref": self.ref(), "member": self.member(), "level": self.rng.choice(ids),
                   "operator": self.rng.choice((tiers.operators or ["anna", "boss"]) if not self.one_in(6) else ["carl", "anna"]),
                   "reason": "complaint"}
        today = local(self.now, tiers.zone).date()
        roll = self.rng.random()
        if roll < 0.6:
            days = self.rng.choice([0, 1, 7, 30, 90]) if not self.one_in(8) else -1
            request["until"] = (today + timedelta(days=days)).isoformat()
        elif roll < 0.8:
            held = [member for member in self.model.members if member.merged is None and member.standing and member.standing.holds]
            if held and not self.one_in(4):
                member = self.rng.choice(held)
                request["member"] = f"id:#{member.number}"
                request["level"] = self.rng.choice(list(member.standing.holds))
            request["release"] = True
        self.send(request)

    def benefit_use(self):
        names = list(self.model.in_force().benefits)
        if not names and not self.one_in(20):
            return
        name = self.member()
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            request = {"op": "benefit.use", "ref": self.ref(), "member": name,
                       "benefit": self.rng.choice(names) if names and not self.one_in(15) else "yacht"}
            answer = self.send(request)
            if answer["ok"] and self.one_in(4):
                self.void_it(request["ref"])

    def look_at_level(self):
        """`show --at` around what becomes of somebody's level."""
        if not self.model.in_force().tiers:
            return
        self.model.now = max(self.now, self.model.records[-1].time)
        due = self.model.levels_due(self.rng.choice(list(self.model.wallets)))
        moment = due + self.rng.choice([-1, 0, 1]) if due else self.now + self.rng.choice([DAY, 40 * DAY, 400 * DAY])
        if self.one_in(4):
            moment = self.past()
        self.send({"op": "show", "member": self.member(), "at": rfc3339(moment)}, again=False)
