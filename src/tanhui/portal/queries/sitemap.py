"""The addresses search engines may index, in parts that each cost the same."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from tanhui.portal.models import Category, Facet, Line
from tanhui.registry.models import Retirement

SIZE = 2_000
STANDING = (
    "home", "look_up", "registry", "projects", "batches", "retirements", "cancellations", "buffer", "comment",
    "beneficiaries", "statistics", "publications", "disclosure", "open_data", "sitemap", "log", "verify", "refusals",
    "help", "accessibility", "privacy",
)  # fmt: skip
LETTERS = {"projects": "P", "publications": "N", "certificates": "R"}


def parts() -> list[str]:
    """The names of the parts: the standing pages, then projects, publications and certificates by thousands."""
    counts = dict(Facet.objects.filter(tag__in=["P:", "N:", "R:"]).values_list("tag", "count"))
    found = ["pages"]
    for name, letter in LETTERS.items():
        found += [f"{name}-{place}" for place in range(-(-counts.get(f"{letter}:", 0) // SIZE))]
    return found


def part(name: str) -> list[tuple[str, datetime | None]]:
    """Addresses with the day each was changed. ``LookupError`` for a part there is not."""
    if name == "pages":
        columns = [reverse("portal:publications_of", args=[one.value]) for one in Category]
        library = reverse("library:methodologies")
        return [*((reverse(f"portal:{one}"), None) for one in STANDING), *((one, None) for one in [*columns, library])]
    kind, _, place = name.partition("-")
    if kind not in LETTERS or name not in parts():
        raise LookupError(name)
    return list(of(kind, int(place)))


def of(kind: str, place: int) -> Iterator[tuple[str, datetime | None]]:
    rows = Line.objects.filter(register=LETTERS[kind]).order_by("ref").values_list("ref", "at")
    found = list(rows[place * SIZE : (place + 1) * SIZE])
    if kind == "certificates":
        numbers = dict(Retirement.objects.filter(pk__in=[ref for ref, _ in found]).values_list("pk", "certificate"))
        for ref, at in found:
            yield reverse("registry:certificate", args=[numbers[ref]]), at
        return
    name = "portal:project" if kind == "projects" else "portal:publication"
    for ref, at in found:
        yield reverse(name, args=[ref]), at
