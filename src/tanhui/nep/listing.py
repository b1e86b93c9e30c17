"""Tables and charts of a run's rows, each quantity with its interval; whole kilograms for the annex."""

from collections.abc import Mapping, Sequence
from typing import Any

from tanhui.nep import methodology, palette, rows, words
from tanhui.nep.blocks import Block, bars, table, text
from tanhui.nep.facts import Facts
from tanhui.nep.rows import Row

MOST_ZONES = 24  # in a table or chart of the body; all of them stand in the annex

SINK = "存量碳汇"
YEARLY = "CO₂/年"
NONE = "—"


def zone_name(row: Row) -> str:
    return row.name or ("分区以外" if row.zone == rows.OUTSIDE else row.zone)


def level_name(level: str) -> str:
    return words.level(level)


# -- sentences that several papers share -------------------------------------------------------------------------------


def by_type(facts: Facts, year: int, *, level: str = rows.AREA, zone: str = rows.ALL) -> Block | None:
    """The table of types, all in one unit, each with its interval."""
    parts = [row for row in facts.statistics.types(year, level, zone) if row.area_m2 > 0]
    whole = facts.statistics.row(year, zone, level=level)
    if whole is None:
        return None
    unit = words.unit_of([whole.nep_kg_co2, *(row.nep_kg_co2 for row in parts)])
    means = densities(facts)
    listed: list[tuple[str, ...]] = []
    for row in [*parts, whole]:
        area = words.square_kilometres(row.area_m2)
        name = words.TYPES[row.type][0]
        if row.type != rows.ALL and not row.cells:
            listed.append((name, area, *(NONE for _ in means), nothing(facts, row), NONE, NONE))
            continue
        sink = words.mass(row.nep_kg_co2, row.lower_kg_co2, row.upper_kg_co2, unit=unit)
        square = facts.computed_m2(row)
        shown = [words.density(getattr(row, one), square) for one in means.values()]
        listed.append((name, area, *shown, sink.value, sink.interval, sink.also(row.conservative_kg_co2)))
    return table(
        f"{year}年分类型{SINK}",
        ("类型", "面积（km²）", *means, f"{SINK}（{unit}{YEARLY}）", "90% 区间", "保守下限"),
        listed,
        numbers=range(1, 5 + len(means)),
        widths=(1, *(0 for _ in range(4 + len(means)))),
        strong=(len(listed) - 1,),
        note=f"{words.listed(means)}为有数据部分的平均值，gC/(m²·a)。",
    )


def densities(facts: Facts) -> dict[str, str]:
    """What a table gives for each square metre: its head and the row's field."""
    how = facts.methodology
    grown = {} if how.direct else {"NPP": "npp_kg_c"}
    respired = {"Rh": "rh_kg_c"} if how.modelled else {}
    return grown | respired | {how.density: "nep_kg_c"}


def nothing(facts: Facts, row: Row) -> str:
    """Why a type has no figure."""
    how = facts.methodology
    return "不适用" if not how.suits(row.type) else "无数据" if how.counts(row.type) else "无系数"


def ordered(found: Sequence[Row]) -> list[Row]:
    """Zones as tables and charts show them: the largest sink first, what lies outside last."""
    return sorted(found, key=lambda row: (row.zone == rows.OUTSIDE, -row.nep_kg_co2, row.zone))


def by_zone(facts: Facts, year: int, level: str, kind: str = rows.ALL) -> Block | None:
    """The table of zones, largest first; the rest stands in the annex."""
    found = [row for row in facts.zones_of(year, level, kind) if row.area_m2 > 0]
    shown = ordered(found)[:MOST_ZONES]
    unit = words.unit_of([row.nep_kg_co2 for row in found])
    listed: list[tuple[str, ...]] = []
    for row in shown:
        area = words.square_kilometres(row.area_m2)
        if not row.cells:
            listed.append((zone_name(row), area, NONE, "无可核算像元", NONE, NONE, words.percent(row.coverage)))
            continue
        sink = words.mass(row.nep_kg_co2, row.lower_kg_co2, row.upper_kg_co2, unit=unit)
        listed.append(
            (
                zone_name(row),
                area,
                words.density(row.nep_kg_c, facts.computed_m2(row)),
                sink.value,
                sink.interval,
                sink.also(row.conservative_kg_co2),
                words.percent(row.coverage),
            )
        )
    what = "" if kind == rows.ALL else words.TYPES[kind][0]
    return table(
        f"{year}年各{level_name(level)}{what}{SINK}",
        (
            "分区",
            "面积（km²）",
            facts.methodology.density,
            f"{SINK}（{unit}{YEARLY}）",
            "90% 区间",
            "保守下限",
            "有数据占比",
        ),
        listed,
        numbers=range(1, 7),
        widths=(1, 0, 0, 0, 0, 0, 0),
        note=f"面积为有土地覆盖分类的土地；{facts.methodology.density}为其中有数据部分的平均值，gC/(m²·a)；有数据占比以分区全部土地为基数。"
        + (f"仅列前 {MOST_ZONES} 个分区，其余见附表。" if len(found) > MOST_ZONES else ""),
    )


