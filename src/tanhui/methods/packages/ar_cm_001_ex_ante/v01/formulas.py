"""What is expected to grow, before anything is measured. F9 for the curve, F4a and F3 for its carbon."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import growth
from tanhui.science.biomass import Values
from tanhui.science.trees import Index


@formula(
    symbol="C_j(t)",
    unit="tCO2",
    over="parcel|year",
    equation="F9, F4a, F3: 44/12·A·CF·D·BEF·(1+R)·a·(1 − e^(−b·AGE))^c",
    bounds=(0, np.inf),
    en="Stock expected on the parcel, now and at the end of each year",
    zh="地块预估碳储量（期初及逐年年末）",
)
def projected_stock(
    parcel_age: Values,
    parcel_area: Values,
    parcel_group: Index,
    curve_asymptote: Values,
    curve_rate: Values,
    curve_shape: Values,
    wood_density: Values,
    expansion_factor: Values,
    root_shoot_ratio: Values,
    group_carbon_fraction: Values,
    horizon: float,
) -> Values:
    curves = np.stack([curve_asymptote, curve_rate, curve_shape], axis=1)
    carbon = wood_density * expansion_factor * (1 + root_shoot_ratio) * group_carbon_fraction
    return growth.projection(parcel_age, parcel_area, parcel_group, curves, carbon, int(horizon))


@formula(
    symbol="C(t)",
    unit="tCO2",
    over="year",
    equation="Σ_j C_j(t)",
    en="Stock expected at the end of each year",
    zh="逐年年末预估碳储量",
)
def yearly_stock(projected_stock: Values) -> Values:
    stock: Values = projected_stock.sum(axis=0)
    return stock


@formula(
    symbol="ΔC(t)/A",
    unit="tCO2/(ha·a)",
    over="year",
    equation="F3: (C(t) − C(t−1)) / A",
    bounds=(-np.inf, 30),
    en="Growth expected in each year, per hectare",
    zh="逐年每公顷预估增量",
)
def yearly_growth(yearly_stock: Values, parcel_area: Values) -> Values:
    return np.diff(yearly_stock) / math.fsum(parcel_area)


@formula(
    symbol="ΔC_NET",
    unit="tCO2e",
    over="project",
    equation="F1: C(T) − C(0) − ΔC_BSL·T",
    en="Removal expected before deductions",
    zh="扣减前预估净碳汇量",
)
def expected_change(yearly_stock: Values, baseline_yearly: float, horizon: float) -> float:
    return float(yearly_stock[-1] - yearly_stock[0]) - baseline_yearly * int(horizon)


@formula(
    symbol="CDR_exp",
    unit="tCO2e",
    over="project",
    equation="ΔC_NET·(1 − K_RISK), an expectation",
    en="Removal expected (ex ante; never issued)",
    zh="预估碳汇量（事前预估，不得签发）",
)
def expected_removal(expected_change: float, risk_deduction: float) -> float:
    return expected_change * (1 - risk_deduction / 100) if expected_change > 0 else expected_change
