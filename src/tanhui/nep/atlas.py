"""The atlas of a run: a map of each ecosystem type and year, of all types, of land cover, of the interval's width, of
flags and of the change since the year before; pages of one PDF, each page as PNG, and small pictures without words.
"""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tanhui.nep import drawing, palette, papers, surveying, words
from tanhui.nep.drawing import Bytes, Floats, Mask, View
from tanhui.nep.facts import Facts, Imprint, read
from tanhui.nep.surveying import Survey
from tanhui.science import ecosystems, nep_uncertainty
from tanhui.science.nep_uncertainty import ONE_MODEL

WIDE, HIGH = 204.0, 158.0  # mm a map may take on its page
CELLS = 1600  # of a picture along its longer side: about 200 an inch
THUMBNAIL = 480  # pixels
UNIT = "gC/(m²·a)"
NAMED = 45  # more zones than these are drawn without their names

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


def write(folder: Path, *, fonts: Sequence[Path], imprint: Imprint | None = None) -> list[Path]:
    """Draw the atlas of a run into ``archive/atlas`` and return the files: ``atlas.pdf``, ``<map>.png`` (a page each),
    ``<map>.thumbnail.png`` and ``index.json``.

    ``fonts`` are folders of font files. What is there from an earlier run of the same name is replaced.
    """
    facts = read(folder, imprint=imprint)
    ground = surveyed(facts)
    maps = list(drawn(facts, ground))
    target = folder / "archive" / "atlas"
    target.mkdir(parents=True, exist_ok=True)
    data = told(facts, ground, maps)
    pictures = {f"{one.name}.png": one.picture for one in maps}
    pictures["lines.svg"] = surveying.svg(ground.survey, ground.lines, ground.shapes).encode()
    made = {
        "atlas.pdf": papers.pdf("atlas.typ", data, fonts=fonts, pictures=pictures, at=facts.moment),
        "index.json": index(maps),
    }
    leaves = papers.pages("atlas.typ", data, fonts=fonts, pictures=pictures, at=facts.moment)
    for one, leaf in zip(maps, leaves[-len(maps) :], strict=True):
        made[f"{one.name}.png"] = leaf
        made[f"{one.name}.thumbnail.png"] = one.small
    for name, content in made.items():
        (target / name).write_bytes(content)
    return [target / name for name in sorted(made)]


def index(maps: Sequence[Drawn]) -> bytes:
    """What lies in the folder, for pages that show it."""
    rows = [
        {
            "name": one.name,
            "year": one.year,
            "theme": one.theme,
            "type": one.type,
            "title_zh": one.zh,
            "title_en": one.en,
            "page": f"{one.name}.png",
            "thumbnail": f"{one.name}.thumbnail.png",
        }
        for one in maps
    ]
    return (json.dumps({"maps": rows}, ensure_ascii=False, indent=1) + "\n").encode()


def surveyed(facts: Facts, *, wide: float = WIDE, high: float = HIGH) -> Ground:
    """The area of the run laid on paper, at most ``wide`` × ``high`` mm, and classes that fit every year of it."""
    width, height = facts.size
    whole = drawing.view(width, height, most=600)
    seen = drawing.view(width, height, most=CELLS, within=drawing.extent(~outside(facts, whole), whole))
    survey = surveying.lay(facts.layer(facts.last, "nep"), seen, width=wide, height=high)
    level = facts.drawn_level
    few = drawing.view(width, height, most=400, within=(seen.column, seen.row, seen.width, seen.height))
    nep = [drawing.values(facts.layer(year, "nep"), few) for year in facts.years]
    differences = [after - before for (before, after), _ in pairs(nep, facts.years)]
    return Ground(
        survey=survey,
        outside=outside(facts, seen),
        lines=surveying.graticule(survey),
        shapes=surveying.outlines(facts.boundaries_of(level), survey) if level else [],
        names=dict(enumerate(facts.names(level).values(), start=1)) if level else {},
        sinks=palette.diverging(*reach(nep)),
        widths=palette.rising(max(reach([interval(facts, year, few) for year in facts.years])[1], 1.0)),
        changes=palette.diverging(*reach(differences), sources=palette.LOSSES, sinks=palette.GAINS),
    )


def outside(facts: Facts, seen: View) -> Mask:
    """Cells that belong to nothing: without an ecosystem type, and in no zone. The rest without a value is a gap."""
    found = drawing.codes(facts.layer(facts.last, "landcover"), seen) == 0
    for level in facts.levels:
        found = found & (drawing.codes(facts.zones(level), seen) == 0)
    return np.asarray(found)


