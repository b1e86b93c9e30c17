"""Two chapters of the report: how the models fare beside measurements, and what the intervals are made of."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from tanhui.nep import facts as told
from tanhui.nep import rows, validation, words
from tanhui.nep.blocks import Block, callout, chapter, heading, table, text
from tanhui.nep.facts import Facts
from tanhui.nep.listing import NONE
from tanhui.nep.observations import MEAN

COMPARED = 3  # files of a comparison named in the text
NOT_HERE = "本次运行未附本区域的实测数据，下列比较检验的是模型，不代表对本区域的检验。"


UNTRIED = {
    "nep_ratio": "转换系数把异养呼吸归入一个比值，平台对呼吸模型与通量站、土壤呼吸数据库的比较不适用于本次结果；"
    "其可靠程度取决于系数的出处和证据等级，见“方法与标准”。",
    "rate": "固碳速率法不使用净初级生产力和异养呼吸模型，平台对模型与通量站、土壤呼吸数据库的比较不适用于本次结果；"
    "其可靠程度取决于速率的出处和证据等级，见“方法与标准”。",
    "biomass": "生物量法不使用净初级生产力和异养呼吸模型，平台对模型与通量站、土壤呼吸数据库的比较不适用于本次结果；"
    "其可靠程度取决于两次调查的精度，应以样地复测检验。",
}


def accuracy(facts: Facts) -> Block:
    """Models against measurements, and the weakness every report owns up to."""
    if not facts.methodology.modelled:
        return chapter("精度验证", *checked(facts), text(UNTRIED[facts.methodology.way]))
    found = facts.validation or validation.reference()
    own = facts.measured
    return chapter(
        "精度验证",
        *checked(facts),
        text(
            "将所用模型与实测数据比较：涡度相关通量站观测的 NEP，以及土壤呼吸数据库中的异养呼吸。偏差为估算减观测。"
            if own
            else "下表为平台所用模型与公开实测数据的比较：涡度相关通量站观测的 NEP，以及土壤呼吸数据库中的异养呼吸。"
            "偏差为估算减观测。"
        ),
        None if own else callout(NOT_HERE, "warning"),
        *scores(found, facts.models),
        text(impossible(found)) if found["excess"] else None,
        callout(weakness(facts)),
        text(
            "比较所用数据："
            + "；".join(f"{one['name']}（SHA-256 {one['sha256'][:12]}）" for one in found["sources"][:COMPARED])
            + (f"等 {len(found['sources'])} 个文件" if len(found["sources"]) > COMPARED else "")
            + ("，逐一列于随报告归档的 validation.json。" if facts.validation else "。")
        ),
    )


def checked(facts: Facts) -> Iterator[Block | None]:
    """What the verifier compared the figures with, and their word, where there is one."""
    word = facts.verification
    if word is None:
        return
    yield heading("核查机构的比对")
    yield text(f"{word['verifier']}于{day(word['signed'])}核查本期结果，结论：{word['outcome']}。{word['opinion']}")
    listed = [
        (
            one["with"],
            one["finding"],
            "；".join(f"{name} {value}" for name, value in one["numbers"].items()) or NONE,
            one["note"] or NONE,
        )
        for one in word["comparisons"]
    ]
    yield table("核查比对", ("比对对象", "结论", "数值", "说明"), listed, widths=(0, 0, 1, 1.6))
    yield heading("模型与实测的比较" if facts.methodology.modelled else "方法本身的检验")


def day(written: str) -> str:
    """2026-11-21 as papers print it."""
    year, month, number = (int(part) for part in written.split("-"))
    return f"{year}年{month}月{number}日"


def weakness(facts: Facts) -> str:
    """What measurements say of the common formula of respiration, and what that means for this run."""
    said = validation.weakness(facts.validation)[0]
    if len(facts.models) > 1:
        return said
    if facts.models == ("pei",):
        return said.partition("因此")[0] + "本次运行只采用该公式，中心值很可能偏高，不宜单独发布。"
    return words.ONE_MODEL


def impossible(found: told.Found) -> str:
    """How often the common formula breathes more than the whole ecosystem does."""
    shares = found["excess"]
    china = f"，其中中国站点为 {words.percent(shares['china'])}" if "china" in shares else ""
    return (
        f"按裴志永公式，{words.percent(shares['all'])} 的站月异养呼吸高于实测的生态系统总呼吸{china}，"
        "这在物理上不可能；本次运行对此类像元逐一标记。"
    )


def scores(found: told.Found, used: Sequence[str]) -> Iterator[Block | None]:
    """A table for each comparison that was made. A run by one model says nothing of the mean of several."""
    for key in validation.TABLES:
        title = found["tables"][key]
        digits = 1 if "month" in title["unit"] else 0
        listed = [
            (
                found["models"][one["model"]]["zh"],
                words.whole(one["n"]),
                words.number(one["observed"], digits),
                words.number(one["estimated"], digits),
                words.signed(words.number(one["bias"], digits)),
                words.number(one["rmse"], digits),
                NONE if one["r2"] is None else words.number(one["r2"], 2),
            )
            for one in found["scores"]
            if one["table"] == key and (one["model"] != MEAN or len(used) > 1)
        ]
        yield table(
            f"{title['zh']}（{'gC/m² 每月' if digits else 'gC/(m²·a)'}）",
            ("模型", "样本数", "观测", "估算", "偏差", "RMSE", "R²"),
            listed,
            numbers=range(1, 7),
            widths=(1, 0, 0, 0, 0, 0, 0),
        )


def of_models(said: told.Found) -> str:
    return (
        "区间由五项误差合成："
        f"NPP 模型（相对误差 {words.percent(said['npp_model'], 0)}）、异养呼吸模型间差异、气象输入"
        f"（占 Rh 的 {words.percent(said['weather'])}）、土地覆盖分类和像元噪声。"
        "前三项在空间上同向，是系统性误差，不随面积增大而缩小；只有像元噪声随面积增大而减小。"
    )


def of_ratio(said: told.Found) -> str:
    return (
        f"区间由三项误差合成：NPP（相对误差 {words.percent(said['npp_model'], 0)}）与转换系数"
        f"（相对误差 {words.percent(said['rate'], 0)}）合为一项，以及土地覆盖分类和像元噪声。"
        "第一项在空间上同向，是系统性误差，不随面积增大而缩小。"
    )


def of_rate(said: told.Found) -> str:
    return (
        f"区间由三项误差合成：固碳速率（相对误差 {words.percent(said['rate'], 0)}）、土地覆盖分类和像元噪声。"
        "同一类型的速率处处相同，其误差是系统性的，不随面积增大而缩小。"
    )


def of_surveys(said: told.Found) -> str:
    return (
        f"区间由三项误差合成：两次调查的生物量（各自相对误差 {words.percent(said['biomass'], 0)}，彼此独立）、"
        "土地覆盖分类和像元噪声。碳汇是两个大数之差，调查的误差对它影响很大。"
    )


MADE_OF: Mapping[str, Callable[[told.Found], str]] = {
    "nep": of_models, "nep_ratio": of_ratio, "rate": of_rate, "biomass": of_surveys,
}  # fmt: skip


def doubt(facts: Facts) -> Block:
    """Components of the error, for the whole and each type."""
    year = facts.last
    kept = [row for kind in (*facts.present(year), rows.ALL) if (row := facts.whole(year, kind)) and row.cells]
    unit = words.unit_of([value for row in kept for value in row.sigma_kg_co2.values()])
    how = facts.methodology
    names = [name for name in kept[-1].sigma_kg_co2 if name in how.errors] if kept else []
    listed = []
    for row in kept:
        half = (row.upper_kg_co2 - row.lower_kg_co2) // 2
        parts = [words.three(row.sigma_kg_co2[name], unit) for name in names]
        listed.append((words.TYPES[row.type][0], *parts, words.three(half, unit)))
    said = facts.statistics.uncertainty
    return chapter(
        "不确定性",
        text(f"每个结果附 90% 区间和保守下限。{MADE_OF[how.way](said)}"),
        table(
            f"{year}年误差分量（{unit} CO₂，1σ）与区间半宽",
            ("类型", *(how.errors[name] for name in names), "90% 区间半宽"),
            listed,
            numbers=range(1, len(names) + 2),
            widths=(1, *(0 for _ in names), 0),
            strong=(len(listed) - 1,),
        ),
        text(f"{how.bound}凡将存量碳汇用于中和、补偿或其他对外声明的，以保守下限为准。"),
    )
