"""Papers of a run: the analysis report, the bulletin (公报) and a special report (专报) on one theme, as PDF.

All of it is made from the run's folder: the same folder, fonts and imprint give the same bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep import advice, atlas, chapters, listing, maps, papers, reliability, rows, store, surveying, words
from tanhui.nep import facts as told
from tanhui.nep.blocks import Block, callout, chapter, figure, numbered, points, text
from tanhui.nep.facts import Facts, Imprint
from tanhui.nep.rows import Row
from tanhui.nep.wording import Worded

Kind = Literal["report", "bulletin", "special"]
KINDS: tuple[Kind, ...] = ("report", "bulletin", "special")
WIDE, HIGH = 108.0, 86.0  # mm for a map beside its legend


class NoSuchTheme(Worded):
    code = "nep.no_such_theme"
    sentence = gettext_noop(
        "The run has no %(theme)s. A special report is on type:<ecosystem type>, level:<level of zones> or "
        "zone:<level>/<code>; this run has %(known)s."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第八条"
    status = 422


@dataclass(frozen=True, slots=True)
class Theme:
    """What a special report is on: a type of ecosystem, all zones of a level, or one zone."""

    kind: Literal["type", "level", "zone"]
    name: str
    level: str = ""


def write(
    folder: Path,
    *,
    fonts: Sequence[Path],
    imprint: Imprint | None = None,
    kinds: Sequence[Kind] = KINDS,
    theme: str = "",
    previous: Path | None = None,
) -> list[Path]:
    """Write ``report.pdf``, ``bulletin.pdf`` and ``special.pdf`` (or those of ``kinds``) into ``archive`` of a run's
    folder; their paths.

    ``theme`` of the special report is ``type:forest``, ``level:red_line`` or ``zone:township/330604``; without one it
    is on the red line where the run has that level, else on the type with the largest area. ``previous`` is the folder
    of the year before, where that is another run: compared if it was made the same way. Refuses with
    ``NoSuchTheme``, as ``papers.pdf``, and with ``CannotWrite``.
    """
    facts = told.read(folder, imprint=imprint, previous=previous)
    ground = atlas.surveyed(facts, wide=WIDE, high=HIGH)
    made: dict[str, bytes] = {}
    for kind in kinds:
        data, maps = PAPERS[kind](facts, ground, theme)
        data |= {
            "years": words.years(facts.years) if kind == "report" else str(facts.last),
            "run": facts.statistics.run[:16],
            "imprint": facts.printed_imprint(),
            "maps": [laid(facts, ground, one) for one in maps],
        }
        pictures = {f"{one.name}.png": one.picture for one in maps}
        pictures["lines.svg"] = surveying.svg(ground.survey, ground.lines, ground.shapes).encode()
        made[f"{kind}.pdf"] = papers.pdf(f"{kind}.typ", data, fonts=fonts, pictures=pictures, at=facts.moment)
    target = folder / "archive"
    for name, content in made.items():
        store.put(target / name, content)
    return [target / name for name in made]


def laid(facts: Facts, ground: maps.Ground, one: maps.Drawn) -> dict[str, Any]:
    """A map of the atlas for a paper."""
    return atlas.on_paper(facts, ground) | {"picture": f"{one.name}.png", "legend": one.legend, "alt": one.zh}


Made = tuple[dict[str, Any], list[maps.Drawn]]


def sink_map(facts: Facts, ground: maps.Ground, kind: str = rows.ALL) -> maps.Drawn:
    nep, cover = maps.fields(facts, ground, facts.last)
    if kind == rows.ALL:
        return maps.sink(facts, ground, facts.last, nep, cover)
    return maps.sink_of(facts, ground, facts.last, nep, cover, maps.code_of(kind))


def total(facts: Facts) -> Row:
    """The row of the whole area and last year. Every run has one."""
    row = facts.statistics.row(facts.last)
    assert row is not None
    return row


def report(facts: Facts, ground: maps.Ground, theme: str) -> Made:
    whole = total(facts)
    before = facts.whole(facts.last - 1)
    summary = [
        text(
            chapters.outcome(facts, whole, facts.area),
            chapters.largest(facts, facts.last),
            chapters.moved(before, whole),
        ),
        text(caution(facts)),
    ]
    body = [
        chapters.scope(facts),
        chapters.data(facts),
        chapters.method(facts),
        chapters.results(facts, map_number=0),
        chapters.since(facts),
        reliability.accuracy(facts),
        reliability.doubt(facts),
        advice.principles(facts),
        advice.use(facts),
        advice.improve(facts),
    ]
    data = {
        "title": f"{facts.area}{words.years(facts.years)}年度生态系统存量碳汇核算报告",
        "heading": "生态系统存量碳汇核算报告",
        "subtitle": f"Report on ecosystem stock carbon sinks, {words.years(facts.years).replace('、', ', ')}",
        "headline": chapters.headline(facts, whole, facts.area),
        "summary": summary,
        "chapters": numbered(body),
        "annex": listing.annex(facts),
    }
    return data, [sink_map(facts, ground)]


def caution(facts: Facts) -> str:
    """What a reader must not overlook, in a sentence each."""
    said = ["存量碳汇是统计量，不是减排量，对外使用以保守下限为准。"]
    if short := advice.thin(facts):
        said.append(f"{words.listed(name for name, _ in short)}的数据覆盖不足。")
    share = advice.flagged(facts)
    if share > advice.FLAGGED:
        what = "所用呼吸模型" if facts.methodology.modelled else "所用系数"
        said.append(f"{words.percent(share)}的像元带有异常标记，{what}在本区域的适用性有待核查。")
    if lost := advice.without(facts):
        said.append(f"系数表中没有{words.listed(lost)}的系数，这些类型未计入总量。")
    if not facts.measured and facts.verification is None:
        said.append("本次运行未附本区域的实测验证。")
    return "".join(said)


def bulletin(facts: Facts, ground: maps.Ground, theme: str) -> Made:
    whole = total(facts)
    level = facts.drawn_level
    body = [
        chapter(
            "总体情况",
            text(
                chapters.outcome(facts, whole, facts.area),
                chapters.largest(facts, facts.last),
                chapters.moved(facts.whole(facts.last - 1), whole),
            ),
            listing.by_type(facts, facts.last),
        ),
        chapter(
            "空间分布与分区情况" if level else "空间分布",
            listing.by_zone(facts, facts.last, level) if level else None,
            figure(f"{facts.last}年{facts.methodology.mapped[0]}分布", 0),
        ),
        chapter(
            "说明",
            points(
                [
                    f"方法与规范：{facts.method_line}。",
                    f"资料来源：{facts.source_line}。",
                    caution(facts),
                    "完整的方法、验证与逐项结果见同期核算报告；可公开的数据、方法和运行记录随公报发布，可据此复算。",
                ]
            ),
        ),
    ]
    data = {
        "title": f"{facts.area}{facts.last}年生态系统存量碳汇公报",
        "heading": f"{facts.area}生态系统存量碳汇公报",
        "headline": chapters.headline(facts, whole, facts.area),
        "chapters": numbered([one for one in body if one]),
    }
    return data, [sink_map(facts, ground)]


def special(facts: Facts, ground: maps.Ground, theme: str) -> Made:
    asked = understood(facts, theme)
    if asked.kind == "type":
        subject, kind, row = on_type(facts, asked.name)
        body = about_type(facts, asked.name, row)
    elif asked.kind == "level":
        subject, kind, row = listing.level_name(asked.level), rows.ALL, None
        body = about_level(facts, asked.level)
    else:
        subject, kind, row = on_zone(facts, asked)
        body = about_zone(facts, asked, row)
    data = {
        "title": f"{facts.area}{facts.last}年{subject}存量碳汇专报",
        "heading": f"{facts.area}{facts.last}年{subject}存量碳汇专报",
        "headline": chapters.headline(facts, row, subject) if row else None,
        "chapters": numbered(
            [
                *body,
                chapter(
                    "建议",
                    points(
                        [*advice.uses(facts, row, subject if row else "全区"), *list(advice.improvements(facts))[:3]]
                    ),
                ),
                chapter(
                    "方法说明", text(f"{facts.method_line}。资料来源：{facts.source_line}。"), callout(caution(facts))
                ),
            ]
        ),
    }
    return data, [sink_map(facts, ground, kind)]


def understood(facts: Facts, theme: str) -> Theme:
    """The theme that was asked for, or the one that suggests itself. Refuses what the run does not have."""
    kind, _, rest = theme.partition(":")
    present = [one for one in facts.present(facts.last) if facts.computed(one)]
    if not theme:
        red = next((level for level in facts.levels if level in advice.RED_LINE), "")
        if red:
            return Theme("level", red, red)
        return Theme("type", max(present, key=lambda one: width(facts.whole(facts.last, one)), default=rows.ALL))
    if kind == "type" and rest in present:
        return Theme("type", rest)
    if kind == "level" and rest in facts.levels:
        return Theme("level", rest, rest)
    level, _, code = rest.partition("/")
    if kind == "zone" and facts.statistics.row(facts.last, code, level=level):
        return Theme("zone", code, level)
    known = [*(f"type:{one}" for one in present), *(f"level:{one}" for one in facts.levels)]
    raise NoSuchTheme(theme=theme, known="、".join(known))


def width(row: Row | None) -> float:
    return row.area_m2 if row else 0


def on_type(facts: Facts, kind: str) -> tuple[str, str, Row | None]:
    return f"{words.TYPES[kind][0]}生态系统" if kind != rows.ALL else "生态系统", kind, facts.whole(facts.last, kind)


def on_zone(facts: Facts, asked: Theme) -> tuple[str, str, Row | None]:
    row = facts.statistics.row(facts.last, asked.name, level=asked.level)
    return listing.zone_name(row) if row else asked.name, rows.ALL, row


def about_type(facts: Facts, kind: str, row: Row | None) -> list[Block]:
    if row is None:
        return []
    subject = f"{facts.area}{words.TYPES[kind][0]}生态系统"
    trend = [(f"{year}年", one) for year in facts.years if (one := facts.whole(year, kind))]
    return [
        chapter(
            "总体情况",
            text(
                f"{words.TYPES[kind][0]}面积{words.square_kilometres(row.area_m2)} km²。",
                chapters.outcome(facts, row, subject),
                chapters.moved(facts.whole(facts.last - 1, kind), row),
            ),
            listing.chart(f"{words.years(facts.years)}年{words.TYPES[kind][0]}存量碳汇", trend)
            if len(trend) > 1
            else None,
        ),
        chapter(
            "空间分布",
            *(listing.by_zone(facts, facts.last, level, kind) for level in facts.levels),
            figure(f"{facts.last}年{words.TYPES[kind][0]}{facts.methodology.mapped[0]}分布", 0),
        ),
    ]


def about_level(facts: Facts, level: str) -> list[Block]:
    found = [row for row in facts.zones_of(facts.last, level) if row.zone != rows.OUTSIDE]
    whole = total(facts)
    area = sum(row.area_m2 for row in found)
    share = words.percent(area / whole.area_m2) if whole.area_m2 else "0%"
    name = listing.level_name(level)
    return [
        chapter(
            "总体情况",
            text(
                f"{facts.area}共有{name}分区{len(found)}个，面积{words.square_kilometres(area)} km²，占全区的{share}。"
                "各分区的数量、区间和保守下限如下；分区的误差彼此相关，区间不可简单相加。"
            ),
            listing.by_zone(facts, facts.last, level),
            listing.chart(
                f"{facts.last}年各{name}存量碳汇及其区间",
                [(listing.zone_name(row), row) for row in listing.ordered(found)[: listing.MOST_ZONES]],
            ),
        ),
        chapter("空间分布", figure(f"{facts.last}年{facts.methodology.mapped[0]}分布", 0)),
    ]


def about_zone(facts: Facts, asked: Theme, row: Row | None) -> list[Block]:
    if row is None:
        return []
    before = facts.row(facts.last - 1, asked.name, level=asked.level)
    return [
        chapter(
            "总体情况",
            text(chapters.outcome(facts, row, listing.zone_name(row)), chapters.moved(before, row)),
            listing.by_type(facts, facts.last, level=asked.level, zone=asked.name),
        ),
        chapter("空间分布", figure(f"{facts.last}年{facts.methodology.mapped[0]}分布", 0)),
    ]


PAPERS: dict[Kind, Callable[[Facts, maps.Ground, str], Made]] = {
    "report": report,
    "bulletin": bulletin,
    "special": special,
}