def interval(facts: Facts, year: int, seen: View) -> Floats:
    """Width of each cell's 90 % interval from the models of NPP and Rh and the weather: what all cells share."""
    said = facts.statistics.uncertainty
    npp, rh = (drawing.values(facts.layer(year, name), seen) for name in ("npp", "rh"))
    spread = drawing.values(facts.layer(year, "spread"), seen) if len(facts.models) > 1 else ONE_MODEL * np.abs(rh)
    sigma = np.sqrt((said["npp_model"] * npp) ** 2 + spread**2 + (said["weather"] * rh) ** 2)
    return np.asarray(2 * nep_uncertainty.Z * sigma, dtype=np.float32)


def reach(fields: Sequence[Floats]) -> tuple[float, float]:
    """Between which values 96 of 100 cells lie."""
    known = [one[~np.isnan(one)] for one in fields]
    together = np.concatenate(known) if known else np.zeros(0, dtype=np.float32)
    if not together.size:
        return -1.0, 1.0
    low, high = np.quantile(together, [0.02, 0.98])
    return float(low), float(high)


def pairs(items: Sequence[Any], years: Sequence[int]) -> Iterator[tuple[tuple[Any, Any], tuple[int, int]]]:
    """Each with the one of the year before, where there is one."""
    known = dict(zip(years, items, strict=True))
    for year in years:
        if year - 1 in known:
            yield (known[year - 1], known[year]), (year - 1, year)


def drawn(facts: Facts, ground: Ground) -> Iterator[Drawn]:
    """Every map, year by year, one at a time in memory."""
    before: Floats | None = None
    for year in facts.years:
        nep, cover = fields(facts, ground, year)
        yield sink(facts, ground, year, nep, cover)
        for code, kind in words.CODES.items():
            if facts.computed(kind) and np.any((cover == code) & ~ground.outside):
                yield sink_of(facts, ground, year, nep, cover, code)
        yield land(facts, ground, year, cover)
        yield width(facts, ground, year, cover)
        yield flagged(facts, ground, year, cover, nep)
        if before is not None and year - 1 in facts.years:
            yield change(facts, ground, year, nep, before, cover)
        before = nep


def fields(facts: Facts, ground: Ground, year: int) -> tuple[Floats, Any]:
    """NEP and ecosystem types of a year, as large as the paper."""
    nep = drawing.values(facts.layer(year, "nep"), ground.view)
    return nep, drawing.codes(facts.layer(year, "landcover"), ground.view)


def code_of(kind: str) -> int:
    return ecosystems.CODES[kind]


def colour_of(kind: str) -> str:
    return palette.TYPES[ecosystems.CODES[kind]] if kind in ecosystems.CODES else palette.SINKS[3]


def sink(facts: Facts, ground: Ground, year: int, nep: Floats, cover: Any) -> Drawn:
    return finished(
        ground,
        drawing.classified(nep, ground.sinks),
        unsuited(facts, nep, cover),
        ground.sinks.colours,
        name=f"{year}-nep",
        zh=f"{year}年净生态系统生产力（NEP）分布图",
        en=f"Net ecosystem production, all types, {year}",
        year=year,
        theme="nep",
        type="all",
        legend=legend("净生态系统生产力", "NEP", ranges(ground.sinks), unsuited=True),
        facts=facts.figures(year, "all"),
        remark=aggregated(ground),
    )


