"""Finding the issuance a surrender names, mistyped or not."""

from collections.abc import Mapping

from tanhui.registry.tasks.carb import Row, Surrender
from tanhui.registry.tasks.causes import Cause


def match(surrender: Surrender, rows: Mapping[str, Row], reason: str) -> tuple[Row | None, Cause | None]:
    """The row a surrender means, and what had to be supposed.

    A name that is no issuance is taken for another only when exactly one issuance of the same vintage is one edit away.
    """
    if found := rows.get(surrender.issuance):
        return found, None
    near = [
        row for row in rows.values() if row.vintage == surrender.vintage and one_edit_apart(row.id, surrender.issuance)
    ]
    given, tonnes, entity = surrender.issuance, surrender.quantity_t, surrender.entity
    if len(near) == 1:
        nearest = near[0]
        facts = {"given": given, "nearest": nearest.id}
        return nearest, Cause("mistyped", nearest.id, reason, tonnes, entity=entity, facts=facts)
    return None, Cause("unknown_issuance", "", reason, tonnes, -tonnes, entity, {"given": given, "count": len(near)})


def one_edit_apart(one: str, other: str) -> bool:
    """Whether one inserted, left out or changed character turns one text into the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    shorter, longer = sorted((one, other), key=len)
    same = next((at for at, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]), len(shorter))
    skipped = 1 if len(shorter) == len(longer) else 0
    return shorter[same + skipped :] == longer[same + 1 :]
