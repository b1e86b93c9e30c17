"""The public page of a run: ``archive/index.html`` with figures, maps, tables, how far they can be trusted, and what
may be taken away. It is text and pictures without a script or an outside address: any web server or folder shows it.

What it says is what the papers say, from the same blocks.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tanhui.nep import advice, chapters, reliability, report, store, words
from tanhui.nep import facts as told
from tanhui.nep.blocks import Block
from tanhui.nep.facts import Facts, Imprint

PAGE, STYLE = "index.html", "index.css"
# What people come for, in this order; layers and the rest follow
FIRST = {
    "report.pdf": "核算报告",
    "bulletin.pdf": "公报",
    "special.pdf": "专报",
    "atlas/atlas.pdf": "图集",
    "statistics.xlsx": "统计表（XLSX）",
    "statistics.csv": "统计表（CSV）",
    "zones.gpkg": "区域矢量与统计（GeoPackage）",
    "stac/collection.json": "空间数据目录（STAC）",
}
BESIDE = {
    "../validation.json": "模型与实测的比较",
    "../record.json": "核算记录",
    "../plan.toml": "核算计划",
    "../statistics.json": "统计结果（JSON）",
}
WIDTH, BAR, LABEL = 640, 26, 150  # of a chart, in pixels


def write(folder: Path, *, imprint: Imprint | None = None, previous: Path | None = None) -> Path:
    """Write ``archive/index.html`` and its style from what stands in the folder now; so it is written last. The same
    bytes each time. ``previous`` as ``report.write``. Refuses as ``facts.read``, and with ``CannotWrite``."""
    folder = Path(folder)
    facts = told.read(folder, imprint=imprint, previous=previous)
    archive = folder / "archive"
    store.put(archive / STYLE, Path(__file__).with_name("page.css").read_bytes())
    store.put(archive / PAGE, html(facts, archive).encode())
    return archive / PAGE


def html(facts: Facts, archive: Path) -> str:
    whole = report.total(facts)
    said = facts.printed_imprint()
    head = chapters.headline(facts, whole, facts.area)
    title = f"{facts.area}{words.years(facts.years)}年生态系统存量碳汇"
    review = f"审图号：{said['review']}"
    parts = [
        f'<header><h1>{escape(title)}</h1><p class="quiet">{escape(said["authority"])} · {escape(said["issued"])} · '
        f"{escape(review)}</p>{demonstration(facts)}</header>",
        f'<section class="lead"><p>{escape(head["name"])}</p><p class="figure">{escape(head["value"])} '
        f"<span>{escape(head['unit'])}</span></p><p>90% 区间 {escape(head['interval'])}</p>"
        f"<p>{escape(head['conservative'])}</p><p class='note'>{escape(report.caution(facts))}</p></section>",
        section("地图", "maps", pictures(archive, facts.last)),
        section("结果", "results", blocks(results(facts))),
        section("与上年相比", "since", blocks(chapters.since(facts)["blocks"])),
        section("可信程度", "trust", blocks(trust(facts))),
        section("数据与方法", "data", blocks([*chapters.method(facts)["blocks"], *chapters.data(facts)["blocks"]])),
        section("下载", "files", downloads(facts, archive)),
    ]
    nav = "".join(
        f'<a href="#{key}">{label}</a>'
        for key, label in (("maps", "地图"), ("results", "结果"), ("trust", "可信程度"), ("files", "下载"))
    )
    return (
        '<!doctype html>\n<html lang="zh-Hans"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{STYLE}"></head>\n'
        f"<body><nav>{nav}</nav><main>\n" + "\n".join(parts) + "\n</main><footer><p>存量碳汇是统计量，不是减排量，"
        f"不得用于碳市场抵销。图上界线不作为划界依据。运行编号 {escape(facts.statistics.run)}</p></footer>"
        "</body></html>\n"
    )


def demonstration(facts: Facts) -> str:
    return '<p class="note">演示：由演示数据算出，不是任何地方的核算成果。</p>' if facts.imprint.demonstration else ""


def section(title: str, key: str, content: str) -> str:
    return f'<section id="{key}"><h2>{title}</h2>{content}</section>'


def results(facts: Facts) -> list[Block]:
    """Tables and charts of the last year; maps stand above."""
    return [one for one in chapters.results(facts)["blocks"] if one["kind"] != "map"]


def trust(facts: Facts) -> list[Block]:
    """How the figures were tried, what their intervals are made of, and the principles as checked."""
    found = (reliability.accuracy(facts), reliability.doubt(facts), advice.principles(facts))
    return [block for one in found for block in one["blocks"]]


# -- pieces ------------------------------------------------------------------------------------------------------------


def pictures(archive: Path, year: int) -> str:
    """The maps of the last year, and the earlier ones folded; each leads to its page with legend and scale."""
    index = archive / "atlas" / "index.json"
    maps = json.loads(index.read_text("utf-8"))["maps"] if index.is_file() else []
    if not maps:
        return "<p>没有随附地图。</p>"
    of_years = sorted({one["year"] for one in maps}, reverse=True)
    here = "".join(map(picture, (one for one in maps if one["year"] == year)))
    folded = "".join(
        f'<details><summary>{one}年</summary><div class="grid">'
        f"{''.join(map(picture, (each for each in maps if each['year'] == one)))}</div></details>"
        for one in of_years
        if one != year
    )
    return f'<p class="quiet">点开一幅看图例、比例尺和数字。</p><div class="grid">{here}</div>{folded}'


def picture(one: Mapping[str, Any]) -> str:
    name = escape(one["title_zh"])
    return (
        f'<figure><a href="atlas/{escape(one["page"])}"><img src="atlas/{escape(one["thumbnail"])}" alt="{name}" '
        f'loading="lazy" width="480"></a><figcaption>{name}</figcaption></figure>'
    )


def blocks(found: Sequence[Block]) -> str:
    return "".join(DRAWN[one["kind"]](one) for one in found if one["kind"] in DRAWN)


def table(one: Block) -> str:
    right = set(one["numbers"])

    def cells(texts: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if place in right else ''}>{escape(str(text))}</{tag}>"
            for place, text in enumerate(texts)
        )

    rows = "".join(
        f"<tr{' class=sum' if number in one['strong'] else ''}>{cells(texts, 'td')}</tr>"
        for number, texts in enumerate(one["rows"])
    )
    note = f'<p class="quiet">{escape(one["note"])}</p>' if one["note"] else ""
    return (
        f'<div class="table"><table><caption>{escape(one["caption"])}</caption><thead><tr>{cells(one["head"], "th")}'
        f"</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def chart(one: Block) -> str:
    """Bars with their intervals; the table beside says the same in numbers."""
    low, high = float(one["ticks"][0]), float(one["ticks"][-1])
    room, height = WIDTH - LABEL - 70, BAR * len(one["rows"]) + 22

    def x(value: float) -> float:
        return round(LABEL + room * (value - low) / (high - low), 1)

    drawn = []
    for tick, label in zip(one["ticks"], one["labels"], strict=True):
        drawn.append(f'<line class="tick" x1="{x(tick)}" x2="{x(tick)}" y1="0" y2="{height - 20}"/>')
        drawn.append(f'<text class="tick" x="{x(tick)}" y="{height - 5}">{escape(label)}</text>')
    for number, row in enumerate(one["rows"]):
        top, zero, end = BAR * number + 5, x(0), x(row["value"])
        drawn.append(f'<text class="label" x="{LABEL - 8}" y="{top + 12}">{escape(row["label"])}</text>')
        size = f'x="{min(zero, end)}" y="{top}" width="{abs(end - zero):.1f}" height="{BAR - 10}"'
        drawn.append(f'<rect {size} fill="{row["colour"]}"/>')
        drawn.append(f'<text x="{WIDTH - 62}" y="{top + 12}">{escape(row["text"])}</text>')
        middle = top + (BAR - 10) / 2
        drawn.append(f'<line class="interval" x1="{x(row["low"])}" x2="{x(row["high"])}" y1="{middle}" y2="{middle}"/>')
    said = f"{one['caption']}（{one['unit']}，横线为 90% 区间）"
    return (
        f'<figure class="chart"><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(said)}">'
        f"{''.join(drawn)}</svg><figcaption>{escape(said)}</figcaption></figure>"
    )


def items(one: Block) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in one["items"]) + "</ul>"


DRAWN: Mapping[str, Callable[[Block], str]] = {
    "text": lambda one: f"<p>{escape(one['text'])}</p>",
    "heading": lambda one: f"<h3>{escape(one['text'])}</h3>",
    "callout": lambda one: f'<p class="note">{escape(one["text"])}</p>',
    "points": items,
    "table": table,
    "bars": chart,
}


def downloads(facts: Facts, archive: Path) -> str:
    """Papers, tables and layers, each with size and hash; and under which licences the data came."""
    rows = "".join(
        f'<tr><td><a href="{escape(path)}">{escape(label)}</a></td><td class=n>{size(archive / path)}</td>'
        f"<td><code>{store.digest(archive / path)}</code></td></tr>"
        for path, label in there(facts, archive)
    )
    licences = words.listed(dict.fromkeys(one.licence for one in facts.sources if one.licence)) or "未注明"
    return (
        '<div class="table"><table><caption>文件</caption><thead><tr><th>文件</th><th class=n>大小</th><th>SHA-256</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div><p>输入数据的许可：{escape(licences)}。"
        "再次使用时须注明资料来源，并遵守各数据的许可。</p>"
    )


def there(facts: Facts, archive: Path) -> Iterator[tuple[str, str]]:
    what = {"nep": facts.methodology.mapped[0], "landcover": "生态系统类型", "flags": "数据质量标记"}
    layers = {f"../layers/{facts.last}/{name}.tif": f"{facts.last}年{label}（GeoTIFF）" for name, label in what.items()}
    for path, label in (FIRST | layers | BESIDE).items():
        if (archive / path).is_file():
            yield path, label


def size(path: Path) -> str:
    count = path.stat().st_size
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"