def sink_of(facts: Facts, ground: Ground, year: int, nep: Floats, cover: Any, code: int) -> Drawn:
    kind = words.CODES[code]
    zh, en = words.TYPES[kind]
    index = drawing.classified(nep, ground.sinks)
    index[(cover != code) & (cover > 0)] = drawing.ELSEWHERE
    return finished(
        ground,
        index,
        None,
        ground.sinks.colours,
        name=f"{year}-nep-{kind}",
        zh=f"{year}年{zh}净生态系统生产力（NEP）分布图",
        en=f"Net ecosystem production, {en.lower()}, {year}",
        year=year,
        theme="nep",
        type=kind,
        legend=legend(f"{zh}净生态系统生产力", f"NEP of {en.lower()}", ranges(ground.sinks), elsewhere=True),
        facts=facts.figures(year, kind),
        remark=aggregated(ground),
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
    wide = interval(facts, year, ground.view)
    return finished(
        ground,
        drawing.classified(wide, ground.widths),
        unsuited(facts, wide, cover),
        ground.widths.colours,
        name=f"{year}-interval",
        zh=f"{year}年净生态系统生产力（NEP）90%区间宽度图",
        en=f"Width of the 90 % interval of net ecosystem production, {year}",
        year=year,
        theme="interval",
        type="all",
        legend=legend("90% 区间宽度", "Width of the 90 % interval", ranges(ground.widths), unsuited=True),
        facts=facts.uncertainty(year),
        remark="像元区间含 NPP 模型、异养呼吸模型和气象输入三项，均为系统性误差，不随面积增大而缩小。",
    )


def flagged(facts: Facts, ground: Ground, year: int, cover: Any, nep: Floats) -> Drawn:
    found = drawing.bits(facts.layer(year, "flags"), ground.view) & np.uint8(7)
    several = (found & (found - np.uint8(1) * (found > 0))) > 0
    shown = np.where(several, np.uint8(7), found).astype(np.int64)
    shown[np.isnan(nep) & (found == 0)] = -1
    labels = {
        0: ("无标记", "No flag"),
        **{bit: words.FLAGS[key] for bit, key in words.FLAG_BITS.items()},
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
    difference = nep - before
    return finished(
        ground,
        drawing.classified(difference, ground.changes),
        unsuited(facts, difference, cover),
        ground.changes.colours,
        name=f"{year}-change",
        zh=f"{year - 1}—{year}年净生态系统生产力（NEP）变化图",
        en=f"Change of net ecosystem production, {year - 1} to {year}",
        year=year,
        theme="change",
        type="all",
        legend=legend("NEP 变化量", "Change of NEP", ranges(ground.changes), unsuited=True),
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
    never = [code for code, kind in words.CODES.items() if not facts.computed(kind)]
    return np.asarray(np.isnan(measured) & np.isin(cover, never))


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


def told(facts: Facts, ground: Ground, maps: Sequence[Drawn]) -> dict[str, Any]:
    """What the template prints."""
    common = on_paper(facts, ground)
    imprint = facts.imprint
    return {
        "title": f"{facts.area}生态系统存量碳汇图集",
        "subtitle": "Atlas of ecosystem stock carbon sinks " + words.years(facts.years).replace("、", ", "),
        "imprint": facts.printed_imprint(),
        "facts": [
            ("核算年度", words.years(facts.years)),
            ("核算指标", "净生态系统生产力（NEP）= 净初级生产力（NPP）− 异养呼吸（Rh）"),
            ("方法与规范", facts.method_line),
            ("资料来源", facts.source_line),
            ("投影", common["projection"]),
            ("编制单位", imprint.authority),
            ("编制日期", facts.issued_zh),
            ("运行编号", facts.statistics.run[:16]),
        ],
        "cover": max(at for at, one in enumerate(maps) if one.theme == "nep" and one.type == "all"),
        "remarks": [facts.absent_types, "各图分级一致，可在类型和年度之间直接比较；色标已按红绿色觉差异检验。"],
        "maps": [
            common
            | {
                "zh": one.zh,
                "en": one.en,
                "alt": one.zh,
                "picture": f"{one.name}.png",
                "legend": one.legend,
                "facts": one.facts,
                "remark": one.remark,
            }
            for one in maps
        ],
    }


def on_paper(facts: Facts, ground: Ground) -> dict[str, Any]:
    """What a template needs to lay out any map of the ground."""
    survey = ground.survey
    length, bar = surveying.scale_bar(survey)
    return {
        "width": round(survey.width, 3),
        "height": round(survey.height, 3),
        "lines": "lines.svg",
        "ticks": [
            {"label": line.label, "side": line.side, "place": round(line.place, 3)}
            for line in ground.lines
            if line.side
        ],
        "zones": labels(ground) if len(ground.shapes) <= NAMED else [],
        "bar": {"width": round(bar, 3), "labels": ["0", words.length(length / 2), words.length(length)]},
        "north": round(surveying.north(survey), 2),
        "scale": words.whole(surveying.denominator(survey)),
        "projection": surveying.projection(survey.crs),
        "method": facts.method_line,
        "source": facts.source_line,
    }


def labels(ground: Ground) -> list[dict[str, Any]]:
    """Names of the zones that have room for them."""
    found = []
    for shape in ground.shapes:
        name = ground.names.get(shape.number, "")
        size = min(8.5, shape.room / max(len(name), 1) / 0.3528 * 0.85)
        if name and size >= 5:
            found.append({"name": name, "x": shape.inside[0], "y": shape.inside[1], "size": round(size, 1)})
    return found
