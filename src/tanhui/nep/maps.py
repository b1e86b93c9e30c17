"""Maps of a run: of NEP, of one type, of land cover, of the interval's width, of flags, of change; each a picture, a
small picture, a legend and what stands beside it. All maps of a run share one ground, so that they can be compared.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tanhui.nep import drawing, palette, surveying, ways, words
from tanhui.nep.drawing import Bytes, Floats, Mask, View
from tanhui.nep.facts import Facts
from tanhui.nep.kernel import SURVEYS
from tanhui.nep.surveying import Survey
from tanhui.science import ecosystems, nep_uncertainty
from tanhui.science.nep_uncertainty import ONE_MODEL

THUMBNAIL = 480  # pixels
FEW = 0.02  # of the area: a type with less shares a map with others like it
DOT = 1.2  # mm: how large a cell of such a type is drawn
UNIT = "gC/(m²·a)"

Entry = dict[str, str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map: its name as a file, what it shows, its picture and legend."""

    name: str
    zh: str
    en: str
    year: int
    theme: str
    type: str
    picture: bytes
    small: bytes
    legend: dict[str, Any]
    facts: list[tuple[str, str]] = field(default_factory=list)
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all maps of an atlas share: the view laid on paper, zones, and classes, so that years can be compared."""

    survey: Survey
    outside: Mask
    lines: list[surveying.Meridian]
    shapes: list[surveying.Outline]
    names: Mapping[int, str]
    sinks: palette.Classes
    widths: palette.Classes
    changes: palette.Classes

    @property
    def view(self) -> View:
        return self.survey.view


def fields(facts: Facts, ground: Ground, year: int) -> tuple[Floats, Any]:
    """NEP and ecosystem types of a year, as large as the paper."""
    nep = drawing.values(facts.layer(year, "nep"), ground.view)
    return nep, drawing.codes(facts.layer(year, "landcover"), ground.view)


def interval(facts: Facts, year: int, seen: View) -> Floats:
    """Width of each cell's 90 % interval from what all cells share: the models of NPP and Rh and the weather; ratio or
    rate; the biomass of two surveys."""
    return np.asarray(2 * nep_uncertainty.Z * SIGMA[facts.methodology.way](facts, year, seen), dtype=np.float32)


def sigma_of_models(facts: Facts, year: int, seen: View) -> Floats:
    said = facts.statistics.uncertainty
    npp, rh = (drawing.values(facts.layer(year, name), seen) for name in ("npp", "rh"))
    spread = drawing.values(facts.layer(year, "spread"), seen) if len(facts.models) > 1 else ONE_MODEL * np.abs(rh)
    return np.asarray(np.sqrt((said["npp_model"] * npp) ** 2 + spread**2 + (said["weather"] * rh) ** 2))


def sigma_of_ratio(facts: Facts, year: int, seen: View) -> Floats:
    said = facts.statistics.uncertainty
    share = np.hypot(said["npp_model"], said["rate"])
    return np.asarray(share * np.abs(drawing.values(facts.layer(year, "nep"), seen)))


def sigma_of_rate(facts: Facts, year: int, seen: View) -> Floats:
    share = facts.statistics.uncertainty["rate"]
    return np.asarray(share * np.abs(drawing.values(facts.layer(year, "nep"), seen)))


def sigma_of_surveys(facts: Facts, year: int, seen: View) -> Floats:
    """Each survey errs for itself, by a share of what stood."""
    share = facts.statistics.uncertainty["biomass"]
    of_type = np.zeros(256, dtype=np.float32)
    for kind, row in facts.methodology.told["rows"].items():
        of_type[ecosystems.CODES[kind]] = row["value"] * ways.PER_HECTARE / float(facts.plan.norm["span"])
    stood = (drawing.values(facts.folder / "inputs" / f"{name}.tif", seen) for name in SURVEYS)
    grams = of_type[drawing.codes(facts.layer(year, "landcover"), seen)]
    return np.asarray(np.where(grams > 0, share * grams * np.hypot(*stood), np.float32("nan")))


SIGMA: Mapping[str, Callable[[Facts, int, View], Floats]] = {
    "nep": sigma_of_models,
    "nep_ratio": sigma_of_ratio,
    "rate": sigma_of_rate,
    "biomass": sigma_of_surveys,
}


def code_of(kind: str) -> int:
    return ecosystems.CODES[kind]


def sink(facts: Facts, ground: Ground, year: int, nep: Floats, cover: Any) -> Drawn:
    what, english = facts.methodology.mapped
    return finished(
        ground,
        drawing.classified(nep, ground.sinks),
        unsuited(facts, nep, cover),
        ground.sinks.colours,
        name=f"{year}-nep",
        zh=f"{year}年{what}分布图",
        en=f"{english}, all types, {year}",
        year=year,
        theme="nep",
        type="all",
        legend=legend(what.removesuffix("（NEP）"), short(facts), ranges(ground.sinks), unsuited=True),
        facts=facts.figures(year, "all"),
        remark=aggregated(ground),
    )


def sink_of(facts: Facts, ground: Ground, year: int, nep: Floats, cover: Any, code: int) -> Drawn:
    kind = words.CODES[code]
    zh, en = words.TYPES[kind]
    what, english = facts.methodology.mapped
    index = drawing.classified(nep, ground.sinks)
    index[(cover != code) & (cover > 0)] = drawing.ELSEWHERE
    return finished(
        ground,
        index,
        None,
        ground.sinks.colours,
        name=f"{year}-nep-{kind}",
        zh=f"{year}年{zh}{what}分布图",
        en=f"{english}, {en.lower()}, {year}",
        year=year,
        theme="nep",
        type=kind,
        legend=legend(
            f"{zh}{what.removesuffix('（NEP）')}",
            f"{short(facts)} of {en.lower()}",
            ranges(ground.sinks),
            elsewhere=True,
        ),
        facts=facts.figures(year, kind),
        remark=aggregated(ground),
    )


def sink_of_few(facts: Facts, ground: Ground, year: int, nep: Floats, cover: Any, codes: Sequence[int]) -> Drawn:
    """Types that have next to no land, on one map: each of their cells drawn large enough to be found."""
    kinds = [words.CODES[code] for code in codes]
    index = drawing.classified(nep, ground.sinks)
    few = np.isin(cover, codes)
    index[~few & (cover > 0)] = drawing.ELSEWHERE
    index = drawing.spread(
        index, few & ~np.isnan(nep), cells=max(1, round(DOT / ground.survey.width * few.shape[1] / 2))
    )
    what, english = facts.methodology.mapped
    zh = words.listed(words.TYPES[kind][0] for kind in kinds)
    en = ", ".join(words.TYPES[kind][1].lower() for kind in kinds)
    return finished(
        ground,
        index,
        None,
        ground.sinks.colours,
        name=f"{year}-nep-few",
        zh=f"{year}年{zh}{what}分布图",
        en=f"{english}, {en}, {year}",
        year=year,
        theme="nep",
        type="+".join(kinds),
        legend=legend(
            f"{zh}{what.removesuffix('（NEP）')}", f"{short(facts)} of {en}", ranges(ground.sinks), elsewhere=True
        ),
        facts=[
            (f"{words.TYPES[kind][0]}：{label}", said)
            for kind in kinds
            for label, said in facts.figures(year, kind)[:4]
        ],
        remark="这些类型面积很小，合为一图；图斑按可辨认的大小放大显示。" + aggregated(ground),
    )


def land(facts: Facts, ground: Ground, year: int, cover: Any) -> Drawn:
    here = [code for code in words.CODES if np.any(cover[~ground.outside] == code)]
    entries = [entry(palette.TYPES[code], *words.TYPES[words.CODES[code]]) for code in here]
    return finished(
        ground,
        drawing.numbered(cover, here),
        None,
        [palette.TYPES[code] for code in here],
        name=f"{year}-landcover",
        zh=f"{year}年生态系统类型图",
        en=f"Ecosystem types, {year}",
        year=year,
        theme="landcover",
        type="all",
        legend=legend("生态系统类型", "Ecosystem type", entries, unit=""),
        facts=facts.areas(year),
        remark=aggregated(ground, nearest=True),
    )


def width(facts: Facts, ground: Ground, year: int, cover: Any) -> Drawn:
    what, english = facts.methodology.mapped
    wide = interval(facts, year, ground.view)
    return finished(
        ground,
        drawing.classified(wide, ground.widths),
        unsuited(facts, wide, cover),
        ground.widths.colours,
        name=f"{year}-interval",
        zh=f"{year}年{what}90%区间宽度图",
        en=f"Width of the 90 % interval of {english.lower()}, {year}",
        year=year,
        theme="interval",
        type="all",
        legend=legend("90% 区间宽度", "Width of the 90 % interval", ranges(ground.widths), unsuited=True),
        facts=facts.uncertainty(year),
        remark=facts.methodology.of_a_cell,
    )


def flagged(facts: Facts, ground: Ground, year: int, cover: Any, nep: Floats) -> Drawn:
    found = drawing.bits(facts.layer(year, "flags"), ground.view) & np.uint8(7)
    several = (found & (found - np.uint8(1) * (found > 0))) > 0
    shown = np.where(several, np.uint8(7), found).astype(np.int64)
    shown[np.isnan(nep) & (found == 0)] = -1
    labels = {
        0: ("无标记", "No flag"),
        **{
            bit: words.FLAGS[key]
            for bit, key in words.FLAG_BITS.items()
            if facts.methodology.modelled or key != "rh_above_respiration"
        },
        7: ("两项以上", "More than one"),
    }
    return finished(
        ground,
        drawing.numbered(shown, list(labels)),
        unsuited(facts, np.where(shown < 0, np.float32("nan"), np.float32(0)), cover),
        [palette.FLAGS[code] for code in labels],
        name=f"{year}-flags",
        zh=f"{year}年数据质量标记图",
        en=f"Flagged cells, {year}",
        year=year,
        theme="flags",
        type="all",
        legend=legend(
            "质量标记", "Flags", [entry(palette.FLAGS[code], *labels[code]) for code in labels], unit="", unsuited=True
        ),
        facts=facts.flagged(year),
        remark="图面一格内凡有一个像元带标记即予显示。" if ground.view.decimation > 1 else "",
    )


def change(facts: Facts, ground: Ground, year: int, nep: Floats, before: Floats, cover: Any) -> Drawn:
    what, english = facts.methodology.mapped
    difference = nep - before
    return finished(
        ground,
        drawing.classified(difference, ground.changes),
        unsuited(facts, difference, cover),
        ground.changes.colours,
        name=f"{year}-change",
        zh=f"{year - 1}—{year}年{what}变化图",
        en=f"Change of {english.lower()}, {year - 1} to {year}",
        year=year,
        theme="change",
        type="all",
        legend=legend(
            f"{facts.methodology.density} 变化量", f"Change of {short(facts)}", ranges(ground.changes), unsuited=True
        ),
        facts=facts.changed(year),
        remark=aggregated(ground),
    )


def finished(
    ground: Ground, index: Bytes, never: Mask | None, colours: Sequence[str], *, legend: dict[str, Any], **said: Any
) -> Drawn:
    """The picture with what lies outside the area left white and what has no NEP by its nature in its own colour."""
    if never is not None:
        index[never] = drawing.UNSUITED
    index[ground.outside] = drawing.OUTSIDE
    survey = ground.survey
    return Drawn(
        picture=drawing.png(index, colours),
        small=drawing.thumbnail(index, colours, width=THUMBNAIL, ratio=survey.height / survey.width),
        legend=legend,
        **said,
    )


def unsuited(facts: Facts, measured: Floats, cover: Any) -> Mask:
    """Cells without a value whose ecosystem type takes none."""
    never = [code for code, kind in words.CODES.items() if not facts.methodology.suits(kind)]
    return np.asarray(np.isnan(measured) & np.isin(cover, never))


def short(facts: Facts) -> str:
    """What a legend calls the quantity in English."""
    return "Carbon fixed" if facts.methodology.direct else "NEP"


def ranges(classes: palette.Classes) -> list[Entry]:
    """Entries of a legend, highest first."""
    edges = [plain(edge) for edge in classes.breaks]
    labels = [f"< {edges[0]}", *(f"{a} ～ {b}" for a, b in itertools.pairwise(edges)), f"≥ {edges[-1]}"]
    return [entry(colour, label) for colour, label in zip(classes.colours, labels, strict=True)][::-1]


def plain(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def entry(colour: str, zh: str, en: str = "") -> Entry:
    return {"colour": colour, "zh": zh, "en": en}


def legend(
    zh: str, en: str, entries: list[Entry], *, unit: str = UNIT, unsuited: bool = False, elsewhere: bool = False
) -> dict[str, Any]:
    more = [entry(palette.UNSUITED, "不适用", "Not applicable")] if unsuited else []
    more += [entry(palette.ELSEWHERE, "其他类型", "Other types")] if elsewhere else []
    heading = f"{en}, {unit}" if unit else en
    return {"title": zh, "unit": heading, "entries": [*entries, *more, entry("", "无数据", "No data")]}


def aggregated(ground: Ground, *, nearest: bool = False) -> str:
    """How cells of the picture come from cells of the grid, where they are not the same."""
    side = ground.view.decimation
    if side == 1:
        return ""
    return f"图面每格代表约 {side}×{side} 个像元，取{'最邻近值' if nearest else '平均值'}。"
