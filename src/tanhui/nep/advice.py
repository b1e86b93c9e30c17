"""What a paper says beside its numbers: the four principles of article 5 as a checked table, and advice from what was
found. Advice follows from the run; a run without a fault gets none.
"""

from collections.abc import Iterator

from tanhui.nep import facts as told
from tanhui.nep import rows, words
from tanhui.nep.blocks import Block, chapter, points, table, text
from tanhui.nep.chapters import FEW_CELLS, WEAK, incomparable
from tanhui.nep.facts import Facts
from tanhui.nep.listing import zone_name
from tanhui.nep.rows import Row
from tanhui.science import respiration

MET, PARTLY, UNTRIED = "符合", "部分符合", "未检验"
FLAGGED = 0.05  # share of cells with a flag above which a paper speaks of it
RED_LINE = ("red_line", "redline", "red-line", "ecological_red_line")


def principles(facts: Facts) -> Block:
    listed = [complete(facts), scientific(facts), accurate(facts), continuous(facts)]
    return chapter(
        "核算原则检查",
        text("按《上虞区生态系统存量碳汇核算及使用管理办法》第五条的四项原则逐项检查如下。"),
        table("核算原则检查表", ("原则", "检查内容", "结论", "依据"), listed, widths=(0, 1, 0, 1.7)),
    )


def complete(facts: Facts) -> tuple[str, str, str, str]:
    short = thin(facts)
    whole = facts.whole(facts.last)
    share = words.percent(whole.coverage) if whole else "0%"
    said = f"可核算面积中有数据的占 {share}"
    if short:
        said += "；不足的类型：" + words.listed(f"{name} {share}" for name, share in short)
    return ("完整性", "七类生态系统均有核算规则，可核算面积有数据", PARTLY if short else MET, said)


def scientific(facts: Facts) -> tuple[str, str, str, str]:
    weak, how = ungraded(facts), facts.methodology
    faults = [] if facts.plan.norm.get("id") else ["未指定核算规范"]
    faults += ["只用一个异养呼吸模型"] if how.modelled and len(facts.models) == 1 else []
    faults += [f"{words.listed(weak)}的证据等级为 C、D 或未标"] if weak else []
    faults += [f"系数表中没有{words.listed(lost)}的系数"] if (lost := without(facts)) else []
    basis = [how.norm] if facts.plan.norm.get("id") else []
    by = f"{len(facts.models)} 个异养呼吸模型" if how.modelled else how.name
    what = "规范与版本明确，方法不止一种，系数有据" if how.modelled else "规范、方法与系数表版本明确，系数有据"
    return ("科学性", what, PARTLY if faults else MET, "；".join([*basis, by, *faults]))


def accurate(facts: Facts) -> tuple[str, str, str, str]:
    share = flagged(facts)
    odd = "异养呼吸超出总呼吸或超出合理范围" if facts.methodology.modelled else "超出合理范围"
    said = f"{odd}的像元占 {words.percent(share)}"
    what = "与实测或第二种方法比较，标记异常像元"
    if facts.verification is not None:
        said += f"；由{facts.verification['verifier']}比对核查，结论：{facts.verification['outcome']}"
    elif not facts.measured:
        known = "模型与公开实测的比较见“精度验证”，" if facts.methodology.modelled else ""
        return ("准确性", what, UNTRIED, f"{said}；{known}未附本区域的验证结果")
    return ("准确性", what, PARTLY if share > FLAGGED else MET, f"{said}；比较结果见“精度验证”")


def continuous(facts: Facts) -> tuple[str, str, str, str]:
    what = "与上年同格网、同方法，或已回算"
    if facts.last - 1 in facts.years:
        return ("连续性", what, MET, f"{words.years(facts.years)}年在同一运行中按同一格网、同一方法计算")
    if facts.compared:
        said = f"与{facts.last - 1}年的运行逐项核对，格网、方法和分类一致"
        return ("连续性", what, MET, said + renamed(facts))
    if facts.earlier and facts.earlier.differing:
        return ("连续性", what, PARTLY, incomparable(facts))
    return ("连续性", what, UNTRIED, "本次运行只有一个年度或年度不连续，尚无可比的上年结果")


def renamed(facts: Facts) -> str:
    """That the year before was accounted under another norm by the same method, where it was."""
    before = facts.earlier_statistics.basis.get("norm", {}).get("id")
    now = facts.statistics.basis.get("norm", {}).get("id")
    return "" if before == now else f"；核算规范由{before or '未指定'}改为{now or '未指定'}，方法相同，数量可比"


def thin(facts: Facts) -> list[tuple[str, str]]:
    """Types of the last year that lack data, with the share they have."""
    found = [row for kind in facts.present(facts.last) if (row := facts.whole(facts.last, kind))]
    return [
        (words.TYPES[row.type][0], words.percent(row.coverage))
        for row in found
        if row.due and row.coverage < FEW_CELLS and facts.methodology.counts(row.type)
    ]


def ungraded(facts: Facts) -> list[str]:
    """Inputs and models whose evidence is weak or not graded."""
    found = [one.name for one in facts.sources if one.grade in WEAK]
    models = [respiration.MODELS[key] for key in facts.models if key in respiration.MODELS]
    told = facts.methodology.told
    table = [f"{told['norm']}及其系数表"] if told and told["grade"] in WEAK else []
    return [*found, *(one.zh for one in models if one.grade in WEAK), *table]


def without(facts: Facts) -> list[str]:
    """Types of the last year that the table of coefficients leaves out."""
    how = facts.methodology
    return [words.TYPES[one][0] for one in facts.present(facts.last) if how.suits(one) and not how.counts(one)]


