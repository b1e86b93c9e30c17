"""Input of the wetland, soil and grassland packages as people hand it in, to be run and to be spoilt."""

import copy

from tanhui.methods import engine
from tanhui.methods.engine import tables


def declared(**values):
    """Graded values of a project: ``name=(value, unit)``."""
    return {
        name: {"value": value, "unit": unit, "evidence": "P", "source": "监测报告 2025"}
        for name, (value, unit) in values.items()
    }


class Handed:
    """A project file and tables as text; ``run`` computes them as they then stand."""

    def __init__(self, package, project, sheets):
        self.package = package
        self.project = copy.deepcopy(project)
        self.sheets = {name: [line.split(",") for line in text.strip().split("\n")] for name, text in sheets.items()}

    def set(self, table, column, value, row=1):
        """Overwrite one cell (the header is row 0)."""
        self.sheets[table][row][self.sheets[table][0].index(column)] = value

    def drop(self, table, column):
        place = self.sheets[table][0].index(column)
        for row in self.sheets[table]:
            del row[place]

    def run(self, purpose="demonstration", **options):
        inputs = {
            name: tables.parse("\n".join(",".join(row) for row in rows).encode(), file=f"{name}.csv")
            for name, rows in self.sheets.items()
        }
        return engine.run(self.package, project=self.project, inputs=inputs, purpose=purpose, **options)


PERIOD = {
    "crediting": {"start": "2021-01-01", "end": "2060-12-31"},
    "period": {"start": "2021-01-01", "end": "2025-12-31"},
}

TIDAL = PERIOD | {
    "region": "450502",
    "units": {
        "area": "ha",
        "salinity": "ppt",
        "cover": "%",
        "biomass_1": "t d.m./ha",
        "biomass_2": "t d.m./ha",
        "soil_percent": "%",
        "bulk_density": "g/cm3",
        "accretion": "mm/yr",
        "allochthonous_share": "%",
        "u_soil": "%",
        "u_biomass": "%",
    },
    "declared": declared(
        elapsed=(0, "yr"),
        buffer_percent=(12, "%"),
        net_at_100=(90000, "tCO2e"),
        fuel_emissions=(38, "tCO2e"),
        carbon_fraction=(0.45, "tC/t d.m."),
    ),
    "facts": {
        "confidence": "90",
        "activity": "planting",
        "former_use": "abandoned two years",
        "burning": False,
        "claims_peat_fires": False,
        "native_ecosystem_cleared": False,
        "ifm_or_redd": False,
        "baseline_commercial_forestry": False,
        "lowers_water_table": False,
        "outside_emissions_significant": False,
        "burns_organic_soil": False,
        "nitrogen_fertiliser": False,
        "receives_nitrogen": False,
    },
}
TIDAL_SHEETS = {
    "strata": """
stratum,area,ecosystem,soil,salinity,cover,biomass_1,biomass_2,soil_basis,soil_percent,bulk_density,accretion,allochthonous_basis,allochthonous_share,methane_basis,nitrous_basis,depositional_environment,u_soil,u_biomass
西场,62.5,mangrove,mineral,24,70,0,31.5,default,0,0,0,share,25,default,default,none,18,14
东场,40,mangrove,mineral,21,45,2,18,measured,3.4,0.9,6,sediment,0,default,default,none,22,16
"""
}

MANGROVE = PERIOD | {
    "region": "450512",
    "units": {
        "area": "ha",
        "salinity": "ppt",
        "cover": "%",
        "allochthonous_share": "%",
        "plot_area": "m2",
        "diameter": "cm",
    },
    "declared": declared(fuel_emissions=(4, "tCO2e")),
    "facts": {
        "land": "unvegetated tidal flat",
        "land_suits_mangrove": True,
        "mangrove_planted": True,
        "title_is_clear": True,
        "claimed_elsewhere": False,
    },
}
MANGROVE_SHEETS = {
    "strata": """
stratum,area,salinity,cover,allochthonous_share
1,20,25,60,20
""",
    "plots": """
plot,stratum,plot_area
1,1,100
2,1,100
3,1,100
4,1,100
""",
    "trees": """
survey,plot,tree,species,diameter
before,1,1,白骨壤,1.0
after,1,1,白骨壤,4.1
after,1,2,秋茄,5.0
after,2,1,白骨壤,4.4
after,2,2,秋茄,5.1
after,3,1,白骨壤,4.0
after,3,2,秋茄,4.9
after,4,1,白骨壤,4.2
after,4,2,木榄,4.8
""",
}

TIER1 = {
    "units": {"area": "ha"},
    "facts": {"edition": "2019", "soil_is_mineral": True, "same_land": True},
}
TIER1_SHEETS = {
    "units": """
unit,area,climate_zone,soil
敖汉,1000,cool temperate dry,high activity clay
宁城,400,cool temperate dry,sandy
""",
    "inventory": """
unit,year,land_use,management,input_level
敖汉,2005,annual crop,full tillage,cropland low
敖汉,2015,annual crop,no tillage,cropland high
敖汉,2025,annual crop,no tillage,cropland high
宁城,2005,annual crop,full tillage,medium
宁城,2015,annual crop,full tillage,medium
宁城,2025,set aside,native,medium
""",
}

