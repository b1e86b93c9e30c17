"""The atlas of a run: a map of each ecosystem type and year, of all types, of land cover, of the interval's width, of
flags and of the change since the year before; pages of one PDF, each page as PNG, and small pictures without words.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tanhui.nep import drawing, maps, palette, papers, store, surveying, words
from tanhui.nep.drawing import Floats, Mask, View
from tanhui.nep.facts import Facts, Imprint, read

WIDE, HIGH = 204.0, 158.0  # mm a map may take on its page
CELLS = 1600  # of a picture along its longer side: about 200 an inch
NARROW = 24.0  # mm: a scale bar this short has no room for a label in its middle
NAMED = 45  # more zones than these are drawn without their names


def write(
    folder: Path, *, fonts: Sequence[Path], imprint: Imprint | None = None, previous: Path | None = None
) -> list[Path]:
    """Draw the atlas of a run into ``archive/atlas`` and return the files: ``atlas.pdf``, ``<map>.png`` (a page each),
    ``<map>.thumbnail.png`` and ``index.json``.

    ``previous`` is the folder of the year before, where that is another run: made the same way, it gives a map of the
    change. ``fonts`` are folders of font files. What is there of the same name is replaced. Refuses as ``papers.pdf``,
    and with ``CannotWrite``.
    """
    facts = read(folder, imprint=imprint, previous=previous)
    ground = surveyed(facts)
    sheets = list(drawn(facts, ground))
    target = folder / "archive" / "atlas"
    data = told(facts, ground, sheets)
    pictures = {f"{one.name}.png": one.picture for one in sheets}
    pictures["lines.svg"] = surveying.svg(ground.survey, ground.lines, ground.shapes).encode()
    made = {
        "atlas.pdf": papers.pdf("atlas.typ", data, fonts=fonts, pictures=pictures, at=facts.moment),
        "index.json": index(sheets),
    }
    leaves = papers.pages("atlas.typ", data, fonts=fonts, pictures=pictures, at=facts.moment)
    for one, leaf in zip(sheets, leaves[-len(sheets) :], strict=True):
        made[f"{one.name}.png"] = leaf
        made[f"{one.name}.thumbnail.png"] = one.small
    for name, content in made.items():
        store.put(target / name, content)
    return [target / name for name in sorted(made)]


def index(sheets: Sequence[maps.Drawn]) -> bytes:
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
        for one in sheets
    ]
    return (json.dumps({"maps": rows}, ensure_ascii=False, indent=1) + "\n").encode()


def surveyed(facts: Facts, *, wide: float = WIDE, high: float = HIGH) -> maps.Ground:
    """The area of the run laid on paper, at most ``wide`` × ``high`` mm, and classes that fit every year of it."""
    width, height = facts.size
    whole = drawing.view(width, height, most=600)
    seen = drawing.view(width, height, most=CELLS, within=drawing.extent(~outside(facts, whole), whole))
    survey = surveying.lay(facts.layer(facts.last, "nep"), seen, width=wide, height=high)
    level = facts.drawn_level
    few = drawing.view(width, height, most=400, within=(seen.column, seen.row, seen.width, seen.height))
    nep = [drawing.values(facts.layer(year, "nep"), few) for year in facts.years]
    earlier = facts.years[0] - 1
    series, years = nep, facts.years
    if facts.comparable and facts.has(earlier, "nep"):
        series, years = [drawing.values(facts.layer(earlier, "nep"), few), *nep], (earlier, *years)
    differences = [after - before for (before, after), _ in pairs(series, years)]
    return maps.Ground(
        survey=survey,
        outside=outside(facts, seen),
        lines=surveying.graticule(survey),
        shapes=surveying.outlines(facts.boundaries_of(level), survey) if level else [],
        names=dict(enumerate(facts.names(level).values(), start=1)) if level else {},
        sinks=palette.diverging(*reach(nep)),
        widths=palette.rising(*reach([maps.interval(facts, year, few) for year in facts.years])),
        changes=palette.diverging(*reach(differences), sources=palette.LOSSES, sinks=palette.GAINS),
    )


def outside(facts: Facts, seen: View) -> Mask:
    """Cells that belong to nothing: without an ecosystem type, and in no zone. The rest without a value is a gap."""
    found = drawing.codes(facts.layer(facts.last, "landcover"), seen) == 0
    for level in facts.levels:
        found = found & (drawing.codes(facts.zones(level), seen) == 0)
    return np.asarray(found)


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


def drawn(facts: Facts, ground: maps.Ground) -> Iterator[maps.Drawn]:
    """Every map, year by year, one at a time in memory."""
    first = facts.years[0] - 1
    before: Floats | None = None
    if facts.comparable and facts.has(first, "nep"):
        before = drawing.values(facts.layer(first, "nep"), ground.view)
    last = first
    for year in facts.years:
        nep, cover = maps.fields(facts, ground, year)
        yield maps.sink(facts, ground, year, nep, cover)
        few = scarce(facts, year)
        for code, kind in words.CODES.items():
            if facts.computed(kind) and code not in few and np.any((cover == code) & ~ground.outside):
                yield maps.sink_of(facts, ground, year, nep, cover, code)
        if few:
            yield maps.sink_of_few(facts, ground, year, nep, cover, few)
        yield maps.land(facts, ground, year, cover)
        yield maps.width(facts, ground, year, cover)
        yield maps.flagged(facts, ground, year, cover, nep)
        if before is not None and year - 1 == last:
            yield maps.change(facts, ground, year, nep, before, cover)
        before, last = nep, year


def scarce(facts: Facts, year: int) -> list[int]:
    """Codes of the types of a year that have next to no land: they share one map."""
    whole = facts.whole(year)
    rows = [(code, facts.whole(year, kind)) for code, kind in words.CODES.items() if facts.computed(kind)]
    return [code for code, row in rows if row and whole and row.area_m2 < maps.FEW * whole.area_m2]


def told(facts: Facts, ground: maps.Ground, sheets: Sequence[maps.Drawn]) -> dict[str, Any]:
    """What the template prints."""
    common = on_paper(facts, ground)
    return {
        "title": f"{facts.area}生态系统存量碳汇图集",
        "subtitle": "Atlas of ecosystem stock carbon sinks " + words.years(facts.years).replace("、", ", "),
        "imprint": facts.printed_imprint(),
        "facts": [
            ("核算年度", words.years(facts.years)),
            ("核算指标", facts.methodology.indicator),
            ("方法与规范", facts.method_line),
            ("资料来源", facts.source_line),
            ("投影", common["projection"]),
            ("编制单位", facts.printed_imprint()["authority"]),
            ("编制日期", facts.issued_zh),
            ("运行编号", facts.statistics.run[:16]),
        ],
        "cover": max(at for at, one in enumerate(sheets) if one.theme == "nep" and one.type == "all"),
        "remarks": [
            *facts.plan.notes,
            facts.absent_types(any(one.name.endswith("-few") for one in sheets)),
            "各图分级一致，可在类型和年度之间直接比较；色标已按红绿色觉差异检验。",
        ],
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
            for one in sheets
        ],
    }


def on_paper(facts: Facts, ground: maps.Ground) -> dict[str, Any]:
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
        "bar": {
            "width": round(bar, 3),
            "labels": ["0", words.length(length / 2) if bar > NARROW else "", words.length(length)],
        },
        "north": round(surveying.north(survey), 2),
        "scale": words.whole(surveying.denominator(survey)),
        "projection": surveying.projection(survey.crs),
        "method": facts.method_line,
        "source": facts.source_line,
    }


def labels(ground: maps.Ground) -> list[dict[str, Any]]:
    """Names of the zones that have room for them."""
    found = []
    for shape in ground.shapes:
        name = ground.names.get(shape.number, "")
        size = min(8.5, shape.room / max(len(name), 1) / 0.3528 * 0.85)
        if name and size >= 5:
            found.append({"name": name, "x": shape.inside[0], "y": shape.inside[1], "size": round(size, 1)})
    return found
