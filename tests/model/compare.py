"""Does an answer say what the model expects? What the model leaves out, it does
not judge."""
import re
from fractions import Fraction

from model import Unknown

# Objects in which a key too many is a difference, too.
WHOLE = {"assessed", "collected", "repaid"}


class Comparison:
    def __init__(self, ignore=()):
        self.ids = {}           # Unknown of the model: the engine's id
        self.ignore = set(ignore)   # "return.returned[].amount": known differences to look past

    def difference(self, expected, actual, path=""):
        """None, or where they part and what each says."""
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
        for field in ("member", "to", "into", "household"):
            value = request.get(field)
            if isinstance(value, str) and ":#" in value:
                spelt[field] = next((actual for one, actual in self.ids.items() if one.token() == value), None)
                if spelt[field] is None:
                    return None
        return spelt


def nobody(request):
    """The request with ids that nobody has."""
    return {field: value.split("#")[0] + "000000000000" if field in ("member", "to", "into", "household")
            and ":#" in value else value for field, value in request.items()}


def plain(value):
    """For people: fractions as decimals."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value
