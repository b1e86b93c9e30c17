"""Published years as they lie in the database at the end, with small rasters on file: what the public pages read.

The way there is walked in ``test_year.py``; here it would only take time.
"""

import datetime as dt
import hashlib
import itertools

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from tests import world

from tanhui.files.acts import made
from tanhui.inventory.models import (
    AccountingYear,
    Computation,
    CrossCheck,
    Figure,
    Item,
    Publication,
    Type,
    Verification,
)
from tanhui.journal.record import record

AREA, DIVISION = "演示区", "330604"
WEST, NORTH, CELL = 120.6, 30.1, 0.002
TOWNS = {"T1": "崧厦街道", "T2": "章镇镇", "T3": "岭南乡"}
DIGEST = hashlib.sha256(b"statistics").hexdigest()
METHOD = {
    "norm": "DB33/T 2274-2025", "coefficients": "2025", "npp": "raster",
    "respiration": ["pei", "raich_potter_bond_lamberty"],
}  # fmt: skip
NUMBERS = itertools.count(1)


def raster(path, seed=1, dtype=np.int16, nodata=-32768):
    """A raster of 300 × 300 cells with overviews, as a run writes them."""
    values = np.random.default_rng(seed).integers(1000, 4000, (300, 300)).astype(dtype)
    if dtype == np.uint8:
        values %= 5
    values[:40] = nodata
    profile = {
        "driver": "GTiff", "height": 300, "width": 300, "count": 1, "dtype": dtype, "crs": "EPSG:4490",
        "transform": from_origin(WEST, NORTH, CELL, CELL), "nodata": nodata, "tiled": True, "blockxsize": 256,
        "blockysize": 256, "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
        file.scales = (0.1 if dtype != np.uint8 else 1.0,)
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2], Resampling.nearest)
    return path


def outlines(path, level="township"):
    """A GeoPackage with three towns side by side."""
    import pyogrio
    import shapely

    boxes = [shapely.box(WEST + 0.2 * n, NORTH - 0.6, WEST + 0.2 * (n + 1), NORTH) for n in range(3)]
    pyogrio.raw.write(
        path, geometry=np.array([shapely.to_wkb(one) for one in boxes], dtype=object),
        field_data=[np.array(list(TOWNS), dtype=object), np.array(list(TOWNS.values()), dtype=object)],
        fields=["code", "name"], layer=level, driver="GPKG", crs="EPSG:4490", geometry_type="Polygon",
    )  # fmt: skip
    return path


def year(
    authority, verifier, of=2024, *, state="ARCHIVED", edition=1, revises=None, at=world.NOON, scale=1.0, **values
):
    """A published year with the figures of three towns and the whole area; forest, crop and water."""
    person = authority.initiator.membership.person
    one = AccountingYear.objects.create(
        organisation=authority.organisation, area_name=AREA, division_code=DIVISION, year=of, edition=edition,
        revises=revises, reason="边界更新" if revises else "", state=state, method=METHOD,
        verifier=verifier.organisation, opened_by=person, opened_at=at, changed_at=at, **values,
    )  # fmt: skip
    run = Computation.objects.create(
        accounting_year=one, number=1, plan="", plan_sha256=DIGEST, state="DONE", record_sha256=DIGEST,
        statistics_sha256=DIGEST, by=person, asked_at=at, started_at=at, finished_at=at,
        reference=f"run-{next(NUMBERS)}",
    )  # fmt: skip
    Figure.objects.bulk_create(figures(run, of, scale))
    CrossCheck.objects.create(
        computation=run, kind="FLUX", verdict="EXPLAINED", note="通量塔少，偏差在区间内。",
        result={"n": 147, "bias": 97.3, "rmse": 392, "r2": 0.23}, organisation=verifier.organisation, by=person, at=at,
        entry=1,
    )  # fmt: skip
    Verification.objects.create(
        computation=run, organisation=verifier.organisation, authority=authority.organisation, outcome="CONFIRMED",
        opinion="数据与方法符合规范。", statistics_sha256=DIGEST, by=person, at=at, entry=1,
    )  # fmt: skip
    entry = record(kind="inventory.published", fact={"account": one.code}, at=at, by=person.pk)
    Publication.objects.create(
        accounting_year=one, computation=run, statistics_sha256=DIGEST, map_approval="浙绍S(2026)1号",
        licence="CC BY 4.0",
        initiator=person, confirmer=authority.confirmer.membership.person, at=at, entry=entry,
    )  # fmt: skip
    return one


def figures(run, of, scale=1.0):
    tons = {"forest": 90_000, "crop": 30_000, "water": 0}
    rows = {("township", code, name): (0.5, 0.3, 0.2)[n] * scale for n, (code, name) in enumerate(TOWNS.items())}
    rows |= {("township", "", ""): 0.0, ("area", "all", AREA): scale}
    for (level, zone, name), share in rows.items():
        for kind in ("forest", "crop", "water", Type.ALL):
            value = round(share * 1000 * (sum(tons.values()) if kind == Type.ALL else tons[kind]))
            yield Figure(
                computation=run, year=of, level=level, zone=zone, zone_name=name, type=kind,
                rule={"water": "not_applicable", Type.ALL: "sum"}.get(kind, "nep"), cells=round(90_000 * share),
                area_m2=round(share * 1e9), coverage=0.987, npp_kg_c=value, rh_kg_c=value // 2, nep_kg_c=value // 4,
                nep_kg_co2=value, lower_kg_co2=value * 6 // 10, upper_kg_co2=value * 14 // 10,
                conservative_kg_co2=value * 55 // 100, flags={"implausible": 90 * share, "jump": 0},
            )  # fmt: skip


def file(one, path, name, category, *, access="PUBLIC", format="geotiff"):
    """Put a file into the published file of a year."""
    run = one.computations.get()
    person = one.opened_by
    version = made.put(
        subject=f"inventory.year:{one.pk}", kind="inventory.year", title=name, path=path, name=name, format=format,
        by=person, at=one.changed_at, withheld_reason="" if access == "PUBLIC" else "SURVEY",
    )  # fmt: skip
    return Item.objects.create(
        accounting_year=one, computation=run, category=category, name=name, document=version.document_id,
        sha256=version.sha256, size_bytes=version.size_bytes, media_type=version.media_type, access=access, by=person,
        at=one.changed_at, entry=version.entry_id,
    )  # fmt: skip


def later(days):
    return world.NOON + dt.timedelta(days=days)
