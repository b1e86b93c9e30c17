"""Opening an accounting year, or a revised edition of one; choosing its method and the body that verifies it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.models import Mandate, Organisation
from tanhui.inventory import methods, queries, roles
from tanhui.inventory.acts import series, steps
from tanhui.inventory.models import AccountingYear
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.nep import norms

DIVISION = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3}){0,2}", re.ASCII)
FIRST = 1950
SHORTEST, LONGEST = 0.5, 100  # years between two surveys of biomass


class DivisionUnreadable(Refusal):
    code = "inventory.division_unreadable"
    sentence = gettext_noop(
        "“%(code)s” is no administrative division code. Write the 6 digits of the district, or 9 or 12 of a town or "
        "village."
    )
    clause = "GB/T 2260; GB/T 10114"
    status = 422


class YearImpossible(Refusal):
    code = "inventory.year_impossible"
    sentence = gettext_noop("%(year)s cannot be accounted now. Choose a year from %(first)s to %(last)s.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第三条"
    status = 422


class OpenAlready(Refusal):
    code = "inventory.open_already"
    sentence = gettext_noop(
        "%(area)s %(year)s is open already, at “%(state)s”. Go on with it; a revision can be opened once it is "
        "published."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（一）项：统一核算"


class MethodUnusable(Refusal):
    code = "inventory.method_unusable"
    sentence = gettext_noop("The method cannot be used: %(what)s. Choose anew.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条、第六条"
    status = 422


class NotAVerifier(Refusal):
    code = "inventory.not_a_verifier"
    sentence = gettext_noop(
        "%(organisation)s is no verification body, or is the authority itself. Choose another that has no part in the "
        "accounting."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（二）项：验证"
    status = 422


@transaction.atomic
def open_year(
    *, area_name: str, division_code: str, year: int, method: Mapping[str, Any], due_on: date | None, mandate: Mandate,
    at: datetime, reason: str = "",
) -> AccountingYear:  # fmt: skip
    """Open the accounting year of an area, or, with a ``reason``, a revised edition of one that was published.

    Refuses with ``steps.NotTheAuthority``, ``DivisionUnreadable``, ``YearImpossible``, ``OpenAlready``,
    ``steps.ReasonMissing`` or ``MethodUnusable``.
    """
    steps.check_authority(mandate, at=at)
    organisation, person = mandate.membership.organisation, mandate.membership.person
    if not DIVISION.fullmatch(division_code):
        raise DivisionUnreadable(code=division_code[:20])
    if not FIRST <= year <= clock.day(at).year:
        raise YearImpossible(year=year, first=FIRST, last=clock.day(at).year)
    chosen = checked(method, year)
    same = queries.rows().filter(organisation=organisation, division_code=division_code, year=year)
    latest = same.order_by("-edition").first()
    if latest is not None and latest.state in AccountingYear.AT_WORK:
        raise open_already(latest)
    if latest is not None and not reason.strip():
        raise steps.ReasonMissing
    try:
        with transaction.atomic():
            made = AccountingYear.objects.create(
                organisation=organisation, area_name=area_name.strip()[:60] or organisation.name,
                division_code=division_code, year=year, edition=latest.edition + 1 if latest else 1, revises=latest,
                reason=reason.strip()[:500] if latest else "", method=chosen, due_on=due_on,
                verifier=latest.verifier if latest else None, opened_by=person, opened_at=at, changed_at=at,
            )  # fmt: skip
    except IntegrityError:  # a colleague opened it at the same moment
        raise open_already(same.order_by("-edition")[0]) from None
    if latest is not None:
        for use in latest.uses.all():
            made.uses.create(
                dataset=use.dataset, layer=use.layer, of_year=use.of_year, options=use.options, by=person, at=at
            )
    series.take_over(held=made, by=person, at=at)
    record(
        kind="inventory.opened",
        fact={"accounting_year": made.code, "state": made.state},
        private={"year": made.pk, "organisation": organisation.uscc, "method": chosen, "reason": made.reason},
        at=at,
        by=person.pk,
    )
    return made


def open_already(found: AccountingYear) -> OpenAlready:
    return OpenAlready(area=found.area_name, year=found.year, state=found.get_state_display())


def checked(method: Mapping[str, Any], year: int) -> dict[str, Any]:
    """The choice of method, if it can be used. Refuses with ``MethodUnusable``.

    ``norm`` a known norm, ``way`` its method (NPP − Rh where none is named), ``coefficients`` the version of its table,
    ``npp`` and ``respiration`` as in ``methods`` where the way has them, ``span`` the years between two surveys of
    biomass, ``like`` the input whose grid the run takes, ``since`` the first year of a back series, if there is to be
    one. Refuses with ``nep.method_not_in_norm`` what the norm does not admit.
    """
    norm, way = method.get("norm"), methods.way(method)
    if norm not in methods.NORMS:
        raise MethodUnusable(what=f"norm = {norm or '—'}")
    if way not in methods.WAYS:
        raise MethodUnusable(what=f"way = {way[:40]}")
    norms.admitted(way, norm)
    if not (coefficients := str(method.get("coefficients", "")).strip()):
        raise MethodUnusable(what="coefficients = —")
    chosen = {
        "norm": norm, "coefficients": coefficients[:80], **WAYS[way](method), "like": method.get("like", "landcover"),
    }  # fmt: skip
    if chosen["like"] not in methods.layers(chosen):
        raise MethodUnusable(what=f"like = {chosen['like']}")
    since = method.get("since") or year
    if not (isinstance(since, int) and max(FIRST, year - series.LONGEST) <= since <= year):
        raise MethodUnusable(what=f"since = {since} ({max(FIRST, year - series.LONGEST)} … {year})")
    return chosen | ({"since": since} if since < year else {})


def by_models(method: Mapping[str, Any]) -> dict[str, Any]:
    models = list(method.get("respiration", []))
    if len(set(models)) < 2 or not set(models) <= set(methods.RESPIRATION):
        raise MethodUnusable(what=f"respiration = {', '.join(map(str, models)) or '—'} (≥ 2)")
    return {"npp": grown(method), "respiration": sorted(set(models))}


def by_ratio(method: Mapping[str, Any]) -> dict[str, Any]:
    return {"way": "nep_ratio", "npp": grown(method)}


def by_rate(method: Mapping[str, Any]) -> dict[str, Any]:
    return {"way": "rate"}


def by_biomass(method: Mapping[str, Any]) -> dict[str, Any]:
    span = method.get("span")
    if not (isinstance(span, int | float) and SHORTEST <= span <= LONGEST):
        raise MethodUnusable(what=f"span = {span or '—'} ({SHORTEST} … {LONGEST})")
    return {"way": "biomass", "span": span}


def grown(method: Mapping[str, Any]) -> str:
    npp = method.get("npp")
    if npp not in methods.NPP:
        raise MethodUnusable(what=f"npp = {npp or '—'}")
    return str(npp)


WAYS = {"nep": by_models, "nep_ratio": by_ratio, "rate": by_rate, "biomass": by_biomass}


@transaction.atomic
def choose(
    *, year: AccountingYear, method: Mapping[str, Any], revision: int, mandate: Mandate, at: datetime
) -> AccountingYear:
    """Choose the method anew, as long as the year is planned. Refuses as ``open_year``, or with ``steps.MovedOn``."""
    steps.may_handle(year, mandate, at=at)
    held = steps.locked(year)
    steps.only_at(held, AccountingYear.State.PLANNED)
    steps.check_revision(held, revision)
    held.method = checked(method, held.year)
    steps.touch(held, at)
    series.take_over(held=held, by=mandate.membership.person, at=at)
    record(
        kind="inventory.method_chosen",
        fact={"accounting_year": held.code},
        private={"year": held.pk, "method": held.method},
        at=at,
        by=mandate.membership.person_id,
    )
    return held


@transaction.atomic
def appoint(*, year: AccountingYear, verifier: Organisation, mandate: Mandate, at: datetime) -> AccountingYear:
    """Name the body that verifies the year, before it does. Refuses with ``NotAVerifier`` or ``steps.MovedOn``."""
    person = steps.may_handle(year, mandate, at=at)
    held = steps.locked(year)
    steps.only_at(held, "PLANNED", "COLLECTED", "COMPUTED")
    if verifier.role not in roles.VERIFIERS or verifier.pk == held.organisation_id:
        raise NotAVerifier(organisation=verifier.name)
    if held.verifier_id == verifier.pk:
        return held
    held.verifier = verifier
    steps.touch(held, at)
    record(
        kind="inventory.verifier_appointed",
        fact={"accounting_year": held.code},
        private={"year": held.pk, "verifier": verifier.uscc},
        at=at,
        by=person.pk,
    )
    return held
