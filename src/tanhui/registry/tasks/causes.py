"""Why the register and the source differ, or where the source differs from itself: each cause with its quantity."""

from dataclasses import dataclass, field
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop

SENTENCES = {
    "refused": gettext_noop("The act refused: %(refusal)s"),
    "retired_beyond_issued": gettext_noop(
        "The table retires %(retired)s t of the %(issued)s t the owner got; the act refused what never existed."
    ),
    "not_issued": gettext_noop("These units were never issued here, since their issuance was refused."),
    "nothing_to_issue": gettext_noop("The row states no quantity (“%(stated)s”); asked all the same, the act refused."),
    "no_period": gettext_noop("The row states no quantity and no reporting period, or no verifier; nothing was asked."),
    "mistyped": gettext_noop(
        "%(given)s is no issuance, and exactly one of that vintage is one edit away, so it is mistyped: taken for "
        "%(nearest)s."
    ),
    "unknown_issuance": gettext_noop("%(given)s is no issuance, and %(count)s of that vintage are one edit away."),
    "issued_in_parts": gettext_noop(
        "Issued there in parts on %(days)s, here once with a batch for each part, on the last of these days."
    ),
    "invalid_after_retirement": gettext_noop(
        "Declared invalid after it had been retired: the restated report leaves it out, the table counts it. Retired "
        "with nobody named."
    ),
    "replacement_in_column": gettext_noop(
        "Surrendered for invalid credits: the table counts it as compliance, the register as replacement."
    ),
    "missing_in_table": gettext_noop(
        "The report's rows and its summary agree on this surrender; the table of issuances lacks it."
    ),
    "report_contained": gettext_noop("%(report)s is contained in a fuller report and was not counted again."),
    "report_later": gettext_noop("%(report)s came out after the snapshot and was not taken."),
    "remark_contradicts": gettext_noop(
        "The comment states %(told)s t where the column states %(column)s t; the column counts."
    ),
    "pool_event_unknown": gettext_noop("Retired from the buffer pool; the source does not say for which reversal."),
    "other_operator": gettext_noop(
        "Issued to %(owner)s, who has the project here, and passed on to %(operator)s, the operator the row names."
    ),
    "reversal_beyond_issued": gettext_noop(
        "The reversal of %(on)s is greater than the %(issued)s t ever issued for the project; %(owed)s t stay owed."
    ),
    "nobody_named": gettext_noop("The source names no entity for these; the operator retired them for nobody named."),
    "restated": gettext_noop("%(column)s: %(before)s in the snapshot of %(earlier)s, %(after)s in this one."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. ``quantity_t`` is what it concerns; ``effect_t`` what it adds to the register's figure for
    ``issuance`` under ``reason``, zero where the difference lies within the source and was settled. ``entity`` is whose
    account the effect falls on, where that is a compliance entity's."""

    code: str
    issuance: str
    reason: str
    quantity_t: int
    effect_t: int = 0
    entity: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None

    def say(self, code: str = "en") -> str:
        """The sentence in one language (``zh-hans`` or ``en``)."""
        facts = self.facts | ({"refusal": self.refusal.say(code)} if self.refusal else {})
        return language.translate(SENTENCES[self.code], code) % facts

    def plain(self) -> dict[str, Any]:
        """For machines."""
        return {
            "cause": self.code, "issuance": self.issuance, "reason": self.reason, "quantity_t": self.quantity_t,
            "effect_t": self.effect_t, "entity": self.entity, "facts": self.facts,
            "refusal": self.refusal.code if self.refusal else None, "sentence": self.say(),
        }  # fmt: skip
