"""What is kept of a finished run: its figures, what it recorded of itself, and a bundle by which anyone recomputes the
total with the package ``nep_stock_sink`` of the shelf."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tanhui.inventory import methods
from tanhui.inventory.models import Computation, Figure, Type

PACKAGE = "nep_stock_sink/v01"
# The package's words for the types; what has none there stands outside its account.
ECOSYSTEMS = {
    Type.FOREST: "forest", Type.SHRUB: "shrub", Type.GRASS: "grassland", Type.WETLAND: "wetland",
    Type.CROP: "cropland", Type.URBAN: "urban", Type.WATER: "water",
}  # fmt: skip
AREA, WHOLE = "area", "all"  # the level and zone of the whole area


def rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "statistics.json").read_text("utf-8"))["rows"]
    return found


def figures(computation: Computation, folder: Path) -> list[Figure]:
    """The rows of ``statistics.json``, not yet kept."""
    return [
        Figure(
            computation=computation, year=one["year"], level=one["level"], zone=one["zone"], zone_name=one["name"],
            type=one["type"], rule=one["rule"], cells=one["cells"], area_m2=round(one["area_m2"]),
            coverage=one["coverage"], npp_kg_c=one["npp_kg_c"], rh_kg_c=one["rh_kg_c"], nep_kg_c=one["nep_kg_c"],
            respiration=one["models"], nep_kg_co2=one["nep_kg_co2"], lower_kg_co2=one["lower_kg_co2"],
            upper_kg_co2=one["upper_kg_co2"], conservative_kg_co2=one["conservative_kg_co2"],
            sigma_kg_co2=one["sigma_kg_co2"], flags=one["flags"], change_kg_co2=one.get("change_kg_co2"),
            jump=bool(one.get("jump")),
        )
        for one in rows(folder)
    ]  # fmt: skip


def red_line(folder: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """Whose boundaries of the ecological red line the run has (``basis``), and by level and code the ``shares`` of the
    zones' areas that lie within them; nothing where it has none."""
    from tanhui.nep import cutting  # loads GDAL

    if methods.RED_LINE not in record["zones"]:
        return {}
    shares = {level: cutting.shares(folder, level, methods.RED_LINE) for level in record["zones"]}
    return {"basis": record["zones"][methods.RED_LINE]["source"], "shares": shares}


def facts(folder: Path) -> dict[str, Any]:
    """What the run recorded of itself and a page or a comparison with another year asks for."""
    record = json.loads((folder / "record.json").read_text("utf-8"))
    told = json.loads((folder / "statistics.json").read_text("utf-8"))
    return {
        "grid": record.get("grid", {}), "digest": record.get("digest", ""), "versions": record.get("versions", {}),
        "basis": told.get("basis", {}), "levels": list(told.get("levels", {})), "models": told.get("models", []),
        "red_line": red_line(folder, record), **({"way": record["way"]} if "way" in record else {}),
    }  # fmt: skip


def bundle(computation: Computation, folder: Path) -> bytes:
    """The bundle of the package's run over types of the whole area; nothing where no type of the area is known to it.

    Its quantity is the middle of two models; where the ensemble has more, the first two by name stand in it.
    """
    from tanhui.methods.engine import execution, tables  # loads numpy

    year = computation.accounting_year.year
    lines = list(of_types(folder, year))
    if not lines:
        return b""
    models = sorted(lines[0]["models"])[:2]
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(["zone", "ecosystem", "area", "npp", "rh_1", "rh_2"])
    for one in lines:
        per = 1000 / one["area_m2"]  # kg over the area → g m-2
        first, second = (one["models"][name] * per for name in models)
        writer.writerow([
            one["type"], ECOSYSTEMS[Type(one["type"])], f"{one['area_m2'] / 10_000:.4f}",
            f"{one['npp_kg_c'] * per:.6f}", f"{first:.6f}", f"{second:.6f}",
        ])  # fmt: skip
    project = {
        "title_zh": f"{computation.accounting_year.area_name}{year}年生态系统存量碳汇",
        "region": computation.accounting_year.division_code,
        "period": {"start": f"{year}-01-01", "end": f"{year}-12-31"},
        "facts": {
            "first_model": models[0], "second_model": models[1], "monthly_input": True,
        },
        "units": {"area": "ha", "npp": "gC/(m2·a)", "rh_1": "gC/(m2·a)", "rh_2": "gC/(m2·a)"},
    }  # fmt: skip
    table = tables.parse(sheet.getvalue().encode(), file="zones.csv")
    run = execution.run(PACKAGE, project=project, inputs={"zones": table}, purpose="demonstration")
    return run.bundle()


def of_types(folder: Path, year: int) -> Iterator[dict[str, Any]]:
    """The rows of the whole area by type that the package can take, with their respiration by two models at least."""
    for one in rows(folder):
        here = (one["year"], one["level"], one["zone"]) == (year, AREA, WHOLE) and one["type"] in ECOSYSTEMS
        if here and one["area_m2"] > 0 and len(one["models"]) >= 2 and one["rule"] != "rate":
            yield one
