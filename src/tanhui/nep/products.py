"""Years of MOD17 as handed over: what an undeclared fill value does to a mean, and how the years follow the rain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from tanhui.nep import refusals
from tanhui.science import npp
from tanhui.science.units import Floats

GPP = "mod17a3hgf061_gpp_{year}.tif"
RAIN = "chirps20_precip_{year}.tif"
COVER = "mcd12q1_igbp_{year}.tif"


@dataclass(frozen=True)
class Year:
    """Means of one year, gC m-2 a-1 and mm; ``trapped`` is the mean when only the declared fill is masked. ``npp`` by
    the CUE of each cell's class; it and ``rain`` are none where the folder has no such layer."""

    year: int
    file: str
    cells: int
    fills: int
    gpp: float
    trapped: float
    npp: float | None
    rain: float | None


def years(folder: Path) -> tuple[Year, ...]:
    """Years of MOD17 GPP in a folder, in order. Refuses a folder that has none."""
    found = sorted(
        int(match[1])
        for path in folder.glob(GPP.format(year="*"))
        if (match := re.fullmatch(GPP.replace("{year}", r"(\d{4})"), path.name))
    )
    if not found:
        raise refusals.NothingToCompare(file=folder.name, needed=GPP.format(year="YYYY"))
    return tuple(one_year(folder, year) for year in found)


def one_year(folder: Path, year: int) -> Year:
    with rasterio.open(folder / GPP.format(year=year)) as file:
        dn = file.read(1)
        declared = dn == file.nodata
    gpp = npp.from_mod17(dn)
    known = ~np.isnan(gpp)
    return Year(
        year=year,
        file=GPP.format(year=year),
        cells=int(known.sum()),
        fills=int((~known & ~declared).sum()),
        gpp=float(gpp[known].mean(dtype=np.float64)),
        trapped=float(dn[~declared].mean(dtype=np.float64) * npp.MOD17_SCALE),
        npp=grown(folder, year, gpp),
        rain=rained(folder, year),
    )


def grown(folder: Path, year: int, gpp: Floats) -> float | None:
    """Mean NPP by the CUE of the land cover of the year, on the same grid."""
    path = folder / COVER.format(year=year)
    if not path.is_file():
        return None
    with rasterio.open(path) as file:
        cover = file.read(1).astype(np.uint8)  # −128 and 255 are no data, and no class
    if cover.shape != gpp.shape:
        return None
    return float(np.nanmean(npp.from_gpp(gpp, npp.cue_lookup()[cover]), dtype=np.float64))


def rained(folder: Path, year: int) -> float | None:
    """Mean precipitation of the year, mm."""
    path = folder / RAIN.format(year=year)
    if not path.is_file():
        return None
    with rasterio.open(path) as file:
        rain = file.read(1, masked=True)
    return float(rain.mean(dtype=np.float64))


def rain_correlation(found: Sequence[Year]) -> float | None:
    """Correlation of GPP with precipitation over the years; none for fewer than three."""
    pairs = [(one.gpp, one.rain) for one in found if one.rain is not None]
    return float(np.corrcoef(np.array(pairs).T)[0, 1]) if len(pairs) > 2 else None


def markdown(found: Sequence[Year], code: str = "en") -> str:
    """The years as a Markdown table with the change from year to year."""
    zh = code.startswith("zh")
    heads = (
        ("年份", "GPP", "较上年", "未屏蔽 65533 等填充值", "填充像元", "NPP", "降水 mm") if zh else
        ("Year", "GPP", "Change", "Fills not masked", "Fill cells", "NPP", "Rain mm")
    )  # fmt: skip
    rows, before = [], None
    for one in found:
        change = "–" if before is None else f"{100 * (one.gpp / before - 1):+.1f} %"
        before = one.gpp
        rows.append(
            (
                str(one.year),
                f"{one.gpp:.1f}",
                change,
                f"{one.trapped:,.0f}",
                f"{one.fills:,}",
                "–" if one.npp is None else f"{one.npp:.1f}",
                "–" if one.rain is None else f"{one.rain:.0f}",
            )
        )
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    title = "MODIS 逐年 GPP（gC m-2 a-1）" if zh else "MODIS years, GPP (gC m-2 a-1)"
    text = f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)
    if (r := rain_correlation(found)) is not None:
        text += "\n\n" + (f"GPP 与降水逐年相关系数 {r:.2f}。" if zh else f"Correlation of GPP with rain: {r:.2f}.")
    return text
