"""Claiming what a verified quantity is counted from: each parcel, meter or facility once for any day."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, connection, transaction

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods import guards
from tanhui.methods.engine import execution, shelf
from tanhui.registry.models import Claim, Period, Project

ONE_DAY = dt.timedelta(days=1)
SHOWN = 5  # things that a refusal names


class CountedElsewhere(Refusal):
    code = "registry.counted_elsewhere"
    sentence = gettext_noop(
        "%(count)s of what this run counts is already counted by project %(project)s from %(first)s to %(last)s: "
        "%(things)s. Leave it out and compute again, or choose other days; if it is something else of the same name, "
        "name it as the land survey, the grid company or the licence does."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十八条（唯一性）"


class NothingNamed(Refusal):
    code = "registry.nothing_named"
    sentence = gettext_noop(
        "The run of %(package)s does not name what it counts, so that nobody can see whether it is counted elsewhere "
        "too. List the land by its official numbers in the project file (parcels), and compute again."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十八条（唯一性）"
    status = 422


def claims(bundle: bytes, *, demonstration: bool) -> list[guards.Claim]:
    """What the run of a bundle claims, in the order of the keys. A run that names nothing though its methodology's
    things may be counted once is refused with ``NothingNamed``, unless it is a demonstration's.

    Refuses with ``methods.not_a_bundle`` and ``methods.no_such_package``.
    """
    content = execution.read(bundle)
    package = shelf.load(f"{content['package'].get('code')}/{content['package'].get('version')}")
    try:
        found = sorted(guards.claims(package.metadata, content["axes"], content["inputs"]["project"]), key=_key)
    except (KeyError, TypeError, AttributeError) as problem:
        raise execution.NotABundle("shape", parts="axes, inputs") from problem
    if not found and "double_count_key" in package.metadata and not demonstration:
        raise NothingNamed(package=package.name)
    return found


def keep(period: Period, wanted: list[guards.Claim]) -> None:
    """Keep a period's claims for the days it is verified for. Refuses with ``CountedElsewhere``, naming the project.

    Filings wait for each other here, for two that claim the same at the same moment would otherwise each wait for the
    other's row and one of them fail for no reason that anyone could be told.
    """
    if not wanted:
        return
    rows = {
        one.key: Claim(period=period, activity=one.activity, thing=one.thing, key=one.key, days=period.span)
        for one in wanted
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('registry_claim', 0))")
    try:
        with transaction.atomic():
            Claim.objects.bulk_create(rows.values())
    except IntegrityError as error:
        if "nothing_is_counted_twice" not in str(error):
            raise
        raise _refused(list(rows), period) from error


def _refused(keys: list[str], period: Period) -> CountedElsewhere:
    held = Claim.objects.filter(key__in=keys, days__overlap=period.span).order_by("period_id", "key")
    first = held.select_related("period__project").first()
    if first is None:  # gone between the two looks: claims are for good, so that cannot be
        raise LookupError("a claim was in the way and is nowhere to be found")
    things = list(held.filter(period=first.period_id).values_list("thing", flat=True).distinct().order_by("thing"))
    more = ["…"] if len(things) > SHOWN else []
    return CountedElsewhere(
        count=len(things),
        project=_named(first.period.project),
        first=first.days.lower.isoformat(),
        last=(first.days.upper - ONE_DAY).isoformat(),
        things=", ".join([one[:60] for one in things[:SHOWN]] + more),
    )


def _named(project: Project) -> str:
    return f"{project.number:06d} {project.name}"


def _key(claim: guards.Claim) -> Any:
    return claim.key
