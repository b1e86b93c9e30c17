"""Chapters of the papers: what was counted, from what, how, what came out, how sure it is, and what to do with it.

Every sentence is made from the run's folder. Where something is missing the paper says that it is missing.
"""

from collections.abc import Iterator

from tanhui.nep import facts as told
from tanhui.nep import methodology, rows, words
from tanhui.nep.blocks import Block, callout, chapter, figure, heading, points, table, text
from tanhui.nep.facts import Facts
from tanhui.nep.listing import MOST_ZONES, NONE, SINK, YEARLY, by_type, by_zone, chart, level_name, ordered, zone_name
from tanhui.nep.methodology import Line
from tanhui.nep.rows import Row
from tanhui.science import ecosystems, respiration

WEAK = {"", "C", "D"}
FEW_CELLS = 0.98  # share of the area with data below which a paper says so


def outcome(facts: Facts, row: Row, subject: str) -> str:
    """The result in one sentence, and what its interval allows to say."""
    sink = told.mass(row)
    said = (
        f"{row.year}年{subject}{SINK}（{facts.methodology.called}）"
        f"为{sink.value}{sink.unit}{YEARLY}，90% 区间{sink.interval}{sink.unit}，"
        f"保守下限{sink.also(row.conservative_kg_co2)}{sink.unit}；"
        f"有数据部分平均{words.density(row.nep_kg_c, facts.computed_m2(row))} gC/(m²·a)。"
    )
    if row.lower_kg_co2 <= 0 <= row.upper_kg_co2:
        return said + "区间包含零：按现有数据和方法，尚不能断定该区域当年是净碳汇还是净碳源。"
    if row.nep_kg_co2 < 0:
        return said + "中心值为负，即按所用方法当年为净碳源。"
    return said


def headline(facts: Facts, row: Row, subject: str) -> dict[str, str]:
    sink = told.mass(row)
    what = facts.methodology.called if facts.methodology.direct else "净生态系统生产力"
    limit = "对外使用以此为限" if row.conservative_kg_co2 > 0 else "不大于零，不宜用于对外声明"
    return {
        "name": f"{row.year}年{subject}{SINK}（{what}，折二氧化碳）",
        "value": sink.value,
        "unit": f"{sink.unit}{YEARLY}",
        "interval": f"{sink.interval} {sink.unit}",
        "conservative": f"保守下限 {sink.also(row.conservative_kg_co2)} {sink.unit}（{limit}）",
    }


def largest(facts: Facts, year: int) -> str:
    """Which types carry the result; empty where shares of it would mean nothing."""
    parts = [row for kind in facts.present(year) if (row := facts.whole(year, kind)) and row.nep_kg_co2]
    whole = facts.whole(year)
    if whole is None or len(parts) < 2 or any(row.nep_kg_co2 < 0 for row in parts):
        return ""
    ordered = sorted(parts, key=lambda row: -row.nep_kg_co2)[:2]
    said = [f"{words.TYPES[row.type][0]}占{words.percent(row.nep_kg_co2 / whole.nep_kg_co2, 0)}" for row in ordered]
    return f"按类型看，{words.listed(said)}。"


def moved(before: Row | None, now: Row | None) -> str:
    """The change since the year before, as far as its interval lets it be told."""
    if before is None or now is None:
        return ""
    printed, certain = told.changed(before, now)
    way = "增加" if now.nep_kg_co2 >= before.nep_kg_co2 else "减少"
    interval = f"（变化量 90% 区间{printed.interval}{printed.unit}）"
    much = f"{way}{printed.value.lstrip('−')}{printed.unit}" if set(printed.value) & set("123456789") else "基本持平"
    said = f"与{before.year}年相比{much}{interval}"
    return said + ("，变化超出不确定范围。" if certain else "，变化未超出不确定范围，不宜解读为增减趋势。")


# -- chapters ----------------------------------------------------------------------------------------------------------


def scope(facts: Facts) -> Block:
    whole = facts.whole(facts.last)
    grid = facts.record.get("grid", {})
    size = f"格网 {words.whole(facts.size[0])} 列 × {words.whole(facts.size[1])} 行"
    levels = [
        f"{level_name(level)}（{facts.statistics.levels[level]['zones']}个）"
        for level in facts.levels
        if level in facts.statistics.levels
    ]
    area = words.square_kilometres(whole.area_m2) if whole else NONE
    listed = []
    for kind in ecosystems.NAMES:
        row, rule = facts.whole(facts.last, kind), facts.methodology.rule(kind)
        share = words.percent(row.area_m2 / whole.area_m2) if row and whole else NONE
        square = words.square_kilometres(row.area_m2) if row else "无"
        listed.append((words.TYPES[kind][0], square, share, *rule))
    return chapter(
        "核算范围",
        text(
            f"核算区域为{facts.area}，面积{area} km²；核算年度为{words.years(facts.years)}；{size}"
            f"{'，坐标系 ' + str(grid['crs'])[:60] if grid.get('crs', '').startswith('EPSG') else ''}，"
            "像元面积按椭球面计算。"
            + (f"分区统计单元为{words.listed(levels)}，各级分区之和与全区一致，界外像元单列。" if levels else "")
        ),
        text(
            "存量碳汇用净生态系统生产力（NEP）表征，指一定时期、一定区域内自然状态下生态系统的固碳量，不考虑火灾等扰动。"
            + (f"本次按{facts.methodology.called}估算。" if facts.methodology.direct else "")
            + "它是统计量，不同于经核证的减排量：没有基准线与额外性论证，采伐、收获带走的碳也未扣除。"
        ),
        table(
            f"{facts.last}年各类生态系统的面积与核算规则",
            ("生态系统类型", "面积（km²）", "占比", "核算方式", "说明"),
            listed,
            numbers=(1, 2),
            widths=(0, 0, 0, 0, 1),
        ),
    )


