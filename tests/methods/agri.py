"""Believable farms for the tests: project files and tables as text, to be spoilt."""

import copy
from decimal import Decimal

from tanhui.methods import engine
from tanhui.methods.engine import tables

PERIOD = {"start": "2026-01-01", "end": "2026-12-31"}
CREDITING = {"start": "2026-01-01", "end": "2032-12-31"}


def stated(value, unit, evidence="D", source="declared for the test"):
    return {"value": Decimal(str(value)), "unit": unit, "evidence": evidence, "source": source}


class Farm:
    """A package, a project file and its tables (rows as dicts of text)."""

    def __init__(self, package, project, sheets):
        self.package, self.project, self.sheets = package, copy.deepcopy(project), copy.deepcopy(sheets)

    def run(self, purpose="demonstration", **options):
        inputs = {name: as_table(name, rows) for name, rows in self.sheets.items()}
        return engine.run(self.package, project=self.project, inputs=inputs, purpose=purpose, **options)


def as_table(name, rows):
    lines = [",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in rows)]
    return tables.parse("\n".join(lines).encode(), file=f"{name}.csv")


RICE_PROJECT = {
    "title_zh": "长三角示范区稻田水分管理（测试）",
    "region": "310118",
    "period": PERIOD,
    "crediting": CREDITING,
    "units": {
        "baseline_dry_days": "d",
        "baseline_days": "d",
        "baseline_nitrogen": "kgN/ha",
        "area": "ha",
        "dry_days": "d",
        "nitrogen": "kgN/ha",
        "harvest": "kg/ha",
        "lowest_water": "cm",
        "baseline_rate": "t/ha",
        "rate": "t/ha",
        "reference_harvest": "kg/ha",
        "flux": "mgCH4/(m2*h)",
    },
    "facts": {
        "irrigation_is_controlled": True,
        "cultivar_and_season_unchanged": True,
        "water_log_kept": True,
        "fertiliser_record_years": 3,
        "claimed_elsewhere": False,
    },
}
RICE = {
    "strata": [
        {
            "stratum": name,
            "baseline_drainages": drained,
            "baseline_dry_days": 150,
            "baseline_days": 120,
            "baseline_nitrogen": 240,
        }
        for name, drained in (("qingpu", 0), ("wujiang", 1))
    ],
    "parcels": [
        {
            "parcel": parcel,
            "stratum": stratum,
            "area": area,
            "flooded_on": "2026-06-10",
            "harvested_on": "2026-10-07",
            "dry_days": 150,
            "nitrogen": 240,
            "harvest": harvest,
        }
        for parcel, stratum, area, harvest in (
            ("Q01", "qingpu", "2.4", 8600),
            ("Q02", "qingpu", "1.6", 8450),
            ("W01", "wujiang", "3.0", 8700),
        )
    ],
    "drainages": [
        {"parcel": parcel, "drained_on": drained, "reflooded_on": flooded, "lowest_water": -12}
        for parcel, drained, flooded in (
            ("Q01", "2026-07-15", "2026-07-23"),
            ("Q01", "2026-08-12", "2026-08-17"),
            ("Q02", "2026-07-16", "2026-07-22"),
            ("Q02", "2026-08-20", "2026-08-22"),  # two days: too short
            ("W01", "2026-07-12", "2026-07-20"),
            ("W01", "2026-08-10", "2026-08-16"),
        )
    ],
    "organic": [
        {"parcel": "Q01", "amendment": "straw_short", "baseline_rate": 3, "rate": 3},
        {"parcel": "W01", "amendment": "straw_long", "baseline_rate": 3, "rate": 4},
    ],
    "references": [
        {"field": "QR", "stratum": "qingpu", "reference_harvest": 8500},
        {"field": "WR1", "stratum": "wujiang", "reference_harvest": 8800},
        {"field": "WR2", "stratum": "wujiang", "reference_harvest": 8700},
    ],
}


def rice():
    return Farm("cms_017/v01", RICE_PROJECT, RICE)


def default_cuts():
    """The same fields under AMS-III.AU."""
    farm = rice()
    farm.package = "ams_iii_au/v01"
    farm.project["facts"]["flooded_throughout_before"] = True
    farm.project["units"]["history_harvest"] = "kg/ha"
    farm.sheets.pop("organic")
    farm.sheets["strata"] = [{"stratum": row["stratum"], "history_harvest": 8500} for row in RICE["strata"]]
    for row in farm.sheets["parcels"]:
        row["double_cropped"] = "no"
        del row["dry_days"]
    return farm


FERTILISER_PROJECT = {
    "title_zh": "化肥减量增效（测试）",
    "period": PERIOD,
    "crediting": CREDITING,
    "units": {
        "baseline_harvest": "kg/ha",
        "area": "ha",
        "harvest": "kg/ha",
        "baseline_nitrogen": "kgN/ha",
        "nitrogen": "kgN/ha",
    },
    "facts": {
        "edition": "2019",
        "record_years": 4,
        "all_nitrogen_recorded": True,
        "crop_unchanged": True,
        "claimed_elsewhere": False,
    },
}
FERTILISER = {
    "strata": [{"stratum": "wheat", "baseline_harvest": 6200}, {"stratum": "maize", "baseline_harvest": 7500}],
    "parcels": [
        {"parcel": "P1", "stratum": "wheat", "area": 40, "harvest": 6150},
        {"parcel": "P2", "stratum": "maize", "area": 60, "harvest": 7600},
    ],
    "nitrogen": [
        {"parcel": "P1", "kind": "urea", "climate": "wet", "baseline_nitrogen": 220, "nitrogen": 180},
        {"parcel": "P1", "kind": "organic", "climate": "wet", "baseline_nitrogen": 0, "nitrogen": 15},
        {"parcel": "P2", "kind": "synthetic", "climate": "dry", "baseline_nitrogen": 210, "nitrogen": 180},
    ],
}


def fertiliser():
    return Farm("fertiliser_n2o/v01", FERTILISER_PROJECT, FERTILISER)


TILLAGE_PROJECT = {
    "title_zh": "赤峰保护性耕作（测试）",
    "period": {"start": "2026-04-10", "end": "2031-04-09"},
    "crediting": {"start": "2026-01-01", "end": "2045-12-31"},
    "units": {
        "baseline_nitrogen": "kgN/ha",
        "nitrogen": "kgN/ha",
        "baseline_fuel": "kg/ha",
        "fuel": "kg/ha",
        "control_harvest": "kg/ha",
        "harvest": "kg/ha",
        "area": "ha",
        "top": "cm",
        "bottom": "cm",
        "carbon": "g/kg",
        "bulk_density": "g/cm3",
    },
    "declared": {"leakage": stated(0, "tCO2e")},
    "facts": {
        "practice_years_before": 0,
        "soil_is_mineral": True,
        "straw_claimed_elsewhere": False,
        "nitrogen_claimed_elsewhere": False,
    },
}


def _layers():
    rows = []
    for core, (top_gain, deep_gain) in {
        "P1": (1.0, 0.1), "P2": (0.9, 0.0), "P3": (1.1, 0.2), "P4": (1.0, 0.1),
        "C1": (0.0, 0.0), "C2": (0.1, 0.0), "C3": (-0.1, 0.0), "C4": (0.0, 0.1),
    }.items():  # fmt: skip
        for survey, factor in (("first", 0), ("second", 1)):
            for layer, (top, bottom, carbon, density) in enumerate(((0, 10, 14.0, 1.20), (10, 30, 10.0, 1.35)), 1):
                gain = top_gain if layer == 1 else deep_gain
                rows.append(
                    {
                        "core": core,
                        "survey": survey,
                        "layer": layer,
                        "top": top,
                        "bottom": bottom,
                        "carbon": round(carbon + factor * gain, 3),
                        "bulk_density": density,
                        "coarse": 0,
                    }
                )
    return rows


def tillage():
    strata = [
        {
            "stratum": "songshan",
            "climate": "dry",
            "baseline_nitrogen": 150,
            "nitrogen": 160,
            "baseline_fuel": 60,
            "fuel": 35,
            "control_harvest": 7500,
            "harvest": 7450,
        }
    ]
    parcels = [{"parcel": f"S{n}", "stratum": "songshan", "area": 50} for n in (1, 2)]
    cores = [{"core": c, "stratum": "songshan", "control": c[0] == "C"} for c in sorted({r["core"] for r in _layers()})]
    sheets = {"strata": strata, "parcels": parcels, "cores": cores, "layers": _layers()}
    return Farm("cms_083/v01", TILLAGE_PROJECT, sheets)


FARM_PROJECT = {
    "title_zh": "规模猪场沼气（测试）",
    "period": PERIOD,
    "crediting": CREDITING,
    "units": {"biogas": "m3", "electricity": "MWh", "weight": "kg", "days": "d"},
    "declared": {"leakage": stated(0, "tCO2e")},
    "facts": {
        "recovery_not_required": True,
        "meters_calibrated": True,
        "retention_days": 60,
        "energy_claimed_elsewhere": False,
    },
}
FARM = {
    "digesters": [
        {
            "digester": "D1",
            "digester_kind": "digester_lowleak_lowgastight_hightech",
            "zone": "warm_moist",
            "biogas": 400000,
            "methane_share": 0.6,
            "destroyed_share": 0.95,
            "electricity": 120,
        }
    ],
    "herds": [
        {
            "herd": "growing",
            "digester": "D1",
            "animal": "swine_growing",
            "system": "lagoon",
            "heads": 10000,
            "weight": 58,
            "days": 365,
            "share": 1,
        }
    ],
}


def digester():
    return Farm("cms_021/v01", FARM_PROJECT, FARM)


HOUSEHOLD_PROJECT = {
    "title_zh": "农村户用沼气（测试）",
    "period": PERIOD,
    "crediting": CREDITING,
    "units": {"biogas": "m3", "weight": "kg", "days": "d", "baseline_coal": "t", "coal": "t"},
    "facts": {
        "households_agree": True,
        "operation_surveyed": True,
        "coal_ban_before": False,
        "claimed_elsewhere": False,
    },
}
HOUSEHOLDS = {
    "groups": [
        {
            "group": "village",
            "digesters": 300,
            "operating_share": 0.9,
            "digester_kind": "digester_highleak_highgastight_lowtech",
            "zone": "warm_moist",
            "animal": "swine_growing",
            "system": "pit_long",
            "heads": 3,
            "weight": 58,
            "days": 365,
            "share": 1,
            "biogas": 300,
            "methane_share": 0.6,
            "baseline_coal": 1.0,
            "coal": 0.4,
        }
    ]
}


def households():
    return Farm("cms_026/v01", HOUSEHOLD_PROJECT, HOUSEHOLDS)


STRAW_PROJECT = {
    "title_zh": "秸秆离田（测试）",
    "period": PERIOD,
    "crediting": CREDITING,
    "units": {"area": "ha", "straw": "t/ha", "weighed": "t"},
    "declared": {
        "burnt_share": stated("0.5", "-"),
        "diesel": stated("0.2", "t"),
        "leakage": stated(0, "tCO2e"),
    },
    "facts": {
        "burning_is_lawful": True,
        "burnt_fields_share": Decimal("0.6"),
        "fate_is_documented": True,
        "soil_carbon_claimed": False,
    },
}
STRAW = {
    "parcels": [
        {"parcel": "S1", "area": 20, "straw": 5, "fate": "feed", "weighed": 98},
        {"parcel": "S2", "area": 10, "straw": 5, "fate": "returned", "weighed": 0},
    ]
}


def straw():
    return Farm("straw_burning/v01", STRAW_PROJECT, STRAW)


FARMS = [rice, default_cuts, fertiliser, tillage, digester, households, straw]
