"""When the estimate may be trusted."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


@predicate(
    clause="AR-TOOL14：样地随机或系统布设 / AR-TOOL14: plots at random, or by a grid with a random start",
    evidence_asked="调查前公布随机种子的样地布设图 / map of the plots with its seed, published before the survey",
    en="The plots were laid before anyone went to the field, by a rule that nobody could steer",
    zh="样地位置在外业前按固定规则确定，任何人不能挑选",
)
def plots_fixed_before(facts: Mapping[str, Any]) -> Answer:
    if "plots_fixed_before" not in facts:
        return "needs_evidence"
    return "pass" if facts["plots_fixed_before"] else "fail"
