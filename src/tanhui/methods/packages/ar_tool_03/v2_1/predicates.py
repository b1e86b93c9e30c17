"""When the tool may be used."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


@predicate(
    clause="AR-TOOL03 v2.1.0 范围：参数与模型视为无误差 / AR-TOOL03 v2.1.0: models taken as exact",
    evidence_asked="所用生物量方程及其来源清单 / list of the biomass equations and their source",
    en="The error of biomass equations is left out here and accounted for elsewhere",
    zh="此处不计生物量方程本身的误差，另行核算",
)
def model_error_is_elsewhere(facts: Mapping[str, Any]) -> Answer:
    if "model_error_is_elsewhere" not in facts:
        return "needs_evidence"
    return "pass" if facts["model_error_is_elsewhere"] else "fail"
