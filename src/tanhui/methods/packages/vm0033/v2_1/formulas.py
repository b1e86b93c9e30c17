"""VM0033 v2.1, one monitoring period. Emissions are positive, removals negative; equation numbers of the source."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, wetland
from tanhui.science.biomass import CO2_PER_CARBON, Values
from tanhui.science.wetland import Texts


@formula(
    symbol="Rate_Closs",
    unit="tC/ha/yr",
    over="stratum",
    equation="(34), (35): Rate_Closs + (C%_0 − C%_t20)·BD·Depth·10/20",
    bounds=(0, 200),
    en="Yearly loss of carbon from the mineral soil",
    zh="基准线矿质土碳年损失",
)
def soil_loss(
    baseline_loss: Values,
    exposed_percent: Values,
    residual_carbon: float,
    exposed_density: Values,
    exposed_depth: Values,
) -> Values:
    return baseline_loss + wetland.exposed_loss(exposed_percent, residual_carbon, exposed_density, exposed_depth)


@formula(
    symbol="t_PDT",
    unit="yr",
    over="stratum",
    equation="(1): t_PDT = Depth_peat / Rate_peatloss",
    en="Peat depletion time",
    zh="泥炭耗竭年限",
)
def peat_depletion(peat_depth: Values, peat_loss: Values) -> Values:
    return wetland.peat_years(peat_depth, peat_loss)


@formula(
    symbol="t_SDT",
    unit="yr",
    over="stratum",
    equation="(2): t_SDT = C_BSL / Rate_Closs; e → 5; e% > 5 ∨ T_drained > 20 → 0",
    en="Soil carbon depletion time",
    zh="土壤碳耗竭年限",
)
def soil_depletion(
    baseline_stock: Values,
    soil_loss: Values,
    eroded: Values,
    erosion_share: Values,
    drained_years: Values,
    exposed_depth: Values,
) -> Values:
    years = wetland.mineral_years(baseline_stock, soil_loss, eroded, erosion_share, drained_years)
    return np.where(exposed_depth > 0, np.minimum(years, wetland.exposed_years(drained_years)), years)


@formula(
    symbol="T_BSL",
    unit="yr",
    over="stratum",
    equation="(26): T_BSL = min(t_2, t_PDT | t_SDT) − t_1",
    en="Years for which the baseline soil still emits",
    zh="基准线土壤仍在排放的年数",
)
def baseline_years(peat_depletion: Values, soil_depletion: Values, soil: Texts, elapsed: float, years: float) -> Values:
    return wetland.years_within(elapsed, elapsed + years, np.where(soil == "organic", peat_depletion, soil_depletion))


@formula(
    symbol="GHG_BSL-soil-CO2",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="(27), (32), (37), (48): 44/12·(10·Rate_subs·VC or Rate_Closs) + 44/12·C_eroded·C%_emitted/100",
    bounds=(0, 2000),
    en="Carbon dioxide from the baseline soil",
    zh="基准线土壤二氧化碳排放",
)
def baseline_soil_rate(
    soil: Texts,
    peat_loss: Values,
    peat_carbon: Values,
    soil_loss: Values,
    eroded_loss: Values,
    eroded_oxidised: Values,
) -> Values:
    lost = np.where(soil == "organic", 10 * peat_loss * peat_carbon, soil_loss)
    return wetland.oxidised(lost, np.full(len(lost), 100.0)) + wetland.oxidised(eroded_loss, eroded_oxidised)


@formula(
    symbol="GHG_BSL-soil",
    unit="tCO2e",
    over="stratum",
    equation="(26): A·GHG_BSL-soil-CO2·T_BSL",
    en="Baseline emissions of the soil",
    zh="基准线土壤排放",
)
def baseline_soil(area: Values, baseline_soil_rate: Values, baseline_years: Values) -> Values:
    return area * baseline_soil_rate * baseline_years


@formula(
    symbol="GHG_BSL-biomass",
    unit="tCO2e",
    over="stratum",
    equation="(24), (25): −44/12·A·(CF·Δb·T + C_herb·cover | t_1 = 0)",
    en="Baseline emissions of the biomass",
    zh="基准线生物量排放",
)
def baseline_biomass(
    area: Values,
    baseline_growth: Values,
    carbon_fraction: float,
    years: float,
    herb_stock: float,
    baseline_herb_cover: Values,
    elapsed: float,
) -> Values:
    herbs = herb_stock * baseline_herb_cover / 100 if elapsed == 0 else np.zeros(len(area))
    return -CO2_PER_CARBON * area * (baseline_growth * carbon_fraction * years + herbs)


@formula(
    symbol="GHG_BSL",
    unit="tCO2e",
    over="project",
    equation="(22): biomass + soil",
    en="Baseline emissions",
    zh="基准线排放",
)
def baseline(baseline_soil: Values, baseline_biomass: Values) -> float:
    return math.fsum(baseline_soil) + math.fsum(baseline_biomass)


@formula(
    symbol="ΔB",
    unit="t d.m.",
    over="stratum",
    equation="(75), (76): ΔB = A·(min[b_2, b_avg] − min[b_1, b_avg])",
    en="Change of tree and shrub biomass",
    zh="乔灌木生物量变化",
)
def biomass_change(area: Values, biomass_1: Values, biomass_2: Values, harvest_average: Values) -> Values:
    grown: Values = np.minimum(biomass_2, harvest_average) - np.minimum(biomass_1, harvest_average)
    return area * grown


@formula(
    symbol="GHG_WPS-biomass",
    unit="tCO2e",
    over="stratum",
    equation="(70), (75): −44/12·CF·ΔB",
    en="Project emissions of trees and shrubs",
    zh="项目乔灌木排放（负为清除）",
)
def project_biomass(biomass_change: Values, carbon_fraction: float) -> Values:
    return -biomass.carbon_dioxide(biomass_change * carbon_fraction)


@formula(
    symbol="GHG_WPS-herb",
    unit="tCO2e",
    over="stratum",
    equation="(70), (78): −44/12·A·C_herb·cover | t_1 = 0",
    en="Project emissions of herbs",
    zh="项目草本植被排放（负为清除）",
)
def project_herbs(area: Values, herb_stock: float, herb_cover: Values, elapsed: float) -> Values:
    return -CO2_PER_CARBON * area * herb_stock * herb_cover / 100 * (1.0 if elapsed == 0 else 0.0)


@formula(
    symbol="C_WPS-soil",
    unit="tC/ha/yr",
    over="stratum",
    equation="(29): C%·BD·Depth·10 | (33): 1.46·min[1, max(0, (cover − 15)/35)]",
    bounds=(0, 20),
    en="Carbon laid down in the soil",
    zh="土壤碳年积累量",
)
def soil_gain(
    soil_basis: Texts,
    soil_accumulation: float,
    cover: Values,
    soil_percent: Values,
    bulk_density: Values,
    accretion: Values,
) -> Values:
    measured = wetland.soil_carbon(soil_percent, bulk_density, accretion / 1000)
    return np.where(soil_basis == "default", wetland.default_accumulation(cover, soil_accumulation), measured)


@formula(
    symbol="GHG_WPS-soil-CO2",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="(36): −44/12·C",
    en="Carbon dioxide from the soil",
    zh="土壤二氧化碳排放（负为清除）",
)
def soil_carbon_dioxide(soil_gain: Values) -> Values:
    return wetland.accumulation_emission(soil_gain)


@formula(
    symbol="%C_alloch",
    unit="%",
    over="stratum",
    equation="(39)–(45): 100·(%C_soil − %C_autoch)/%C_soil",
    bounds=(0, 100),
    en="Share of the soil carbon that came from elsewhere",
    zh="外源碳比例",
)
def allochthonous(
    allochthonous_basis: Texts,
    allochthonous_share: Values,
    soil_percent: Values,
    sediment_matter: float,
    ecosystem: Texts,
) -> Values:
    computed = wetland.allochthonous_share(
        np.where(allochthonous_basis == "sediment", soil_percent, 10.0), np.array(sediment_matter), ecosystem
    )
    given = np.where(allochthonous_basis == "share", allochthonous_share, 0.0)
    return np.where(allochthonous_basis == "sediment", computed, given)


@formula(
    symbol="Deduction_alloch",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="(38): min(GHG_soil-CO2, 0)·%C_alloch/100",
    en="Deduction for carbon from elsewhere",
    zh="外源碳扣减",
)
def allochthonous_deduction(
    soil_carbon_dioxide: Values, allochthonous: Values, soil: Texts, ecosystem: Texts
) -> Values:
    exempt = (soil == "organic") | (ecosystem == "seagrass")
    return wetland.allochthonous_deduction(soil_carbon_dioxide, allochthonous, exempt)


@formula(
    symbol="GHG_WPS-soil-CH4",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="(60), (61): EF·GWP",
    bounds=(0, 100),
    en="Methane from the soil",
    zh="土壤甲烷排放",
)
def methane(methane_factor: Values, methane_measured: Values, methane_basis: Texts, gwp_methane: float) -> Values:
    return np.where(methane_basis == "measured", methane_measured, methane_factor) * gwp_methane


@formula(
    symbol="GHG_WPS-soil-N2O",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="(63)–(68): EF·GWP",
    bounds=(0, 100),
    en="Nitrous oxide from the soil",
    zh="土壤氧化亚氮排放",
)
def nitrous_oxide(
    nitrous_factor: Values, nitrous_measured: Values, nitrous_basis: Texts, gwp_nitrous_oxide: float
) -> Values:
    return np.where(nitrous_basis == "measured", nitrous_measured, nitrous_factor) * gwp_nitrous_oxide


@formula(
    symbol="GHG_WPS-soil",
    unit="tCO2e",
    over="stratum",
    equation="(79): A·(CO2 − Deduction + CH4 + N2O)·T",
    en="Project emissions of the soil",
    zh="项目土壤排放（负为清除）",
)
def project_soil(
    area: Values,
    soil_carbon_dioxide: Values,
    allochthonous_deduction: Values,
    methane: Values,
    nitrous_oxide: Values,
    years: float,
) -> Values:
    return area * (soil_carbon_dioxide - allochthonous_deduction + methane + nitrous_oxide) * years


@formula(
    symbol="GHG_WPS",
    unit="tCO2e",
    over="project",
    equation="(69): biomass + soil + burn + fuel",
    en="Project emissions",
    zh="项目排放（负为清除）",
)
def project(
    project_biomass: Values,
    project_herbs: Values,
    project_soil: Values,
    burning_emissions: float,
    fuel_emissions: float,
) -> float:
    stocks = math.fsum(project_biomass) + math.fsum(project_herbs) + math.fsum(project_soil)
    return stocks + burning_emissions + fuel_emissions


@formula(
    symbol="Uncertain_BSL,i",
    unit="%",
    over="stratum",
    equation="(87): √Σ(U·E)² / Σ|E|",
    en="Uncertainty of the stratum, baseline",
    zh="层不确定性（基准线）",
)
def baseline_uncertainties(
    baseline_soil: Values, baseline_biomass: Values, u_baseline_soil: Values, u_baseline_biomass: Values
) -> Values:
    return wetland.combined(
        np.stack([u_baseline_soil, u_baseline_biomass]), np.stack([baseline_soil, baseline_biomass])
    )


@formula(
    symbol="Uncertain_BSL",
    unit="%",
    over="project",
    equation="(88): √Σ(U·A)² / ΣA",
    en="Uncertainty of the baseline",
    zh="基准线不确定性",
)
def baseline_uncertainty(baseline_uncertainties: Values, area: Values) -> float:
    return wetland.across_strata(baseline_uncertainties, area)


@formula(
    symbol="Uncertain_WPS,i",
    unit="%",
    over="stratum",
    equation="(89): √Σ(U·E)² / Σ|E|",
    en="Uncertainty of the stratum, project",
    zh="层不确定性（项目）",
)
def project_uncertainties(
    project_soil: Values, project_biomass: Values, project_herbs: Values, u_soil: Values, u_biomass: Values
) -> Values:
    return wetland.combined(np.stack([u_soil, u_biomass]), np.stack([project_soil, project_biomass + project_herbs]))


@formula(
    symbol="Uncertain_WPS",
    unit="%",
    over="project",
    equation="(90): √Σ(U·A)² / ΣA",
    en="Uncertainty of the project",
    zh="项目不确定性",
)
def project_uncertainty(project_uncertainties: Values, area: Values) -> float:
    return wetland.across_strata(project_uncertainties, area)


@formula(
    symbol="NER_ERROR",
    unit="%",
    over="project",
    equation="(91): √[(U_BSL·GHG_BSL)² + (U_WPS·GHG_WPS)²] / (|GHG_BSL| + |GHG_WPS|)",
    en="Error of the net reduction",
    zh="净减排量误差",
)
def error(baseline_uncertainty: float, baseline: float, project_uncertainty: float, project: float) -> float:
    return wetland.net_error(baseline_uncertainty, baseline, project_uncertainty, project)


@formula(
    symbol="NER_RWE",
    unit="tCO2e",
    over="project",
    equation="(85): GHG_BSL − GHG_WPS + FRP − GHG_LK",
    en="Net reduction",
    zh="净减排量",
)
def net(baseline: float, project: float, fire_premium: float, leakage: float) -> float:
    return baseline - project + fire_premium - leakage


@formula(
    symbol="NER_capped",
    unit="tCO2e",
    over="project",
    equation="(86): min(NER, NER_100 − ΣNER)",
    en="Net reduction within the cap of a hundred years",
    zh="百年上限内的净减排量",
)
def capped(net: float, net_at_100: float, claimed_before: float) -> float:
    return min(net, max(net_at_100 - claimed_before, 0.0))


@formula(
    symbol="adjusted_NER",
    unit="tCO2e",
    over="project",
    equation="(92): NER − |NER|·max(0, NER_ERROR − allowable)/100",
    en="Net reduction adjusted for uncertainty",
    zh="经不确定性调整的净减排量",
)
def adjusted(capped: float, error: float, allowable_uncertainty: float) -> float:
    return wetland.adjusted(capped, error, allowable_uncertainty)


@formula(
    symbol="D_uncert",
    unit="tCO2e",
    over="project",
    equation="(92): NER − adjusted_NER",
    bounds=(0, np.inf),
    en="Deduction for uncertainty: never exists as units",
    zh="不确定性扣减量（不形成减排量单位）",
)
def uncertainty_deduction(capped: float, adjusted: float) -> float:
    return capped - adjusted


@formula(
    symbol="NER_stock",
    unit="tCO2e",
    over="project",
    equation="(94): GHG_BSL − GHG_WPS-biomass − GHG_WPS-herb − Σ A·(CO2 − Deduction)·T",
    en="Net change of carbon stocks",
    zh="碳储量净变化",
)
def stock_net(
    baseline: float,
    project_biomass: Values,
    project_herbs: Values,
    area: Values,
    soil_carbon_dioxide: Values,
    allochthonous_deduction: Values,
    years: float,
) -> float:
    soil = area * (soil_carbon_dioxide - allochthonous_deduction) * years
    return baseline - math.fsum(project_biomass) - math.fsum(project_herbs) - math.fsum(soil)


@formula(
    symbol="Buffer",
    unit="tCO2e",
    over="project",
    equation="(94): ΔNER_stock·Buffer%",
    bounds=(0, np.inf),
    en="Buffer: issued into the pooled account, not to the project",
    zh="缓冲量（存入汇总缓冲账户，不归项目所有）",
)
def buffer(stock_net: float, buffer_percent: float) -> float:
    return max(stock_net, 0.0) * buffer_percent / 100


@formula(
    symbol="VCU",
    unit="tCO2e",
    over="project",
    equation="(93): ΔNER_adjusted − Buffer",
    en="Net reduction after the buffer",
    zh="扣除缓冲后的净减排量",
)
def units(adjusted: float, buffer: float) -> float:
    return adjusted - buffer


@formula(
    symbol="VCU/yr",
    unit="tCO2e/yr",
    over="project",
    equation="VCU / T",
    en="Yearly average",
    zh="年均净减排量",
)
def annual_average(units: float, years: float) -> float:
    return units / years


@formula(
    symbol="VCU_t2",
    unit="tCO2e",
    over="project",
    equation="(93): VCU_t2",
    en="Units that may be issued to the project",
    zh="可签发给项目的减排量",
)
def removal(units: float) -> float:
    return units
