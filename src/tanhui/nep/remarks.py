"""What a verifier should look at in a run's statistics. A remark never changes a number and refuses nothing."""

from collections.abc import Iterable, Iterator

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop
from tanhui.nep.rows import ALL, AREA, Remark, Row, grams_per_m2
from tanhui.science import ecosystems, plausible

LEAST_COVERAGE = 0.98
MANY_FLAGGED = 0.05

SENTENCES = {
    "mean_implausible": gettext_noop(
        "The mean of %(mean)s gC m⁻² a⁻¹ lies outside 0.3 to 3 times what was published for this type. Compare inputs "
        "and units before verifying."
    ),
    "jump": gettext_noop(
        "The sink changed by %(percent)s %% since the year before. Look whether weather or land use explains it, or a "
        "change of data."
    ),
    "coverage": gettext_noop(
        "Only %(percent)s %% of the area to be computed has data; the rest counts as nothing. Say so wherever the "
        "number is used."
    ),
    "rh_above_respiration": gettext_noop(
        "In %(percent)s %% of the cells modelled heterotrophic respiration exceeds the respiration of the whole "
        "ecosystem, which cannot be."
    ),
    "source": gettext_noop("The central value is below zero: this zone or type gave off carbon."),
}


def found(rows: Iterable[Row]) -> tuple[Remark, ...]:
    """Remarks on types of the whole area, and on zones as a whole."""
    return tuple(
        remark for row in rows if row.cells and (row.level == AREA or row.type == ALL) for remark in about(row)
    )


def about(row: Row) -> Iterator[Remark]:
    mean = grams_per_m2(row, row.computed_m2)
    if row.due and not plausible.type_is_plausible(ecosystems.CODES[row.type], mean):
        yield remark("mean_implausible", row, mean=f"{mean:.1f}")
    if row.jump and row.change_kg_co2 is not None:
        before = abs(row.nep_kg_co2 - row.change_kg_co2)
        yield remark("jump", row, percent=f"{100 * row.change_kg_co2 / before:+.0f}" if before else "∞")
    if row.coverage < LEAST_COVERAGE:
        yield remark("coverage", row, percent=f"{100 * row.coverage:.1f}")
    if row.flags["rh_above_respiration"] > MANY_FLAGGED * row.cells:
        yield remark("rh_above_respiration", row, percent=f"{100 * row.flags['rh_above_respiration'] / row.cells:.0f}")
    if row.nep_kg_co2 < 0:
        yield remark("source", row)


def remark(code: str, row: Row, **facts: str) -> Remark:
    return Remark(code=code, year=row.year, level=row.level, zone=row.zone, type=row.type, facts=facts)


def say(one: Remark, code: str = "zh-hans") -> str:
    """The remark's sentence in one language."""
    return language.translate(SENTENCES[one.code], code) % one.facts
