"""What everybody sees of the published years: an area's years in force, the figures of one, its maps, its checks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from tanhui.inventory import drawn, methods, queries
from tanhui.inventory.models import Access, AccountingYear, CrossCheck, Figure, Item, Publication, Type, Verification
from tanhui.journal.models import Leaf
from tanhui.nep import words
from tanhui.science import ecosystems

WHOLE = "area", "all"  # level and zone of the row that holds the whole area
MOST_ROWS = 1000  # of a table on one page; the file has all
FILE_OF_A_LAYER = re.compile(r"(?:(?P<before>\d{4})[/_-])?(?P<layer>[a-z_]+)(?:[/_-](?P<after>\d{4}))?\.tiff?")
CALLED = {"land_cover": "types", "landcover": "types"} | {name: name for name in drawn.LAYERS}
ORDER = {name: place for place, name in enumerate(Type.values)}
FLAGS: dict[str, str | Promise] = {
    "rh_above_respiration": _("Soil respires too much"), "implausible": _("Outside the plausible range"),
    "jump": _("Jump against the year before"), "nodata": _("No data"),
}  # fmt: skip
SORTS = {
    "zone": "zone", "type": "type", "area": "area_m2", "value": "nep_kg_co2", "conservative": "conservative_kg_co2",
    "density": "density",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a year as a map can show it."""

    year: int
    look: drawn.Layer
    sha256: str

    @property
    def tiles(self) -> str:
        """The address of its tiles, with places for level, column and row. It names the bytes and the colours, so that
        browsers keep what they were given for good."""
        first = reverse("inventory:atlas_tile", args=[self.sha256, self.look.name, 0, 0, 0])
        return first.removesuffix("0/0/0.png") + "{z}/{x}/{y}.png?" + drawn.VERSION


@dataclass(frozen=True, slots=True)
class Row:
    """A figure as the page tells it: in tonnes of CO₂, never without interval and conservative bound."""

    figure: Figure

    @property
    def value(self) -> int:
        return tonnes(self.figure.nep_kg_co2)

    @property
    def lower(self) -> int:
        return tonnes(self.figure.lower_kg_co2)

    @property
    def upper(self) -> int:
        return tonnes(self.figure.upper_kg_co2)

    @property
    def conservative(self) -> int:
        return tonnes(self.figure.conservative_kg_co2)

    @property
    def km2(self) -> float:
        return self.figure.area_m2 / 1e6

    @property
    def density(self) -> float | None:
        """Tonnes of CO₂ per hectare and year."""
        return self.figure.nep_kg_co2 / 1000 / (self.figure.area_m2 / 1e4) if self.figure.area_m2 else None

    @property
    def rule(self) -> str:
        """Why there is no figure of the type; empty where there is one."""
        code = ecosystems.CODES.get(self.figure.type)
        if code is None or self.figure.rule == "nep" or self.figure.lower_kg_co2 or self.figure.upper_kg_co2:
            return ""
        if ecosystems.COMPUTED[code]:
            return gettext("The norm's table has no coefficient for this type.")
        rule = ecosystems.RULES[code]
        return rule.reason_zh if (get_language() or "").startswith("zh") else rule.reason_en

    @property
    def name(self) -> str:
        """The zone as people call it; what lies outside every zone has no code."""
        return self.figure.zone_name if self.figure.zone else gettext("Outside these zones")

    @property
    def anchor(self) -> str:
        """Where the row stands on its page."""
        return f"z-{self.figure.zone or 'outside'}-{self.figure.type}"

    @property
    def flags(self) -> list[tuple[str | Promise, int, float]]:
        """Name, cells and share of the cells (in percent) of each flag that is set."""
        cells = self.figure.cells or 1
        found = ((name, float(count)) for name, count in self.figure.flags.items())
        return [(FLAGS.get(name, name), round(count), 100 * count / cells) for name, count in found if count >= 0.5]


@dataclass(frozen=True)
class Asked:
    """What of the figures the visitor wants to see."""

    level: str
    type: str = Type.ALL
    q: str = ""
    sort: str = "-value"


@dataclass
class Atlas:
    """An area with all its years in force, and the one that is open."""

    year: AccountingYear
    publication: Publication
    years: list[AccountingYear]
    figures: list[Figure] = field(default_factory=list)

    @property
    def address(self) -> str:
        return page_of(self.year)


def tonnes(kilograms: int) -> int:
    """Whole tonnes, halves to the even one."""
    return round(kilograms / 1000)


def page_of(year: AccountingYear) -> str:
    """Where a published edition is read."""
    plain = reverse("inventory:atlas", args=[year.division_code, year.year])
    return plain if year.state in AccountingYear.IN_FORCE else f"{plain}?edition={year.edition}"


