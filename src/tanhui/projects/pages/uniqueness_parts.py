"""What overlaps, shown wherever a project is drafted or refused: a map with the ground in question, and a table."""

from tanhui.kernel.refusal import Refusal
from tanhui.projects import numbers, uniqueness
from tanhui.projects.queries import uniqueness as queries

ROWS = 50


def free(development, *, at):
    """How the land and meters of a draft stand: what they meet, and what a claim now would be refused with."""
    try:
        asked = uniqueness.asked(development, at=at)
        rules = uniqueness.rules(development)
        if not asked.wanted:
            return None
        uniqueness.within(asked, rules)
    except uniqueness.BoundaryTwice as refusal:
        return {"refusal": refusal, "map": polygon(refusal), "rows": []}
    except Refusal as refusal:  # no rule pack says by which numbers it is judged
        return {"refusal": refusal, "map": None, "rows": []}
    return shown(asked, sorted(uniqueness.meetings(asked, rules), key=lambda one: (one.sliver, -one.area_m2)))


def shown(asked, found):
    """Meetings for a page: the serious ones first, on a map with what is asked for."""
    return {
        "refusal": None, "map": queries.drawn(asked.wanted, found) if found else None, "count": len(found),
        "refused": sum(not one.sliver for one in found),
        "rows": [
            {"one": one, "project": uniqueness.named(one.theirs), "barred": one.theirs.state == one.theirs.State.BARRED}
            for one in found[:ROWS]
        ],
    }  # fmt: skip


def drawn(refusal, subject, *, at):
    """What stands behind a refusal that speaks of overlapping ground or a meter; nothing for any other."""
    if not isinstance(refusal, uniqueness.Overlaps | uniqueness.Barred | uniqueness.MeteredTwice):
        found = polygon(refusal) if isinstance(refusal, uniqueness.BoundaryTwice) else None
        return {"map": found, "rows": []} if found else None
    return free(numbers.development_of(subject), at=at)


def polygon(refusal):
    """The ground a refusal names, for a map."""
    if (outline := refusal.facts.get("polygon")) is None:
        return None
    properties = {"title": refusal.facts.get("part", ""), "text": refusal.facts.get("theirs", ""), "tone": "stop"}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": outline, "properties": properties}],
    }
