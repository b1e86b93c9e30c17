"""A small run folder as `docs/algorithms/nep.md` §3 describes it, with believable numbers, for maps and papers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_origin

WIDTH, HEIGHT, CELL = 150, 110, 200.0
TYPES = ("forest", "shrub", "grass", "wetland", "crop", "urban", "water", "other")
NPP = {1: 640, 2: 520, 3: 430, 4: 480, 5: 520, 6: 0, 7: 0, 8: 60}
RESPIRATION = {"pei": 362.7, "raich_potter_bond_lamberty": 506.0}
TOWNS = ("青山镇", "临江街道", "云溪乡", "东湖街道", "南塘镇", "大岭镇")


def waves(seed: int) -> np.ndarray:
    """A smooth field between about −1 and 1."""
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    field = np.zeros((HEIGHT, WIDTH))
    for _ in range(9):
        a, b, phase = chance.uniform(-0.09, 0.09), chance.uniform(-0.09, 0.09), chance.uniform(0, 6.28)
        field += np.sin(a * rows + b * columns + phase)
    return field / 4


def save(path: Path, data: np.ndarray, *, nodata: float, scale: float = 1.0, unit: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {
        "driver": "GTiff",
        "width": WIDTH,
        "height": HEIGHT,
        "count": 1,
        "dtype": data.dtype,
        "crs": "EPSG:4549",
        "transform": from_origin(560_000, 3_330_000, CELL, CELL),
        "nodata": nodata,
        "compress": "zstd",
    }
    with rasterio.open(path, "w", **profile) as layer:
        layer.write(data, 1)
        layer.scales = (scale,)
        layer.units = (unit,)


def towns() -> np.ndarray:
    """Zone numbers: whatever town is nearest, inside a lobed border; 0 outside."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    chance = np.random.default_rng(3)
    seats = np.column_stack([chance.uniform(20, HEIGHT - 20, len(TOWNS)), chance.uniform(25, WIDTH - 25, len(TOWNS))])
    bend = 6 * waves(8)
    far = [np.hypot(rows + bend - r, columns - bend - c) for r, c in seats]
    nearest = np.argmin(far, axis=0).astype(np.uint16) + 1
    turn = np.arctan2(rows - HEIGHT / 2, (columns - WIDTH / 2) * HEIGHT / WIDTH)
    reach = np.hypot(rows - HEIGHT / 2, (columns - WIDTH / 2) * HEIGHT / WIDTH)
    return np.where(reach < 46 + 5 * np.sin(3 * turn) + 3 * np.cos(5 * turn), nearest, 0).astype(np.uint16)


def cover() -> np.ndarray:
    field = waves(1) + 0.3 * waves(2)
    cuts = np.quantile(field, [0.04, 0.10, 0.17, 0.45, 0.52, 0.58, 0.98])
    order = np.array([7, 4, 6, 5, 3, 2, 1, 8], dtype=np.uint8)
    return order[np.digitize(field, cuts)]