def data(facts: Facts) -> Block:
    listed = [
        (
            one.name,
            handed(one),
            one.licence or "未注明",
            words.UNIT_NAMES.get(one.unit, one.unit) or NONE,
            one.resampling or NONE,
            one.grade or "未标",
        )
        for one in facts.sources
    ]
    zones = [
        (level_name(one.level), one.source or "未注明", one.licence or "未注明", "多边形", NONE, NONE)
        for one in facts.plan.zones
    ]
    remarks = [
        *facts.plan.notes,
        *(f"{one.name}：{one.note}" for one in facts.sources if one.note),
        *constants(facts),
    ]
    return chapter(
        "数据来源与处理",
        text(
            "全部输入先对齐到同一格网，连续量按双线性或面积平均、分类量按最邻近或众数重采样；缺失值、填充值在对齐时统一标记，"
            "不以零代替。每个文件的来源、哈希值和处理方式记入运行记录，可据此复算。"
        ),
        table(
            "输入数据",
            ("数据", "来源", "许可", "单位", "重采样", "证据等级"),
            [*listed, *zones],
            widths=(0, 1.6, 1, 0, 0, 0),
            grades=(5,),
            note="证据等级：" + "；".join(f"{key} {label}" for key, label in words.GRADES.items()) + "。",
        ),
        points(remarks),
    )


def handed(one: told.Source) -> str:
    """Where a layer comes from, and from whom where the name does not say."""
    agency = f"（{one.agency}）" if one.agency and one.agency not in one.origin else ""
    return f"{one.origin}{agency}" or "未注明"


def constants(facts: Facts) -> Iterator[str]:
    """What was declared instead of measured."""
    for name, layer in facts.plan.layers.items():
        if layer.constants:
            yield f"{words.LAYERS.get(name, name)}在全区取同一组设定值，未反映区内差异。"
        if facts.methodology.direct and name in ("npp", "gpp"):
            yield f"{words.LAYERS.get(name, name)}只用于确定格网，不参与计算。"
        if layer.shares:
            yield f"{words.LAYERS.get(name, name)}由年值按设定的月份比例分摊，未反映当年实际的季节分配。"
    if facts.plan.periods == 1:
        yield "异养呼吸按年均值而非逐月计算；裴志永公式在此情况下约偏低七分之一。"


def method(facts: Facts) -> Block:
    layers = facts.plan.layers
    grade = str(facts.plan.npp.get("grade", "")) or next(
        (layers[one].grade for one in ("npp", "gpp") if one in layers), ""
    )
    how = facts.methodology
    listed: list[Line] = []
    if not how.direct:
        said = str(facts.plan.npp.get("reference", "")) or NONE
        listed.append(("净初级生产力 NPP", how.npp, said, grade or "未标"))
    for key in facts.models if how.modelled else ():
        model = respiration.MODELS.get(key)
        source = model.source.split(" (")[0] if model else "由用户提供"
        listed.append(("异养呼吸 Rh", methodology.model(key), source, model.grade if model else "未标"))
    listed += how.coefficients()
    for name, rate in facts.plan.rates.items():
        listed.append(
            (
                f"{words.TYPES[name][0]}固碳速率",
                f"{rate['value']} gC/(m²·a)",
                str(rate["source"]),
                str(rate.get("grade", "未标")),
            )
        )
    weak = [label for _, label, _, letter in listed if letter == "D"]
    return chapter(
        "方法与标准",
        text(
            f"采用{how.name}。{how.explained}" if not how.modelled else how.explained,
        ),
        text(
            f"采用的核算规范：{how.norm_in_full}。{how.table}"
            if facts.plan.norm
            else "本次运行未指定核算规范，成果不得标称符合某一标准。"
        ),
        table("方法与系数来源", ("要素", "方法", "出处", "证据等级"), listed, widths=(0, 1, 1.5, 0), grades=(3,)),
        callout(words.POTENTIAL, "warning") if facts.plan.npp["method"] == "miami" else None,
        callout(f"{words.listed(weak)}的系数凭记忆引用、未经原文核对（D 级），发布前应核对原文。", "warning")
        if weak
        else None,
        text(ensemble(facts)) if how.modelled else text(instead(facts)),
    )