def areas() -> list[tuple[AccountingYear, list[AccountingYear]]]:
    """Each area with a year in force: its newest, and all of them."""
    found: dict[tuple[int, str], list[AccountingYear]] = {}
    for one in queries.in_force():
        found.setdefault((one.organisation_id, one.division_code), []).append(one)
    return [(years[0], years) for years in found.values()]


def atlas(division: str, year: int, edition: int | None = None) -> Atlas:
    """A published year of an area: the edition in force, or the one asked for. 404 where there is none."""
    same = queries.disclosed().filter(division_code=division[:12], year=year).select_related("publication")
    found = same.filter(edition=edition) if edition else same.filter(state__in=AccountingYear.IN_FORCE)
    one = found.order_by("-edition").first() or (None if edition else same.order_by("-edition").first())
    if one is None or (published := publication(one)) is None:
        raise Http404
    years = queries.in_force().filter(division_code=one.division_code, organisation=one.organisation_id)
    return Atlas(one, published, sorted(years, key=lambda each: each.year))


def publication(year: AccountingYear) -> Publication | None:
    return Publication.objects.filter(accounting_year=year).select_related("initiator", "confirmer").first()


def figures(year: AccountingYear) -> list[Figure]:
    """Every figure of the year itself, in the order of the types."""
    return sorted(queries.published_figures(year), key=lambda one: (one.level, one.zone, ORDER.get(one.type, 99)))


def whole(found: Iterable[Figure]) -> dict[str, Row]:
    """The rows of the whole area by type."""
    return {one.type: Row(one) for one in found if (one.level, one.zone) == WHOLE}


def levels(found: Iterable[Figure]) -> list[str]:
    """The layers of zones there are: divisions first, then how the red line cuts them and the red line itself, the
    whole area last."""
    names = {one.level for one in found}
    return sorted(names, key=lambda one: (one == WHOLE[0], one.endswith(words.CUT), one == methods.RED_LINE, one))


def rows(found: Iterable[Figure], asked: Asked) -> list[Row]:
    """The figures of a level, narrowed and ordered as asked; a zone's name decides between equals."""
    made = [
        Row(one) for one in found
        if one.level == asked.level and asked.type in ("", one.type)
        and (not asked.q or asked.q.casefold() in f"{one.zone_name} {one.zone}".casefold())
    ]  # fmt: skip
    made.sort(key=lambda one: (one.figure.zone, ORDER.get(one.figure.type, 99)))
    name, falling = SORTS.get(asked.sort.lstrip("-"), "nep_kg_co2"), asked.sort.startswith("-")
    made.sort(key=lambda one: weight(one, name), reverse=falling)
    return made


def weight(row: Row, name: str) -> float:
    match name:
        case "zone":
            return 0.0
        case "type":
            return ORDER.get(row.figure.type, 99)
        case "density":
            return row.density if row.density is not None else float("-inf")
    return float(getattr(row.figure, name))


def series(years: Sequence[AccountingYear], by: Publication | None = None) -> dict[int, Row]:
    """The whole area of each of these years, the earliest first. Where a publication recomputed earlier years by its
    own method, those figures stand in the place of what was published then: only they compare."""
    found = (
        Figure.objects.filter(
            computation__publication__accounting_year__in=years, level=WHOLE[0], zone=WHOLE[1], type=Type.ALL
        )
        .select_related("computation__accounting_year")
        .order_by("year")
    )
    made = {one.year: Row(one) for one in found if one.computation.accounting_year.year == one.year}
    if by is not None:
        made |= {one.year: Row(one) for one in found if one.computation_id == by.computation_id}
    return dict(sorted(made.items()))


def recomputed(found: Iterable[Row], by: Publication) -> list[int]:
    """The years of a series that a publication recomputed: a back series."""
    here = [one.figure for one in found if one.figure.computation_id == by.computation_id]
    return [one.year for one in here if one.year != by.accounting_year.year]


def layers(years: Sequence[AccountingYear]) -> dict[int, dict[str, Layer]]:
    """What a map can show of these years: by year and name, in the order of ``drawn``."""
    of_year = {one.pk: one.year for one in years}
    found = tiled().filter(accounting_year__in=of_year).values_list("accounting_year", "name", "sha256")
    made: dict[int, dict[str, Layer]] = {year: {} for year in sorted(of_year.values())}
    for key, name, sha256 in found:
        told, look = layer_of(name)
        if look is not None and told in (None, of_year[key]):
            made[of_year[key]][look.name] = Layer(of_year[key], look, sha256)
    return {year: {name: there[name] for name in drawn.LAYERS if name in there} for year, there in made.items()}


