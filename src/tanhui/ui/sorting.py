"""The order of a list by its address: only what the page allows, always whole, so that pages never overlap."""

from collections.abc import Mapping


def order(asked: str, allowed: Mapping[str, str], default: str) -> list[str]:
    """Fields for ``order_by`` from ``?sort=name`` or ``-name``. ``allowed`` maps the names of the address to fields;
    what is not in it means ``default``. The key comes last in the same direction, so that equals have an order."""
    name = asked.removeprefix("-")
    if name not in allowed or asked.startswith("--"):
        asked, name = default, default.removeprefix("-")
    sign = "-" if asked.startswith("-") else ""
    field = allowed.get(name, name)
    return [f"{sign}{field}"] + ([f"{sign}pk"] if field not in {"pk", "id"} else [])