def ensemble(facts: Facts) -> str:
    """How the models of respiration stand together."""
    return (
        f"异养呼吸采用{len(facts.models)}个模型的集合平均作为中心值，模型之间的差异作为系统性误差计入区间。"
        if len(facts.models) > 1
        else "异养呼吸只采用一个模型，模型间差异未知，区间按公开比较中的典型误差估计，可能偏窄。"
    )


def instead(facts: Facts) -> str:
    """What a reader must know of a way that models no respiration."""
    how = facts.methodology
    share = words.percent(facts.statistics.uncertainty["rate"], 0)
    said = {
        "nep_ratio": f"该方法不单独模拟异养呼吸，转换系数的相对误差按 {share}（1σ）计入区间。",
        "rate": "该方法不反映当年气候和植被的变化，"
        f"固碳速率的相对误差按 {share}（1σ）计入区间，宜与 NPP − Rh 方法对照使用。",
        "biomass": "该方法只计生物量，土壤碳不在其内；两次调查之间的采伐、火灾已体现在差值中，"
        f"两期间隔 {facts.plan.norm.get('span', '')} 年，结果为期间的年均值。",
    }
    return said[how.way]


def results(facts: Facts, *, map_number: int | None = None) -> Block:
    year = facts.last
    whole = facts.whole(year)
    types = [row for row in facts.statistics.types(year) if row.area_m2 > 0]
    pieces: list[Block | None] = [
        heading("全区与分类型"),
        text(outcome(facts, whole, facts.area), largest(facts, year)) if whole else None,
        by_type(facts, year),
        chart(
            f"{year}年分类型{SINK}及其区间",
            [(words.TYPES[row.type][0], row) for row in types],
        ),
        figure(f"{year}年{facts.methodology.mapped[0]}分布", map_number) if map_number is not None else None,
    ]
    for level in facts.levels:
        found = [row for row in facts.zones_of(year, level) if row.zone != rows.OUTSIDE]
        pieces += [
            heading(f"分区域：{level_name(level)}"),
            by_zone(facts, year, level),
            chart(
                f"{year}年各{level_name(level)}{SINK}及其区间",
                [(zone_name(row), row) for row in ordered(found)],
            )
            if 1 < len(found) <= MOST_ZONES
            else None,
        ]
    return chapter("核算结果", *pieces)


def since(facts: Facts) -> Block:
    """Compared with the year before, where the run has one."""
    year = facts.last
    if not facts.compared:
        return chapter("与上年相比", text(incomparable(facts), "建议按本次方法和格网回算上年，形成可比序列。"))
    listed, remarks = [], []
    kinds = [*facts.present(year), rows.ALL]
    for kind in kinds:
        before, now = facts.whole(year - 1, kind), facts.whole(year, kind)
        if not before or not now or not (before.cells or now.cells):
            continue
        printed, certain = told.changed(before, now)
        earlier, later = (words.mass(row.nep_kg_co2, row.lower_kg_co2, row.upper_kg_co2) for row in (before, now))
        listed.append(
            (
                words.TYPES[kind][0],
                f"{earlier.value} {earlier.unit}",
                f"{later.value} {later.unit}",
                f"{words.signed(printed.value)} {printed.unit}",
                f"{printed.interval} {printed.unit}",
                "超出" if certain else "未超出",
            )
        )
        if now.jump:
            remarks.append(f"{words.TYPES[kind][0]}的年际变化超过 40%，已列入核查。")
    trend = [(f"{one}年", row) for one in facts.years if (row := facts.whole(one))]
    return chapter(
        "与上年相比",
        text(moved(facts.whole(year - 1), facts.whole(year))),
        table(
            f"{year - 1}—{year}年变化（折 CO₂）",
            ("类型", f"{year - 1}年", f"{year}年", "变化量", "变化量 90% 区间", "是否超出不确定范围"),
            listed,
            numbers=(1, 2, 3, 4),
            widths=(1, 0, 0, 0, 0, 0),
            strong=(len(listed) - 1,),
            note="两年共有的模型误差在相减时大部分抵消，变化量的区间因此单独计算，窄于两年区间之和。",
        ),
        points(remarks),
        chart(f"{words.years(facts.years)}年{SINK}", trend) if len(trend) > 2 else None,
    )


def incomparable(facts: Facts) -> str:
    """Why the last year is not compared with the one before."""
    if facts.earlier and facts.earlier.differing:
        parts = words.listed(words.BASIS.get(one, one) for one in facts.earlier.differing)
        return f"上年结果与本次的{parts}不同，两者不可直接相减，不作年际比较。"
    return "本次核算没有按同一格网、同一方法计算的上年结果，不作年际比较。"