def tiled() -> QuerySet[Item]:
    """The public rasters of published computations."""
    return Item.objects.filter(
        Q(name__endswith=".tif") | Q(name__endswith=".tiff"), category=Item.Category.SPATIAL, access=Access.PUBLIC,
        computation__publication__isnull=False,
    )  # fmt: skip


def layer_of(name: str) -> tuple[int | None, drawn.Layer | None]:
    """The year and the layer a file's name tells: ``2023/nep.tif``, ``nep-2023.tif``, ``nep.tif``."""
    if (told := FILE_OF_A_LAYER.search(name)) is None:
        return None, None
    year = told["before"] or told["after"]
    return int(year) if year else None, drawn.LAYERS.get(CALLED.get(told["layer"], ""))


def published_raster(sha256: str, layer: str) -> Item:
    """The public raster of that hash, which must be of that layer; 404 otherwise."""
    for one in tiled().filter(sha256=sha256):
        _year, look = layer_of(one.name)
        if look is not None and look.name == layer:
            return one
    raise Http404


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to take away: the item, where it is fetched, where the log holds it (none while that is written)."""

    item: Item
    index: int | None

    @property
    def url(self) -> str:
        return reverse(
            "files:download", args=[self.item.document, self.item.version, self.item.name.rpartition("/")[2]]
        )


def downloads(year: AccountingYear) -> tuple[list[Offer], list[Offer]]:
    """What everyone may take away: what most come for, and the rest. Papers first, then tables, then rasters."""
    kind = Item.Category
    order = [kind.ATLAS, *Item.PAPERS, kind.STATISTICS, kind.SPATIAL, kind.RECORD, kind.MAP]
    of_publication = Item.objects.filter(
        accounting_year=year, computation__publication__accounting_year=year, access=Access.PUBLIC
    )
    found = sorted(of_publication, key=lambda one: (order.index(kind(one.category)), one.name))
    places = dict(Leaf.objects.filter(entry_id__in=[one.entry for one in found]).values_list("entry_id", "index"))
    offers = [Offer(one, places.get(one.entry)) for one in found]
    first = [one for one in offers if one.item.category not in (kind.MAP, kind.RECORD) and foremost(one.item.name)]
    return first, [one for one in offers if one not in first]


def foremost(name: str) -> bool:
    """Whether most people look for a file of this name: papers, tables, the figures on a map, the catalogue."""
    return name.endswith((".pdf", ".xlsx", ".csv", ".gpkg", "-nep.tif", "collection.json"))


def checks(published: Publication) -> list[CrossCheck]:
    """What the figures were compared with before they were published."""
    return list(published.computation.cross_checks.select_related("organisation").order_by("kind", "at"))


def numbers(check: CrossCheck) -> list[tuple[str, Any]]:
    """The numbers of a comparison, those everybody asks for first."""
    first = [name for name in ("n", "bias", "rmse", "r2") if name in check.result]
    rest = [name for name in check.result if name not in first]
    flat = [(name, check.result[name]) for name in first + rest]
    return [(name, value) for name, value in flat if not isinstance(value, Mapping | list)]


SIGMAS: dict[str, str | Promise] = {
    "npp_model": _("Net primary production"), "rh_model": _("Choice of respiration model"),
    "weather": _("Weather data"),
    "land_cover": _("Land cover"), "pixel": _("Noise of single cells"),
}  # fmt: skip


def components(row: Row | None) -> list[tuple[str | Promise, int, float]]:
    """Where the width of an interval comes from: each component, one sigma in tonnes, and its share of the variance."""
    if row is None or not any(row.figure.sigma_kg_co2.values()):
        return []
    found = {name: float(value) for name, value in row.figure.sigma_kg_co2.items() if value}
    whole = sum(value**2 for value in found.values())
    order = sorted(found, key=lambda name: -found[name])
    names = SIGMAS if len(row.figure.respiration) > 1 else SIGMAS | {"npp_model": _("Coefficients and their inputs")}
    return [(names.get(name, name), tonnes(round(found[name])), found[name] ** 2 / whole) for name in order]


def verification(published: Publication) -> Verification | None:
    """The verifier's word about the figures."""
    return Verification.objects.filter(computation=published.computation_id).select_related("organisation").first()


def later(year: AccountingYear) -> AccountingYear | None:
    """The edition that took the year's place, or the one that took that one's, as far as there is one in force."""
    if year.state in AccountingYear.IN_FORCE:
        return None
    return next((one for one in queries.editions(year) if one.state in AccountingYear.IN_FORCE), None)
