"""Does an answer say what the model expects? What the model leaves out, it does
not judge."""
import re
from fractions import Fraction

from things import Unknown

# Objects in which a key too many is a difference, too.
WHOLE = {"assessed", "collected", "repaid", "withdrawn", "forfeited"}


class Comparison:
    def __init__(self, ignore=()):
        self.ids = {}           # Unknown of the model: the engine's id
        self.undated = False    # look past `expires`: told as of the end of the commit, not of the operation
        self.ignore = set(ignore)   # "return.returned[].amount": known differences to look past

    def difference(self, expected, actual, path=""):
        """None, or where they part and what each says."""
        if self.undated and path.endswith(".expires"):
            return None
        if self.ignore and re.sub(r"\[\d+\]", "[]", path) in self.ignore:
            return None
        if isinstance(expected, Unknown):
            if not isinstance(actual, str) or not actual.startswith(expected.prefix):
                return f"{path}: expected {expected}, got {actual!r}"
            known = self.ids.setdefault(expected, actual)
            if known != actual or list(self.ids.values()).count(actual) > 1:
                return f"{path}: expected {expected} = {known}, got {actual}"
            return None
        if isinstance(expected, dict):
            if not isinstance(actual, dict):
                return f"{path}: expected an object, got {actual!r}"
            for key, value in expected.items():
                given = actual.get(key)
                if key not in actual:
                    if re.sub(r"\[\d+\]", "[]", f"{path}.{key}") in self.ignore:
                        continue
                    return f"{path}.{key}: missing, expected {plain(value)}"
                if key in WHOLE and set(value) != set(given):
                    return f"{path}.{key}: expected {plain(value)}, got {plain(given)}"
                found = self.difference(value, given, f"{path}.{key}")
                if found:
                    return found
            return None
        if isinstance(expected, set):       # ids, in an order that chance makes
            known = sorted(self.ids.get(one, str(one)) for one in expected)
            if not isinstance(actual, list) or sorted(map(str, actual)) != known:
                return f"{path}: expected {known} in any order, got {plain(actual)}"
            return None
        if isinstance(expected, list):
            if not isinstance(actual, list) or len(expected) != len(actual):
                return f"{path}: expected {plain(expected)}, got {plain(actual)}"
            for i, value in enumerate(expected):
                found = self.difference(value, actual[i], f"{path}[{i}]")
                if found:
                    return found
            return None
        if isinstance(expected, bool) or isinstance(actual, bool) or expected is None or isinstance(expected, str):
            same = expected == actual and type(expected) is type(actual)
        else:
            same = isinstance(actual, (int, Fraction)) and Fraction(expected) == Fraction(actual)
        return None if same else f"{path}: expected {plain(expected)}, got {plain(actual)}"

    def spell(self, request):
        """The request with the engine's ids for `id:#3` and `household:#1`; None where
        one is not known (yet)."""
        spelt = dict(request)
        for field, value in request.items():
            if field in INSIDE:
                inside = [self.spell(one) for one in (value if field == "requests" else [value])]
                if None in inside:
                    return None
                spelt[field] = inside if field == "requests" else inside[0]
            elif field in NAMED and ":#" in value:
                token, _, how = value.partition("/")
                actual = next((actual for one, actual in self.ids.items() if one.token() == token), None)
                if actual is None:
                    return None
                spelt[field] = SPELLINGS[how](actual)
        return spelt


NAMED = ("member", "to", "into", "household", "code")       # fields that can name something random
INSIDE = ("requests", "return", "purchase")                 # fields that hold requests
# How a claim code is written by hand.
SPELLINGS = {"": str, "lower": str.lower, "dashed": lambda code: f"{code[:4]}-{code[4:]} ",
             "letters": lambda code: code.replace("0", "O").replace("1", "l")}


def nobody(request):
    """The request with ids that nobody has."""
    spelt = dict(request)
    for field, value in request.items():
        if field == "requests":
            spelt[field] = [nobody(one) for one in value]
        elif field in INSIDE:
            spelt[field] = nobody(value)
        elif field in NAMED and ":#" in value:
            spelt[field] = "00000000" if field == "code" else value.split("#")[0] + "000000000000"
    return spelt


def plain(value):
    """For people: fractions as decimals."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value