def chart(caption: str, found: Sequence[tuple[str, Row]]) -> Block | None:
    """Bars of rows with data, each with its label, coloured by whether it is a sink or a source."""
    there = [(label, row) for label, row in found if row.cells]
    unit = words.unit_of([end for _, row in there for end in (row.lower_kg_co2, row.upper_kg_co2)])
    size = float(words.UNITS[unit])
    drawn = [
        (
            label,
            row.nep_kg_co2 / size,
            row.lower_kg_co2 / size,
            row.upper_kg_co2 / size,
            palette.SINK_BAR if row.nep_kg_co2 >= 0 else palette.SOURCE_BAR,
            words.mass(row.nep_kg_co2, row.lower_kg_co2, row.upper_kg_co2, unit=unit).value,
        )
        for label, row in there
    ]
    return bars(caption, f"{unit}{YEARLY}", drawn)


def annex(facts: Facts) -> list[Block]:
    """Whole kilograms: what may be copied and added up."""
    fields = exact_fields(facts)
    head = ("类型", *fields)
    shape: dict[str, Any] = {"numbers": range(1, len(head)), "widths": (1, *(0 for _ in fields))}
    found: list[Block | None] = []
    for year in facts.years:
        kept = [row for kind in (*facts.present(year), rows.ALL) if (row := facts.whole(year, kind))]
        found.append(
            table(
                f"{year}年分类型结果（整数千克）",
                head,
                [(words.TYPES[row.type][0], *exact(row, fields)) for row in kept],
                **shape,
                size=6.6,
                strong=(len(kept) - 1,),
            )
        )
    found.append(members(facts))
    for level in facts.levels:
        kept = facts.zones_of(facts.last, level)
        found.append(
            table(
                f"{facts.last}年各{level_name(level)}结果（整数千克）",
                ("分区", *head[1:]),
                [(f"{zone_name(row)} {row.zone}".strip(), *exact(row, fields)) for row in kept],
                **shape,
                size=6.4,
            )
        )
    last = text("分区与类型交叉的全部结果见随报告归档的统计表（XLSX、CSV）和 statistics.json。")
    return [block for block in (*found, last) if block]


def exact_fields(facts: Facts) -> dict[str, str]:
    """Columns of the annex: head and the row's field."""
    how = facts.methodology
    carbon = {} if how.direct else {"NPP（kgC）": "npp_kg_c"}
    carbon |= {"Rh（kgC）": "rh_kg_c"} if how.modelled else {}
    sink = "固碳量" if how.direct else "NEP"
    return carbon | {
        f"{sink}（kgC）": "nep_kg_c", f"{sink}（kgCO₂）": "nep_kg_co2", "区间下端": "lower_kg_co2",
        "区间上端": "upper_kg_co2", "保守下限": "conservative_kg_co2",
    }  # fmt: skip


def exact(row: Row, fields: Mapping[str, str]) -> tuple[str, ...]:
    if row.rule == "not_applicable":
        return ("不适用",) * len(fields)
    if row.due and not row.cells:
        return (NONE,) * len(fields)
    return tuple(words.whole(getattr(row, name)) for name in fields.values())


def members(facts: Facts) -> Block | None:
    """Rh by each model of the ensemble, and the NEP it alone would give."""
    listed = [
        (
            str(year),
            methodology.model(key),
            words.whole(rh),
            words.whole(round((whole.npp_kg_c - rh) * 44 / 12)),
        )
        for year in facts.years
        if (whole := facts.whole(year)) and len(whole.models) > 1
        for key, rh in whole.models.items()
    ]
    return table(
        "各异养呼吸模型单独的结果（整数千克）",
        ("年度", "模型", "Rh（kgC）", "仅用该模型的 NEP（kgCO₂）"),
        listed,
        numbers=(2, 3),
        widths=(0, 1, 0, 0),
        size=6.6,
    )