MONTHS = [
    (-11.2, 2, 18), (-7.6, 4, 28), (0.4, 9, 62), (9.5, 16, 118), (16.8, 34, 171), (21.3, 76, 172),
    (23.6, 112, 158), (22.0, 88, 137), (15.9, 41, 105), (7.8, 19, 73), (-2.5, 8, 36), (-9.4, 2, 20),
]  # fmt: skip
TIER2 = {
    "period": {"start": "2020-01-01", "end": "2025-12-31"},
    "units": {
        "temperature": "℃",
        "precipitation": "mm",
        "evapotranspiration": "mm",
        "area": "ha",
        "carbon_before": "tC/ha/yr",
        "carbon_after": "tC/ha/yr",
    },
    "facts": {"cropland_on_mineral_soil": True, "flooded_rice": False, "steady_before": True},
}
TIER2_SHEETS = {
    "climate": "site,month,temperature,precipitation,evapotranspiration,irrigated\n"
    + "\n".join(f"赤峰,{month},{t},{p},{pet},0" for month, (t, p, pet) in enumerate(MONTHS, 1)),
    "units": """
unit,site,area,sand,carbon_before,carbon_after,lignin,nitrogen,tillage_before,tillage_after
一队,赤峰,120,0.45,1.8,2.6,0.073,0.0083,full,reduced
二队,赤峰,80,0.60,1.5,1.5,0.073,0.0083,full,none
""",
}

MEASURED = PERIOD | {
    "units": {
        "area": "ha",
        "sampled_depth": "cm",
        "top": "cm",
        "bottom": "cm",
        "carbon": "g/kg",
        "bulk_density": "g/cm3",
    },
    "declared": declared(
        baseline_change=(0.05, "tC/ha/yr"),
        emission_change=(20, "tCO2e"),
        leakage=(0, "tCO2e"),
        buffer_percent=(15, "%"),
    ),
    "facts": {
        "land_use_stays": True,
        "native_ecosystem_cleared": False,
        "soil_is_mineral": True,
        "yields_kept": True,
        "same_laboratory_method": True,
    },
}
_BEFORE = [(12.0, 9.0), (12.8, 9.4), (11.6, 8.8), (12.3, 9.1)]
_AFTER = [(13.5, 9.5), (14.0, 9.8), (12.9, 9.2), (13.9, 9.7)]


def _layers(cores, density):
    rows = ["core,layer,top,bottom,carbon,bulk_density,coarse"]
    for core, (upper, lower) in enumerate(cores, 1):
        rows += [f"{core},1,0,10,{upper},{density},0.05", f"{core},2,10,30,{lower},{density},0.05"]
    return "\n".join(rows)


MEASURED_SHEETS = {
    "strata": "stratum,area\n1,500",
    "cores": "core,stratum,sampled_depth\n1,1,30\n2,1,30\n3,1,30\n4,1,30",
    "layers_before": _layers(_BEFORE, 1.30),
    "layers_after": _layers(_AFTER, 1.34),
}

GRASS = PERIOD | {
    "units": {"area": "ha", "heads_baseline": "只", "heads_project": "只"},
    "declared": declared(
        elapsed=(0, "yr"), other_emissions=(15, "tCO2e"), leakage=(60, "tCO2e"), risk_percent=(10, "%")
    ),
    "facts": {
        "grassland_degrades": True,
        "grazing_plan": True,
        "ploughed": False,
        "herd_leakage_settled": True,
        "output_kept": True,
        "soil_is_mineral": True,
    },
}
GRASS_SHEETS = {
    "strata": """
stratum,area,climate_zone,soil,soil_basis
1,800,cool temperate dry,high activity clay,default
2,500,cool temperate dry,sandy,default
""",
    "practices": """
stratum,scenario,management,input_level
1,baseline,severely degraded,medium
1,project,nominally managed,medium
2,baseline,high-intensity grazing,medium
2,project,improved grassland,grassland high
""",
    "herds": """
livestock,heads_baseline,heads_project
sheep,2400,1600
cattle,90,90
""",
}


def tidal():
    return Handed("vm0033/v2_1", TIDAL, TIDAL_SHEETS)


def mangrove():
    return Handed("ccer_14_002/v01", MANGROVE, MANGROVE_SHEETS)


def tier1():
    return Handed("soc_tier1/v2019", TIER1, TIER1_SHEETS)


def tier2():
    return Handed("soc_tier2/v2019", TIER2, TIER2_SHEETS)


def measured():
    return Handed("soc_measured/v01", MEASURED, MEASURED_SHEETS)


def grass():
    return Handed("ar_cm_004/v01", GRASS, GRASS_SHEETS)
