"""From the change of the pools to what may be credited."""

import math
from collections.abc import Sequence

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.methods.precision import MorePlotsNeeded
from tanhui.science.biomass import Values


def net_of(gains: Sequence[float], fires: float) -> float:
    """What the pools gained less what fires emitted, exact in the sum; in the unit of the terms. F2."""
    return math.fsum([*gains, -fires])


@formula(
    symbol="ΔC_NET",
    unit="tCO2e",
    over="project",
    equation="F1: ΔC_ACTUAL − ΔC_BSL − LK",
    en="Net removal before deductions",
    zh="扣减前净碳汇量",
)
def change_net(change_actual: float, baseline_change: float, leakage: float) -> float:
    return math.fsum([change_actual, -baseline_change, -leakage])


@formula(
    symbol="DR",
    unit="%",
    over="project",
    equation="max(u_1, u_2) ≤ 10, 20, 30 %",
    en="Uncertainty deduction",
    zh="不确定性扣减率",
)
def deduction(uncertainty: Values, uncertainty_deduction: tuple[Values, Values]) -> float:
    upper, rates = uncertainty_deduction
    widest = float(np.max(uncertainty))
    place = int(np.searchsorted(upper, widest))  # a class includes its upper bound
    if place == len(rates):
        raise MorePlotsNeeded(uncertainty=f"{widest:.1f}", limit=f"{upper[-1]:g}")
    return float(rates[place])


@formula(
    symbol="ΔC_NET·(1−DR)",
    unit="tCO2e",
    over="project",
    equation="ΔC_NET·(1 − DR), ΔC_NET > 0",
    en="Net removal after the uncertainty deduction",
    zh="不确定性扣减后净碳汇量",
)
def change_certain(change_net: float, deduction: float) -> float:
    return change_net * (1 - deduction / 100) if change_net > 0 else change_net


@formula(
    symbol="CDR",
    unit="tCO2e",
    over="project",
    equation="CCER-14-001: (ΔC_PROJ − ΔC_BSL − LK)·(1 − K_RISK)",
    en="Removal after the non-permanence deduction",
    zh="项目减排量（扣除非持久性风险后）",
)
def removal(change_certain: float, risk_deduction: float) -> float:
    return change_certain * (1 - risk_deduction / 100) if change_certain > 0 else change_certain
