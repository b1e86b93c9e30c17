"""Statistics as people file them: one workbook of six Chinese sheets, and one table of all rows as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tanhui.nep import change, methodology, remarks, run, statistics, store, words
from tanhui.nep import plan as plans
from tanhui.nep.kernel import DIRECT
from tanhui.nep.rows import ALL, AREA, FLAGS, OUTSIDE, Remark, Row, Statistics, grams_per_m2
from tanhui.science import ecosystems

XLSX, CSV = "statistics.xlsx", "statistics.csv"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
EXACT = 10**15  # a spreadsheet keeps fifteen digits
RULES = {**methodology.SHORT, "not_applicable": "不适用", "sum": "合计"}

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def write(folder: Path) -> tuple[Path, Path]:
    """Write ``archive/statistics.xlsx`` and ``archive/statistics.csv`` (UTF-8 with a byte-order mark) from
    ``statistics.json``; the same bytes each time."""
    found = statistics.read(folder)
    archive = Path(folder) / "archive"
    store.put(archive / CSV, as_csv(*every(found)))
    store.put(archive / XLSX, as_xlsx(sheets(found, folder), found.years[-1]))
    return archive / XLSX, archive / CSV


def sheets(found: Statistics, folder: Path) -> dict[str, Table]:
    """Heads and rows of each sheet by its name."""
    return {
        "汇总": summary(found),
        "分类型": by_type(found),
        "分区域": by_zone(found),
        "年际变化": by_year(found),
        "不确定性": uncertainty(found),
        "方法与数据": (("项目", "内容"), list(method(found, folder))),
    }


# -- columns -----------------------------------------------------------------------------------------------------------

SINK = (
    "固碳量 NEP（千克CO₂/年）",
    "90%区间下限（千克CO₂/年）",
    "90%区间上限（千克CO₂/年）",
    "保守下限（千克CO₂/年）",
)
CARBON = ("NPP（千克碳/年）", "异养呼吸 Rh（千克碳/年）", "NEP（千克碳/年）")
LAND = ("面积（平方米）", "有数据面积占比", "有效像元（个）")
MEAN = "单位面积NEP（克碳/平方米·年）"
CHANGE = ("较上年变化（千克CO₂/年）", "是否突变（变幅超过40%）")


def sink(row: Row) -> list[Any]:
    """A type that no method applies to, or that has no data or coefficient, has no sink, which is not a sink of zero:
    its cells stay empty."""
    if row.rule == "not_applicable" or (row.due and not row.cells):
        return [None] * len(SINK)
    return [row.nep_kg_co2, row.lower_kg_co2, row.upper_kg_co2, row.conservative_kg_co2]


def carbon(found: Statistics, row: Row) -> list[Any]:
    """NPP and respiration stay empty where the method has none."""
    known = found.basis.get("way", {}).get("method") not in DIRECT
    return [*([row.npp_kg_c, row.rh_kg_c] if known else [None, None]), row.nep_kg_c]


def land(row: Row) -> list[Any]:
    return [row.area_m2, row.coverage, row.cells]


def since(row: Row) -> list[Any]:
    return [row.change_kg_co2, "" if row.change_kg_co2 is None else "是" if row.jump else "否"]


def mean(found: Statistics, row: Row) -> float:
    return round(grams_per_m2(row, found.computed_m2(row)), 1)


def kind(row: Row) -> str:
    return words.TYPES[row.type][0]


def level(name: str) -> str:
    return "全区" if name == AREA else words.level(name)


def zone(row: Row) -> str:
    return "（各区域之外）" if row.zone == OUTSIDE else row.name


# -- sheets ------------------------------------------------------------------------------------------------------------


def summary(found: Statistics) -> Table:
    """The whole area, a year a row."""
    heads = ("年份", *SINK, *CARBON, *LAND, MEAN, *CHANGE)
    rows = [row for year in found.years if (row := found.row(year))]
    return heads, [
        [row.year, *sink(row), *carbon(found, row), *land(row), mean(found, row), *since(row)] for row in rows
    ]


def by_type(found: Statistics) -> Table:
    """The whole area by type."""
    heads = ("年份", "生态系统类型", "核算方法", *SINK, *CARBON, *LAND, MEAN, *CHANGE)
    rows = [row for row in found.rows if row.level == AREA and row.area_m2]
    return heads, [
        [
            row.year,
            kind(row),
            RULES[row.rule],
            *sink(row),
            *carbon(found, row),
            *land(row),
            mean(found, row),
            *since(row),
        ]
        for row in rows
    ]


def by_zone(found: Statistics) -> Table:
    """Every zone of every level, by type."""
    heads = ("年份", "层级", "区域代码", "区域名称", "生态系统类型", *SINK, *CARBON, *LAND, MEAN, *CHANGE)
    rows = [row for row in found.rows if row.level != AREA]
    return heads, [
        [row.year, level(row.level), row.zone, zone(row), kind(row), *sink(row), *carbon(found, row), *land(row),
         mean(found, row), *since(row)]
        for row in rows
    ]  # fmt: skip


def by_year(found: Statistics) -> Table:
    """Each year against the one before: the whole area by type, and zones as a whole."""
    heads = (
        "层级", "区域代码", "区域名称", "生态系统类型", "上年", "本年", "变化量（千克CO₂/年）",
        "变化量90%区间下限（千克CO₂/年）", "变化量90%区间上限（千克CO₂/年）", "是否突变（变幅超过40%）",
    )  # fmt: skip
    rows = [
        one
        for earlier, later in zip(found.years, found.years[1:], strict=False)
        for one in change.changes(found, found, earlier, later)
        if one.level == AREA or one.type == ALL
    ]
    return heads, [
        [level(one.level), "" if one.zone == ALL else one.zone, one.name if one.zone else "（各区域之外）",
         words.TYPES[one.type][0], one.earlier, one.later, one.nep_kg_co2, one.lower_kg_co2, one.upper_kg_co2,
         "是" if one.jump else "否"]
        for one in rows
    ]  # fmt: skip


def uncertainty(found: Statistics) -> Table:
    """Components of the error and the members of the ensemble: the whole area by type, and zones as a whole."""
    parts = errors(found)
    models = [f"Rh：{model_name(name)}（千克碳/年）" for name in found.models]
    flags = [f"{words.FLAGS[name][0]}（像元数）" for name in FLAGS]
    heads = ("年份", "层级", "区域代码", "区域名称", "生态系统类型", *parts, *models, *flags)
    rows = [row for row in found.rows if row.level == AREA or row.type == ALL]
    return heads, [
        [row.year, level(row.level), "" if row.zone == ALL else row.zone, zone(row), kind(row),
         *(row.sigma_kg_co2[name] for name in words.SIGMA), *(row.models.get(name, 0) for name in found.models),
         *(row.flags[name] for name in FLAGS)]
        for row in rows
    ]  # fmt: skip


def errors(found: Statistics) -> list[str]:
    """Heads of the components, each by what it is in the run's method; one the method has not stays a column of zeros,
    so that programs find the same columns in every workbook."""
    labels = words.SIGMA_SHORT | dict(methodology.ERRORS[found.basis.get("way", {}).get("method", "nep")])
    return [f"{labels[name]}（1σ，千克CO₂/年）" for name in words.SIGMA]


def method(found: Statistics, folder: Path) -> Iterator[tuple[str, str]]:
    """How the numbers came about, and from what."""
    plan = plans.read(Path(folder) / "plan.toml")
    record = run.read_record(folder)
    yield "核算名称", plan.title
    yield "核算范围", plan.area
    yield "核算年份", words.years(found.years)
    how = methodology.of(plan, record)
    yield "指标", f"{how.indicator}；1 千克碳折合 44/12 千克 CO₂"
    yield "核算方法", f"{how.name}：{how.formula}"
    if not how.direct:
        yield "NPP 方法", how.npp
    if how.modelled:
        yield "Rh 模型", "、".join(map(model_name, found.models)) + ("（集合平均）" if len(found.models) > 1 else "")
    yield "核算规范", how.norm_in_full if plan.norm else how.norm
    if how.table:
        yield "系数表", how.table
    for what, value, source, grade in how.coefficients():
        yield f"系数：{what}", f"{value}；{source}；证据等级 {grade}"
    for name in ecosystems.NAMES:
        rate = plan.rates.get(name)
        yield (
            f"类型：{words.TYPES[name][0]}",
            f"速率 {rate['value']} gC m⁻² a⁻¹（{rate['source']}）" if rate else "：".join(how.rule(name)),
        )
    parts = words.listed(how.errors.values())
    yield "区间", f"90% 区间由{parts}{len(how.errors)}项误差合成；模型和系数的误差为系统误差，不随面积缩小"
    yield "保守下限", f"{how.bound}用于抵消任何排放时只能使用该值"
    yield "取整", "全区各类型合计只取整一次，各区域按最大余数法分配，故区域之和等于全区"
    yield "性质", "存量碳汇为统计量，不含基线与额外性，不是减排量，不得用于碳市场抵销"
    for name, layer in sorted(plan.layers.items()):
        said = [
            layer.source,
            layer.agency,
            layer.licence and f"许可：{layer.licence}",
            layer.grade and f"证据等级 {layer.grade}",
        ]
        yield f"数据：{words.LAYERS.get(name, name)}", "；".join(filter(None, said)) or "未注明来源"
    for file, one in sorted(record["inputs"].items()):
        yield (
            f"对齐后文件：{file}",
            f"重采样：{words.RESAMPLING.get(one['resampling'], one['resampling'])}；SHA-256 {one['sha256']}",
        )
    for one in plan.zones:
        facts = found.levels.get(one.level, {})
        cut = "精确面积占比" if facts.get("exact") else "像元中心"
        source = one.source or "未注明来源"
        yield (
            f"区域：{level(one.level)}",
            f"{facts.get('zones', 0)} 个；{source}；按{cut}统计；边界版本 {facts.get('boundaries', '')}",
        )
    yield "不确定性假设", "；".join(assumed(found.uncertainty))
    yield from remarked(found)
    for name, version in record["versions"].items():
        yield f"软件版本：{name}", str(version)
    yield "计划摘要 SHA-256", found.run


def remarked(found: Statistics) -> Iterator[tuple[str, str]]:
    """Remarks of one kind on one zone and type together: their years, and the sentence of the last."""
    together: dict[tuple[str, str, str, str], list[Remark]] = {}
    for one in found.remarks:
        together.setdefault((one.code, one.level, one.zone, one.type), []).append(one)
    for every in together.values():
        last = every[-1]
        row = found.known[last.year, last.level, last.zone, last.type]
        yield f"核验提示 {words.years(one.year for one in every)}：{zone(row)} {kind(row)}", remarks.say(last)


ASSUMED = {
    "npp_model": "NPP 模型 1σ",
    "weather": "气象输入 1σ（占 Rh）",
    "land_cover": "土地覆盖 1σ",
    "rate": "固碳速率 1σ",
}


USED = {
    "nep": ("npp_model", "weather", "land_cover", "rate"), "nep_ratio": ("npp_model", "land_cover", "rate"),
    "rate": ("land_cover", "rate"), "biomass": ("land_cover", "biomass", "rate"),
}  # fmt: skip


def assumed(said: Mapping[str, Any]) -> Iterator[str]:
    way = said.get("way", "nep")
    for name, label in (ASSUMED | {"biomass": "生物量 1σ（每次调查）"}).items():
        if name not in USED[way]:
            continue
        if name != "land_cover" or not said.get("confusion"):
            yield f"{label} {words.percent(said[name])}"
    yield f"相邻 {said['patch']:g} 个像元视为同一误差"
    if said.get("confusion"):
        yield "土地覆盖误差由混淆矩阵推算"


model_name = methodology.model


# -- files -------------------------------------------------------------------------------------------------------------


def every(found: Statistics) -> Table:
    """All rows, for programs: codes as in ``statistics.json`` beside the Chinese."""
    heads = (
        "年份", "层级", "层级名称", "区域代码", "区域名称", "类型", "类型名称", "核算方法",
        *SINK, *CARBON, *LAND, MEAN, *CHANGE,
        *errors(found),
        *(f"Rh：{model_name(name)}（千克碳/年）" for name in found.models),
        *(f"{words.FLAGS[name][0]}（像元数）" for name in FLAGS),
    )  # fmt: skip
    return heads, (
        [row.year, row.level, level(row.level), row.zone, zone(row), row.type, kind(row), RULES[row.rule], *sink(row),
         *carbon(found, row), *land(row), mean(found, row), *since(row),
         *(row.sigma_kg_co2[name] for name in words.SIGMA), *(row.models.get(name, 0) for name in found.models),
         *(row.flags[name] for name in FLAGS)]
        for row in found.rows
    )  # fmt: skip


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A byte-order mark, so that spreadsheets read UTF-8; text they would run as a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([harmless(one) for one in row])
    return out.getvalue().encode("utf-8-sig")


def harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) else value


def as_xlsx(tables: Mapping[str, Table], year: int) -> bytes:
    """Numbers as numbers where a spreadsheet keeps them exactly; codes as text. Dated on the last day of the year."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(year, 12, 31)})  # noqa: DTZ001
    styles = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8F1EC", "bottom": 1}),
        "whole": book.add_format({"num_format": "#,##0"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "some": book.add_format({"num_format": "#,##0.0##"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    for name, (heads, rows) in tables.items():
        sheet = book.add_worksheet(name)
        filled = 0
        for filled, row in enumerate(rows, 1):
            for column, (head, value) in enumerate(zip(heads, row, strict=True)):
                put(sheet, filled, column, head, value, styles)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, styles["head"])
            sheet.set_column(column, column, width(head))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        if filled and heads[0] != "项目":
            sheet.autofilter(0, 0, filled, len(heads) - 1)
    book.close()
    return out.getvalue()


def put(sheet: Any, row: int, column: int, head: str, value: Any, styles: Mapping[str, Any]) -> None:
    if isinstance(value, int) and abs(value) < EXACT and head in ("年份", "上年", "本年"):
        sheet.write_number(row, column, value)
    elif isinstance(value, int) and abs(value) < EXACT:
        sheet.write_number(row, column, value, styles["share"] if head == LAND[1] else styles["whole"])
    elif isinstance(value, float):
        sheet.write_number(row, column, value, styles["share"] if head == LAND[1] else styles["some"])
    elif value is not None:
        sheet.write_string(row, column, str(value), styles["text"])


def width(head: str) -> float:
    """Characters: numbers want eighteen, the column of explanations a line."""
    return {
        "项目": 34,
        "内容": 110,
        "年份": 7,
        "上年": 7,
        "本年": 7,
        "区域名称": 20,
        "层级": 14,
        "生态系统类型": 12,
    }.get(head, 17)
