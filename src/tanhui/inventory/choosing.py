"""Which stock sinks go first (policy document 4, art. 11): inside the ecological red line, then those of the buyer's
own district.

Pure: what is on offer and the order a rule pack names, as values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tanhui.kernel.refusal import Refusal, gettext_noop

CLAUSE = "《上虞区生态系统存量碳汇核算及使用管理办法》第十一条"
RED_LINE, LOCAL = "red_line", "local"
PREFERENCES = (RED_LINE, LOCAL)


class OutOfOrder(Refusal):
    code = "inventory.out_of_order"
    sentence = gettext_noop(
        "%(passed)s still has %(left)s t and comes before %(chosen)s: sinks inside the ecological red line go first, "
        "then those of the buyer's own district. Take the units in the order shown."
    )
    clause = CLAUSE


class TooFewOffered(Refusal):
    code = "inventory.too_few_offered"
    sentence = gettext_noop("%(asked)s t were asked for and %(left)s t are on offer. Ask for no more than there is.")
    clause = CLAUSE


class OrderUnknown(Refusal):
    code = "inventory.order_unknown"
    sentence = gettext_noop("The rule pack names an order nobody knows: %(order)s. Use %(known)s.")
    clause = CLAUSE
    status = 422


class Offered(Protocol):
    """What is on offer, as far as the order needs it."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def district(self) -> str: ...
    @property
    def red_line(self) -> bool: ...
    @property
    def year(self) -> int: ...
    @property
    def left_t(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Pick:
    """Whole tonnes of one product."""

    key: str
    tonnes: int


def ranked(offers: Sequence[Offered], order: Sequence[str], district: str) -> list[Offered]:
    """What is on offer in the order it is taken: by the preferences named, then the oldest year, then the key.

    ``district`` is the division code of the buyer; a product is local when its own begins with it or it with the
    product's. Refuses with ``OrderUnknown``.
    """
    if unknown := [one for one in order if one not in PREFERENCES]:
        raise OrderUnknown(order=", ".join(unknown)[:60], known=", ".join(PREFERENCES))
    return sorted(
        (one for one in offers if one.left_t > 0),
        key=lambda one: (*(not preferred(one, what, district) for what in order), one.year, one.key),
    )


def preferred(one: Offered, what: str, district: str) -> bool:
    if what == RED_LINE:
        return one.red_line
    return bool(district) and (one.district.startswith(district) or district.startswith(one.district))


def picks(offers: Sequence[Offered], order: Sequence[str], district: str, tonnes: int) -> list[Pick]:
    """The tonnes asked for, product by product in order. Refuses with ``TooFewOffered`` or as ``ranked``."""
    missing, chosen = tonnes, []
    for one in ranked(offers, order, district):
        if missing <= 0:
            break
        taken = min(missing, one.left_t)
        chosen.append(Pick(one.key, taken))
        missing -= taken
    if missing > 0:
        raise TooFewOffered(asked=tonnes, left=tonnes - missing)
    return chosen


def refuse_other(offers: Sequence[Offered], order: Sequence[str], district: str, wanted: Sequence[Pick]) -> None:
    """Refuse a choice that passes over something with a higher preference (``OutOfOrder``) or more than there is.

    Among products of the same preference the buyer chooses freely.
    """
    asked = {one.key: one.tonnes for one in wanted}
    passed: Offered | None = None
    for one in ranked(offers, order, district):
        here = tuple(preferred(one, what, district) for what in order)
        if asked.get(one.key, 0) > one.left_t:
            raise TooFewOffered(asked=asked[one.key], left=one.left_t)
        before = passed is not None and tuple(preferred(passed, what, district) for what in order) > here
        if passed is not None and before and asked.get(one.key):
            raise OutOfOrder(passed=passed.name, left=passed.left_t - asked.get(passed.key, 0), chosen=one.name)
        if passed is None and one.left_t > asked.get(one.key, 0):
            passed = one
    known = {one.key for one in offers if one.left_t > 0}
    for pick in wanted:
        if pick.key not in known:
            raise TooFewOffered(asked=pick.tonnes, left=0)
