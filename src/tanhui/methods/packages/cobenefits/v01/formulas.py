"""Air pollutants that go with a reduction: activity times factor. Indicative; masses of pollutants, not of CO2e."""

import math

from tanhui.methods.engine.formula import formula
from tanhui.science.biomass import Values

MG_PER_KG = 1_000_000
G_PER_KG = 1000


@formula(
    symbol="E_th",
    unit="kWh",
    over="saving",
    equation="E_th = E·s",
    bounds=(0, 1e12),
    en="Thermal electricity replaced",
    zh="替代的火电电量",
)
def thermal(replaced: Values, thermal_share: Values) -> Values:
    return replaced * thermal_share


@formula(
    symbol="m_Dust",
    unit="kg",
    over="project",
    equation="m = Σ E_th·e_Dust",
    bounds=(0, 1e9),
    en="Dust avoided in power plants",
    zh="电厂烟尘减排",
)
def dust_avoided(thermal: Values, thermal_dust: Values) -> float:
    return math.fsum(thermal * thermal_dust) / MG_PER_KG


@formula(
    symbol="m_SO2",
    unit="kg",
    over="project",
    equation="m = Σ E_th·e_SO2",
    bounds=(0, 1e9),
    en="SO2 avoided in power plants",
    zh="电厂二氧化硫减排",
)
def so2_avoided(thermal: Values, thermal_so2: Values) -> float:
    return math.fsum(thermal * thermal_so2) / MG_PER_KG


@formula(
    symbol="m_HC",
    unit="kg",
    over="project",
    equation="m = Σ km·e_HC",
    bounds=(0, 1e9),
    en="HC avoided on the road",
    zh="道路 HC 减排",
)
def hc_avoided(avoided: Values, vehicle_hc: float) -> float:
    return math.fsum(avoided * vehicle_hc) / G_PER_KG


@formula(
    symbol="m_CO",
    unit="kg",
    over="project",
    equation="m = Σ km·e_CO",
    bounds=(0, 1e9),
    en="CO avoided on the road",
    zh="道路 CO 减排",
)
def co_avoided(avoided: Values, vehicle_co: float) -> float:
    return math.fsum(avoided * vehicle_co) / G_PER_KG


@formula(
    symbol="m_PM2.5",
    unit="kg",
    over="project",
    equation="m = Σ km·e_PM2.5",
    bounds=(0, 1e9),
    en="PM2.5 avoided on the road",
    zh="道路 PM2.5 减排",
)
def pm_avoided(avoided: Values, vehicle_pm: float) -> float:
    return math.fsum(avoided * vehicle_pm) / G_PER_KG


@formula(
    symbol="m_NOx,p",
    unit="kg",
    over="project",
    equation="m = Σ E_th·e_NOx",
    bounds=(0, 1e9),
    en="NOx avoided in power plants",
    zh="电厂氮氧化物减排",
)
def nox_power(thermal: Values, thermal_nox: Values) -> float:
    return math.fsum(thermal * thermal_nox) / MG_PER_KG


@formula(
    symbol="m_NOx,r",
    unit="kg",
    over="project",
    equation="m = Σ km·e_NOx",
    bounds=(0, 1e9),
    en="NOx avoided on the road",
    zh="道路氮氧化物减排",
)
def nox_road(avoided: Values, vehicle_nox: float) -> float:
    return math.fsum(avoided * vehicle_nox) / G_PER_KG


@formula(
    symbol="m_NOx",
    unit="kgNOx",
    over="project",
    equation="m_NOx = m_NOx,p + m_NOx,r",
    bounds=(0, 1e9),
    en="NOx avoided (indicative; a mass of NOx, not of CO2e)",
    zh="氮氧化物减排量（参考值；为 NOx 质量，非 CO2e）",
)
def nox_avoided(nox_power: float = 0.0, nox_road: float = 0.0) -> float:
    return nox_power + nox_road