def flagged(facts: Facts) -> float:
    """Share of counted cells that cannot be right."""
    row = facts.whole(facts.last)
    if row is None or not row.cells:
        return 0.0
    return (row.flags.get("rh_above_respiration", 0) + row.flags.get("implausible", 0)) / row.cells


def use(facts: Facts) -> Block:
    """Articles 11 to 15, from what was found."""
    return chapter("使用建议", points(list(uses(facts))))


def uses(facts: Facts, row: Row | None = None, subject: str = "全区") -> Iterator[str]:
    """Advice on the use of a row, that of the whole area unless given."""
    row = row or facts.whole(facts.last)
    if row is not None and row.conservative_kg_co2 <= 0:
        yield (
            f"保守下限不大于零，{subject}本年度的总量不宜用于中和、补偿或其他对外声明，可作为本底和变化监测的参考；"
            "其他分区、类型使用时同样以各自的保守下限为准。"
        )
    elif row is not None:
        sink = told.mass(row)
        yield (
            f"{subject}对外使用以保守下限 {sink.also(row.conservative_kg_co2)} {sink.unit}为上限，"
            "并同时公布区间和方法；同一数量只使用一次。"
        )
    red = next((level for level in facts.levels if level in RED_LINE), "")
    yield (
        "使用碳汇产品时优先选择生态保护红线内的碳汇，优先使用本地碳汇产品（办法第十一条）。"
        + ("红线范围内的数量见分区结果。" if red else "本次运行未载入生态保护红线，建议补充该级分区后再形成产品清单。")
    )
    yield (
        "存量碳汇是统计量，没有基准线与额外性论证，不得用于碳排放配额清缴抵销，"
        "也不与核证自愿减排量、碳普惠减排量相互转换。"
    )
    if best := strongest(facts):
        yield f"单位面积固碳较高的分区（{best}）可优先作为生态保护补偿和碳汇价值实现的试点（办法第十三条、第十四条）。"
    yield "作为财政转移支付或生态修复成效依据时，宜比较多年平均或变化量区间，不宜依据单一年度的排序（办法第十三条）。"


def strongest(facts: Facts) -> str:
    """The three zones of the first level with the highest mean, where they are sinks beyond doubt."""
    if not facts.drawn_level:
        return ""
    kept = [
        row
        for row in facts.zones_of(facts.last, facts.drawn_level)
        if row.zone != rows.OUTSIDE and row.lower_kg_co2 > 0 and facts.computed_m2(row)
    ]
    ordered = sorted(kept, key=lambda row: -row.nep_kg_c / facts.computed_m2(row))
    return words.listed(zone_name(row) for row in ordered[:3]) if len(ordered) > 3 else ""


def improve(facts: Facts) -> Block:
    found = list(improvements(facts))
    return chapter("改进建议", points(found) or text("本次检查未发现需要改进的事项。"))


def improvements(facts: Facts) -> Iterator[str]:
    if not facts.plan.norm.get("id"):
        yield "明确采用的核算规范及其版本，并载入其系数表。"
    if weak := ungraded(facts):
        yield f"核对{words.listed(weak)}的原始出处，将证据等级提高到 B 级以上。"
    if facts.plan.npp["method"] == "miami":
        yield "以遥感净初级生产力产品或 CASA 模型替换迈阿密模型，反映实际植被。"
    declared = {name for name, layer in facts.plan.layers.items() if layer.constants or layer.shares}
    if weather := [words.LAYERS[name] for name in ("temperature", "precipitation") if name in declared]:
        yield f"以逐月实测或再分析栅格替换设定的{words.listed(weather)}，异养呼吸对气温和降水敏感。"
    if "landcover" in declared:
        yield "以实际的土地覆盖图替换设定的单一生态系统类型。"
    if facts.plan.periods == 1:
        yield "改用逐月气象数据计算异养呼吸，避免年均值带来的偏低。"
    how = facts.methodology
    if lost := without(facts):
        yield f"补充{words.listed(lost)}的系数，或说明这些类型不予核算的理由。"
    if not how.modelled:
        yield f"以 NPP − Rh 方法平行核算一次，与{how.name}的结果对照，说明差异的来源。"
    if how.modelled and len(facts.models) == 1:
        yield "至少再采用一个异养呼吸模型，使模型差异可以量化。"
    if short := thin(facts):
        names = words.listed(name for name, _ in short)
        yield f"补充{names}的数据：目前有数据的面积不足 {words.percent(FEW_CELLS, 0)}。"
    if flagged(facts) > FLAGGED:
        odd, what = ("异养呼吸超出生态系统总呼吸或结果", "气象数据与呼吸模型") if how.modelled else ("结果", "系数")
        yield (
            f"有 {words.percent(flagged(facts))} 的像元{odd}超出合理范围，"
            f"应核查{what}在本区域的适用性；在核查之前，总量只宜作为参考。"
        )
    if how.way == "biomass":
        yield "以固定样地复测检验两期生物量之差，并公布调查误差。"
    if how.modelled and not facts.measured:
        yield "用区内或邻近通量站、土壤呼吸观测开展验证，并随报告公布偏差、均方根误差与相关系数。"
    if not facts.statistics.uncertainty.get("classes"):
        yield "建立土地覆盖的抽样混淆矩阵，以实际分类误差替换按 10% 设定的分类误差。"
    if not facts.compared:
        yield "按同一方法回算上年，形成连续、可比的序列。"
    if how.modelled and "gsmsr" not in facts.models:
        yield "收集区内土壤有机碳密度数据，增加含土壤有机碳的呼吸模型，缩小异养呼吸的系统性误差。"
