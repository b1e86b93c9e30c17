"""What the rule packs say to the register, read for the day of an act."""

from datetime import date

from tanhui.registry.acts.issuance import Window
from tanhui.registry.models import Project
from tanhui.rulepacks import queries


def issuance_window(project: Project, on: date) -> Window:
    """How old a period may be when its issuance is applied for, by the project's own rule pack (I-01, I-02).

    Refuses with ``rulepacks.NoPackInForce`` when the pack is not in force that day.
    """
    pack = queries.pack(project.rule_pack, on)
    after = pack.params.get("reductions_generated_after")
    reach = pack.params.get("application_reach")
    earliest = after.value if after else None
    years = reach.value if reach else None
    return Window(
        generated_after=earliest if isinstance(earliest, date) else None,
        years=years if isinstance(years, int) else None,
    )
