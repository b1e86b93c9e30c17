"""IPCC 2019, Volume 4, Chapter 5: three pools of soil carbon at steady state, before a change of practice and on the
way after it. Units stand at sites, sites have twelve months."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, sampling, soil
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index
from tanhui.science.soil import Pools, Transfers

NONE = np.zeros(())


@formula(
    symbol="f_T",
    unit="-",
    over="month",
    equation="5.0E: x^0.2·exp[(0.2/2.63)(1 − x^2.63)], x = (45 − T)/(45 − 33.69)",
    bounds=(0, 1.001),
    en="Effect of temperature",
    zh="逐月温度效应",
)
def temperature_effect(temperature: Values, highest_temperature: float, best_temperature: float) -> Values:
    return soil.temperature_factor(temperature, highest_temperature, best_temperature)


@formula(
    symbol="f_W",
    unit="-",
    over="month",
    equation="5.0F: 0.2129 + 1.331·m − 0.2413·m², m = min(1.25, P/PET); 0.775 irrigated",
    bounds=(0, 1.6),
    en="Effect of water",
    zh="逐月水分效应",
)
def water_effect(precipitation: Values, evapotranspiration: Values, irrigated: Values, water_slope: float) -> Values:
    return soil.water_factor(precipitation, evapotranspiration, irrigated, water_slope)


@formula(
    symbol="tfac",
    unit="-",
    over="site",
    equation="5.0E: Σ f_T / 12",
    en="Temperature factor of the year",
    zh="年温度因子",
)
def site_temperature(temperature_effect: Values, month_site: Index) -> Values:
    return sampling.means(temperature_effect, month_site, int(month_site.max()) + 1)


@formula(
    symbol="wfac",
    unit="-",
    over="site",
    equation="5.0F: 1.5·Σ f_W / 12",
    en="Water factor of the year",
    zh="年水分因子",
)
def site_water(water_effect: Values, month_site: Index) -> Values:
    return 1.5 * sampling.means(water_effect, month_site, int(month_site.max()) + 1)


@formula(
    symbol="tfac·wfac",
    unit="-",
    over="practice",
    equation="5.0B to 5.0D",
    en="Climate of the unit",
    zh="单元气候因子",
)
def climate(site_temperature: Values, site_water: Values, practice_site: Index) -> Values:
    return (site_temperature * site_water)[practice_site]


@formula(
    symbol="k_a",
    unit="1/yr",
    over="practice",
    equation="5.0B: tfac·wfac·till·(0.25 + 0.75·sand)·7.4",
    en="Decay of the active pool",
    zh="活性库分解速率",
)
def rate_active(climate: Values, tillage_factor: Values, sand: Values, decay_active: float) -> Values:
    return soil.decay(Pools(np.asarray(decay_active), NONE, NONE), climate, tillage_factor, sand).active


@formula(
    symbol="k_s",
    unit="1/yr",
    over="practice",
    equation="5.0C: tfac·wfac·till·0.209",
    en="Decay of the slow pool",
    zh="慢性库分解速率",
)
def rate_slow(climate: Values, tillage_factor: Values, sand: Values, decay_slow: float) -> Values:
    return soil.decay(Pools(NONE, np.asarray(decay_slow), NONE), climate, tillage_factor, sand).slow


@formula(
    symbol="k_p",
    unit="1/yr",
    over="practice",
    equation="5.0D: tfac·wfac·0.00689",
    en="Decay of the passive pool",
    zh="惰性库分解速率",
)
def rate_passive(climate: Values, tillage_factor: Values, sand: Values, decay_passive: float) -> Values:
    return soil.decay(Pools(NONE, NONE, np.asarray(decay_passive)), climate, tillage_factor, sand).passive


@formula(
    symbol="α",
    unit="tC/ha/yr",
    over="practice",
    equation="5.0G: [β·f1 + (C(1−L) − β)·f2 + C·L·f3·(f7 + f6·f8)] / (1 − f4·f7 − f5·f8 − f4·f6·f8), β ≥ 0",
    en="Carbon that enters the active pool",
    zh="进入活性库的碳",
)
def entering(
    carbon: Values,
    lignin: Values,
    nitrogen: Values,
    sand: Values,
    metabolic_to_active: float,
    structural_to_active: Values,
    structural_to_slow: float,
    active_to_passive: float,
    slow_to_passive: float,
    slow_to_active: float,
    passive_to_active: float,
) -> Values:
    return soil.entering_active(
        carbon,
        lignin,
        nitrogen,
        sand,
        Transfers(
            metabolic_to_active=metabolic_to_active,
            structural_to_active=structural_to_active,
            structural_to_slow=structural_to_slow,
            active_to_passive=active_to_passive,
            slow_to_passive=slow_to_passive,
            slow_to_active=slow_to_active,
            passive_to_active=passive_to_active,
        ),
    )


@formula(
    symbol="A*",
    unit="tC/ha",
    over="practice",
    equation="5.0G: α / k_a",
    bounds=(0, 50),
    en="Active pool at steady state",
    zh="稳态活性库",
)
def active(entering: Values, rate_active: Values) -> Values:
    return entering / rate_active


@formula(
    symbol="S*",
    unit="tC/ha",
    over="practice",
    equation="5.0G: (C·L·f3 + A*·k_a·f4) / k_s, f4 = 1 − f5 − (0.17 + 0.68·sand)",
    bounds=(0, 200),
    en="Slow pool at steady state",
    zh="稳态慢性库",
)
def slow(
    carbon: Values,
    lignin: Values,
    sand: Values,
    active: Values,
    rate_active: Values,
    rate_slow: Values,
    structural_to_slow: float,
    active_to_passive: float,
) -> Values:
    return soil.slow_pool(
        carbon * lignin * structural_to_slow, active * rate_active, sand, active_to_passive, rate_slow
    )


@formula(
    symbol="P*",
    unit="tC/ha",
    over="practice",
    equation="5.0G: (A*·k_a·f5 + S*·k_s·f6) / k_p",
    bounds=(0, 1000),
    en="Passive pool at steady state",
    zh="稳态惰性库",
)
def passive(
    active: Values,
    slow: Values,
    rate_active: Values,
    rate_slow: Values,
    rate_passive: Values,
    active_to_passive: float,
    slow_to_passive: float,
) -> Values:
    return soil.passive_pool(active * rate_active, slow * rate_slow, active_to_passive, slow_to_passive, rate_passive)


@formula(
    symbol="SOC*",
    unit="tC/ha",
    over="practice",
    equation="A* + S* + P*",
    bounds=(0, 1000),
    en="Stock at steady state",
    zh="稳态储量",
)
def steady(active: Values, slow: Values, passive: Values) -> Values:
    return active + slow + passive


@formula(
    symbol="SOC_0",
    unit="tC/ha",
    over="unit",
    equation="SOC_0 = SOC*",
    en="Stock before the change",
    zh="措施前储量",
)
def stock_before(steady: Values) -> Values:
    return steady[: len(steady) // 2]


@formula(
    symbol="SOC_t",
    unit="tC/ha",
    over="unit",
    equation="5.0A: y_(n+1) = y_n + (y* − y_n)·min(1, k)",
    bounds=(0, 1000),
    en="Stock after the years of the period",
    zh="监测期末储量",
)
def stock_after(
    active: Values,
    slow: Values,
    passive: Values,
    rate_active: Values,
    rate_slow: Values,
    rate_passive: Values,
    years: float,
) -> Values:
    half = len(active) // 2
    before = Pools(active[:half], slow[:half], passive[:half])
    goal = Pools(active[half:], slow[half:], passive[half:])
    return soil.approach(before, goal, Pools(rate_active[half:], rate_slow[half:], rate_passive[half:]), years).total


@formula(
    symbol="ΔC",
    unit="tC/ha/yr",
    over="unit",
    equation="(SOC_t − SOC_0) / T",
    bounds=(-20, 20),
    en="Yearly change of the stock",
    zh="储量年变化",
)
def yearly_change(stock_before: Values, stock_after: Values, years: float) -> Values:
    return (stock_after - stock_before) / years


@formula(
    symbol="ΔC_soil",
    unit="tCO2e",
    over="project",
    equation="44/12·Σ A·(SOC_t − SOC_0)",
    en="Removal over the period (statistics)",
    zh="监测期净清除量（统计量）",
)
def removal(stock_before: Values, stock_after: Values, area: Values) -> float:
    return math.fsum(biomass.carbon_dioxide((stock_after - stock_before) * area))
