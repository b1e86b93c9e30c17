"""What others ask the library: which methodologies there are, how each version stands on a day, and whether it takes
new projects. Everything here is public."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library.models import Methodology, Standing, Version

NOT_YET = "NOT_YET"  # published, and valid only from a later day


class MethodologyUnknown(Refusal):
    code = "library.methodology_unknown"
    sentence = gettext_noop(
        "The library holds no published methodology %(methodology)s. Choose one from the library; a new one is "
        "proposed, reviewed and published first."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第八条（rules M-01, P-03）"
    status = 422


class MethodologyRetired(Refusal):
    code = "library.methodology_retired"
    sentence = gettext_noop(
        "Methodology %(methodology)s takes no new projects since %(since)s. Use the version in force; projects that "
        "have begun under it stay on it."
    )
    clause = "rules M-07"


class MethodologyNotYet(Refusal):
    code = "library.methodology_not_yet"
    sentence = gettext_noop("Methodology %(methodology)s is valid from %(since)s on. Register the project from then.")
    clause = "rules M-07"


@dataclass(frozen=True, slots=True)
class Stands:
    """A version and how it stands on a day: ``state`` is one of ``Standing.State`` or ``NOT_YET``; ``since`` the day
    from which, ``reason`` what was said, ``successor`` the version that came after; ``coming`` is what was decided for
    a later day (a retirement that is announced)."""

    version: Version
    state: str
    since: date
    reason: str = ""
    successor: Version | None = None
    coming: Standing | None = None

    @property
    def takes_new_projects(self) -> bool:
        return self.state in {Standing.State.PUBLISHED, Standing.State.REVISING}

    @property
    def label(self) -> Any:
        from django.utils.translation import gettext_lazy as _

        return _("Published, not yet valid") if self.state == NOT_YET else Standing.State(self.state).label


def methodologies() -> QuerySet[Methodology]:
    """Every methodology with its versions, the newest version first, and the standings of each; two statements more."""
    standings = Prefetch("standings", Standing.objects.select_related("successor__methodology").order_by("since", "id"))
    versions = Version.objects.select_related("methodology", "authority", "proposal").order_by("-valid_from", "-id")
    return Methodology.objects.prefetch_related(Prefetch("versions", versions.prefetch_related(standings))).order_by(
        "code"
    )


def versions() -> QuerySet[Version]:
    """Every published version with its standings, the newest first."""
    standings = Prefetch("standings", Standing.objects.select_related("successor__methodology").order_by("since", "id"))
    rows = Version.objects.select_related("methodology", "authority", "proposal").prefetch_related(standings)
    return rows.order_by("-valid_from", "-id")


def stands(version: Version, *, on: date) -> Stands:
    """How a version of ``methodologies`` or ``versions`` stands on a day; asks nothing more where they prefetched."""
    known = sorted(version.standings.all(), key=lambda one: (one.since, one.pk))
    latest = next((one for one in reversed(known) if one.since <= on), None)
    coming = next((one for one in known if one.since > on and one.state != Standing.State.PUBLISHED), None)
    if latest is None or on < version.valid_from:
        return Stands(version, NOT_YET, version.valid_from, coming=coming)
    return Stands(version, latest.state, latest.since, latest.reason, latest.successor, coming)


def current(methodology: Methodology, *, on: date) -> Stands | None:
    """The newest version that takes new projects on a day; else the newest there is."""
    found = [stands(one, on=on) for one in methodology.versions.all()]
    return next((one for one in found if one.takes_new_projects), found[0] if found else None)


def version(code: str, version: str) -> Version | None:
    """A published version by its code without version and its version (``CCER-14-001``, ``V01``)."""
    return versions().filter(methodology__code=code, version=version).first()


def of_full_code(full: str) -> Version | None:
    """A published version as the register names it (``CCER-14-001-V01``)."""
    code, _, number = full.rpartition("-")
    return version(code, number)


def of_package(package: str) -> Version | None:
    """The newest version that a package of the shelf (``ar_cm_001/v01``) implements."""
    return versions().filter(package=package).first()


def in_force(code: str, version_: str, on: date) -> Stands:
    """How a version stands on a day, if it takes new projects then.

    Refuses with ``MethodologyUnknown``, ``MethodologyRetired`` or ``MethodologyNotYet``.
    """
    full = f"{code}-{version_}"
    found = version(code, version_)
    if found is None:
        raise MethodologyUnknown(methodology=full[:60])
    standing = stands(found, on=on)
    if standing.state == NOT_YET:
        raise MethodologyNotYet(methodology=full, since=standing.since.isoformat())
    if standing.state == Standing.State.RETIRED:
        raise MethodologyRetired(methodology=full, since=standing.since.isoformat())
    return standing


def latest_state(on: date) -> Subquery:
    """The state of each version on a day, for lists that are filtered by it."""
    reached = Standing.objects.filter(version=OuterRef("pk"), since__lte=on).order_by("-since", "-id")
    return Subquery(reached.values("state")[:1])
