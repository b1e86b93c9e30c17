"""What a run's figures were held against, written into its folder for report and archive: the year's own measurements
or the comparison this product ships with, and the word of the verifier."""

import csv
import json
from pathlib import Path

from django.utils import translation

from tanhui.inventory import methods, runs
from tanhui.inventory.models import Computation, Verification
from tanhui.kernel import clock

WORD = "verification.json"  # as ``nep.facts`` reads it


def validate(row: Computation) -> None:
    """Compare the models with the measurements the year names, before anything is computed, and write
    ``validation.json``; without any, what this version was held against stands there and says so.

    Refuses as ``nep.validation.against``.
    """
    from tanhui.nep import validation  # loads numpy

    given = measured(row)
    folder = runs.folder(row)
    folder.mkdir(parents=True, exist_ok=True)
    if "flux" in given or "srdb" in given:
        found = validation.against(flux=given.get("flux"), srdb=given.get("srdb"), sites=given.get("sites"))
        validation.write(folder, found)
    else:
        validation.adopt(folder)


def measured(row: Computation) -> dict[str, Path]:
    """The tables of measurements the year names, by what their columns say they are."""
    from tanhui.nep import observations

    kinds = {"flux": observations.FLUX_COLUMNS, "srdb": observations.SRDB_COLUMNS, "sites": observations.SITE_COLUMNS}
    found: dict[str, Path] = {}
    uses = row.accounting_year.uses.filter(layer__startswith=methods.VALIDATION)
    for use in uses.select_related("dataset", "accounting_year").order_by("layer"):
        path = runs.data_folder(row) / runs.stored(use)
        columns = head(path)
        kind = next((one for one, wanted in kinds.items() if set(wanted) <= columns), "")
        if kind:
            found.setdefault(kind, path)
    return found


def head(path: Path) -> set[str]:
    """The names of a table's columns; none of what is no table."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return set()
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return set(next(csv.reader(file), []))


def tell_verification(row: Computation, folder: Path) -> None:
    """Write ``verification.json``: who confirmed the figures, and what they compared them with."""
    word = Verification.objects.select_related("organisation").get(computation=row)
    with translation.override("zh-hans"):  # the papers are Chinese
        said = {
            "verifier": word.organisation.name, "opinion": word.opinion, "outcome": word.get_outcome_display(),
            "signed": clock.day(word.at).isoformat(), "statistics_sha256": word.statistics_sha256,
            "comparisons": [
                {
                    "with": one.get_kind_display(), "finding": one.get_verdict_display(), "numbers": one.result,
                    "note": one.note,
                }
                for one in row.cross_checks.order_by("at", "pk")
            ],
        }  # fmt: skip
    content = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / WORD).write_text(content, encoding="utf-8")