def folder(at: Path, *, years: tuple[int, ...] = (2023, 2024), plan: dict[str, Any] | None = None) -> Path:
    """Write the folder; ``plan`` overrides what the record says was asked."""
    zones, types = towns(), cover()
    save(at / "zones/township.tif", zones, nodata=0)
    named = [{"code": f"9990011{i:02}", "name": name} for i, name in enumerate(TOWNS, start=1)]
    (at / "zones/township.json").write_text(
        json.dumps({"level": "township", "zones": named}, ensure_ascii=False, indent=1)
    )
    rows: list[dict[str, Any]] = []
    for number, year in enumerate(years):
        npp = np.vectorize(NPP.get)(types) * (1 + 0.18 * waves(20 + number)) * (1 + 0.03 * number)
        warm = 1 + 0.08 * waves(30)
        respiration = {name: np.where(types < 6, value * warm * (types < 6), 0) for name, value in RESPIRATION.items()}
        rh = sum(respiration.values()) / len(respiration)
        missing = (waves(40 + number) > 1.15) | (types == 6) | (types == 7)
        nep = np.where(missing, np.nan, npp - rh)
        spread = np.where(missing, np.nan, abs(respiration["pei"] - respiration["raich_potter_bond_lamberty"]) / 2)
        flags = np.where(~missing & (rh > 1.05 * 420), 1, 0) | np.where(~missing & (waves(50 + number) > 1.2), 4, 0)
        for name, data in {"nep": nep, "npp": npp, "rh": rh, "spread": spread}.items():
            whole = np.where(np.isnan(data), -32768, np.round(np.nan_to_num(data) * 10)).astype(np.int16)
            save(at / f"layers/{year}/{name}.tif", whole, nodata=-32768, scale=0.1, unit="gC m-2 a-1")
        save(at / f"layers/{year}/flags.tif", flags.astype(np.uint8), nodata=255)
        save(at / f"layers/{year}/landcover.tif", types, nodata=0)
        rows += summed(year, zones, types, npp, rh, nep, respiration, flags)
    (at / "statistics.json").write_text(json.dumps({"rows": rows}, ensure_ascii=False, indent=1))
    (at / "record.json").write_text(json.dumps(record(years, plan or {}), ensure_ascii=False, indent=1))
    return at


def summed(year, zones, types, npp, rh, nep, respiration, flags) -> list[dict[str, Any]]:
    rows = []
    area = CELL * CELL
    areas = [("area", "all", zones > 0)]
    areas += [("township", f"9990011{i:02}", zones == i) for i in range(1, len(TOWNS) + 1)]
    for level, zone, inside in areas:
        for code, name in [*enumerate(TYPES, start=1), (0, "all")]:
            here = inside & ((types == code) if code else (types > 0))
            counted = here & ~np.isnan(nep)
            carbon = [round(float(one[counted].sum()) * area / 1000) for one in (npp, rh, np.nan_to_num(nep))]
            models = {key: round(float(one[counted].sum()) * area / 1000) for key, one in respiration.items()}
            co2 = round(carbon[2] * 44 / 12)
            spread = round(abs(models["pei"] - models["raich_potter_bond_lamberty"]) / 2 * 44 / 12)
            sigma = {
                "npp_model": round(carbon[0] * 0.15 * 44 / 12),
                "rh_model": spread,
                "weather": round(carbon[1] * 0.05 * 44 / 12),
                "land_cover": round(carbon[0] * 0.03 * 44 / 12),
                "pixel": round(carbon[0] * 0.002 * 44 / 12),
            }
            half = round(1.645 * sum(one**2 for one in sigma.values()) ** 0.5)
            lowest = round((carbon[0] - max(models.values())) * 44 / 12)
            rows.append(
                {
                    "year": year,
                    "level": level,
                    "zone": zone,
                    "type": name,
                    "cells": int(counted.sum()),
                    "area_m2": float(here.sum() * area),
                    "coverage": float(counted.sum() / max(here.sum(), 1)),
                    "npp_kg_c": carbon[0],
                    "rh_kg_c": carbon[1],
                    "nep_kg_c": carbon[2],
                    "models": models,
                    "nep_kg_co2": co2,
                    "lower_kg_co2": co2 - half,
                    "upper_kg_co2": co2 + half,
                    "conservative_kg_co2": lowest - round(1.645 * sigma["npp_model"]),
                    "sigma_kg_co2": sigma,
                    "flags": {
                        "rh_above_respiration": int((flags[here] & 1 > 0).sum()),
                        "implausible": int((flags[here] & 2 > 0).sum()),
                        "jump": int((flags[here] & 4 > 0).sum()),
                        "nodata": int((here & np.isnan(nep)).sum()),
                    },
                }
            )
    return rows


def record(years: tuple[int, ...], plan: dict[str, Any]) -> dict[str, Any]:
    return {
        "plan": {
            "title": "示例区生态系统存量碳汇",
            "years": list(years),
            "method": "nep",
            "norm": "GB/T 46869-2025",
        }
        | plan,
    }
