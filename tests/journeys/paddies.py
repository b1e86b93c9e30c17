"""A rice project near Qingpu: its fields as a land survey has them, its farm log, and what its water gauge sends."""

import datetime as dt
import json

import shapely
from tests.projects import cycling, surveying

from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days

ZONE_40 = "EPSG:4528"  # CGCS2000, 3°, zone 40 in the easting
WEST, SOUTH = 40_602_000.0, 3_441_000.0  # Jinze, Qingpu
MONTHS = 10  # of the monitoring period
SEASON = dt.date(2026, 11, 1)  # the day behind the season that ``agri.RICE`` describes
HOUR = dt.timedelta(hours=1)
GAP = range(96, 144)  # hours without a reading: two days
VILLAGE = "310118109201"
ANSWERS = cycling.FILLED | {
    "summary": "在金泽镇水稻种植区推行多次晒田的间歇灌溉，减少稻田甲烷排放。", "kind": "稻田甲烷减排",
    "region": "上海市青浦区金泽镇", "technology": "分蘖末期与灌浆中期各晒田一次，田间水位计逐时记录。",
    "applicability": "常年淹水稻田，灌排可控，品种与茬口不变。", "other_mechanism": "无。",
    "baseline": "生长季持续淹水。", "additionality": "持续淹水为当地普遍做法，晒田无强制要求。", "yearly_t": "900",
    "estimate": "按方法学缺省排放因子计算。", "leakage": "不增加氮肥，泄漏计入氧化亚氮。",
    "harm": "晒田期避开抽穗期，不减产。", "parameters": "田间水位逐时，收割后测产。",
    "instruments": "投入式水位计，每年检定。", "quality": "数据缺测按不利情形处理。", "people": "合作社监测员两人。",
    "rights": "与两个村签订联合开发协议。", "sharing": "镇与村 3:7，村部分按承包面积到户。",
}  # fmt: skip


def survey():
    """A zipped shapefile in GBK without .cpg, its .prj without a number: three fields, one of them in two parts, and a
    fourth whose outline crosses itself."""
    x, y = WEST, SOUTH
    two = shapely.MultiPolygon(
        [shapely.box(x, y + 2000, x + 1000, y + 2600), shapely.box(x, y + 2700, x + 1000, y + 3300)]
    )
    crossing = shapely.Polygon([(x + 2000, y), (x + 2400, y + 400), (x + 2400, y), (x + 2000, y + 400)])
    outlines = [shapely.box(x, y, x + 1000, y + 960), shapely.box(x, y + 1000, x + 1000, y + 1640), two, crossing]
    rows = [
        (outline, {
            "TBBH": f"Q{place:02d}", "DLBM": "0101", "ZLDWDM": VILLAGE, "QSDWMC": "金泽镇淀湖村经济合作社",
            "TBMJ": float(round(outline.area)), "QLR": "淀湖村股份经济合作社",
        })
        for place, outline in enumerate(outlines, 1)
    ]  # fmt: skip
    return surveying.shape(rows, encoding="gbk", cpg=False, crs=ZONE_40)


def span(today):
    """The ten months up to the end of the last one."""
    end = today.replace(day=1)
    start = end
    for _ in range(MONTHS):
        start = (start - dt.timedelta(days=1)).replace(day=1)
    return Days(start, end)


def crediting(days):
    """Seven years that begin two years before the period."""
    return Days(dt.date(days.start.year - 2, 1, 1), dt.date(days.start.year + 5, 1, 1))


def farm(days):
    """The log of the season on these fields, its harvest some weeks before the end of the period."""
    made = cycling.rice(days)
    later, years = days.end - SEASON, crediting(days)
    made.project["title_zh"] = "金泽镇稻田水分管理减排项目"
    made.project["crediting"] = {"start": years.start.isoformat(), "end": years.last.isoformat()}
    made.project["parcels"] = [f"{VILLAGE}-Q0{place}" for place in (1, 2, 3)]
    renamed = {"W01": "Q03", "wujiang": "jinze", "WR1": "JR1", "WR2": "JR2"}
    for rows in made.sheets.values():
        for row in rows:
            for key, value in row.items():
                row[key] = renamed.get(value, value) if isinstance(value, str) else value
                if key.endswith("_on"):
                    day = dt.date.fromisoformat(value).replace(year=SEASON.year)
                    row[key] = (day + later).isoformat()
    return made


def files(folder, made):
    """The project sheet and its tables as the owner has them on disk."""
    folder.mkdir()
    sheet = folder / "project.json"
    sheet.write_text(json.dumps(made.project, ensure_ascii=False), "utf-8")
    tables = []
    for name, rows in made.sheets.items():
        lines = [",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines), "utf-8")
        tables.append(folder / f"{name}.csv")
    return sheet, tables


def readings(days):
    """The last ten days of the period, a water level an hour, with two days missing and one beyond the gauge."""
    start = dt.datetime.combine(days.end - dt.timedelta(days=10), dt.time(), clock.SHANGHAI)
    rows = [
        {"at": (start + hour * HOUR).isoformat(), "value": round(6 - (hour % 96) * 0.15, 2), "unit": "cm"}
        for hour in range(240)
        if hour not in GAP
    ]
    rows[-1]["value"] = 900.0
    return rows
