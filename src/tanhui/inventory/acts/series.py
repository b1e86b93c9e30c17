"""A back series: earlier years recomputed in the run of a year, by its method and on its grid, so that they compare."""

from datetime import datetime

from tanhui.identity.models import Person
from tanhui.inventory import methods, queries
from tanhui.inventory.models import AccountingYear, Use

LONGEST = 30  # years


def take_over(*, held: AccountingYear, by: Person, at: datetime) -> list[Use]:
    """Have the earlier years of a series computed from the data of their own published accounts, where nothing serves
    them yet; what a series no longer reaches serves no more. The uses that were made."""
    held.uses.exclude(of_year__isnull=True).exclude(of_year__in=held.earlier).delete()
    wanted = [*methods.yearly(held.method), methods.COVER]
    here = set(held.uses.filter(of_year__isnull=False).values_list("of_year", "layer"))
    earlier = queries.in_force().filter(
        organisation=held.organisation_id, division_code=held.division_code, year__in=held.earlier
    )
    rows = Use.objects.filter(accounting_year__in=earlier, of_year__isnull=True, layer__in=wanted)
    made = [
        Use(
            accounting_year=held, dataset=one.dataset, layer=one.layer, of_year=one.accounting_year.year,
            options=one.options, by=by, at=at,
        )
        for one in rows.select_related("accounting_year", "dataset").order_by("accounting_year__year", "layer")
        if (one.accounting_year.year, one.layer) not in here
    ]  # fmt: skip
    return Use.objects.bulk_create(made)
