"""Laying out sample plots, keeping the visits to them, and choosing where two teams measured the same one."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from tanhui.files.acts import filing, receiving
from tanhui.files.models import Upload
from tanhui.files.models import Version as Kept
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import surveys
from tanhui.projects.models import Choice, Development, Photo, Plot, Tree, Visit
from tanhui.projects.surveys import HOUSE

SUBJECT, PHOTO, SHEET = "projects.visit", "projects.plot_photo", "projects.plot_sheet"
MOST_PHOTOS = 12


class PlotTaken(Refusal):
    code = "projects.plot_taken"
    sentence = gettext_noop("Plot %(code)s of this project is laid out already. Give the new one another code.")
    clause = HOUSE


class PlotUnreadable(Refusal):
    code = "projects.plot_unreadable"
    sentence = gettext_noop(
        "A plot has a code of at most 20 characters and an area of 1 to 100,000 m²; its position, where it is given, "
        "lies "
        "on earth. Correct plot %(code)s."
    )
    clause = HOUSE
    status = 422


class VisitDiffers(Refusal):
    code = "projects.visit_differs"
    sentence = gettext_noop(
        "A visit with this number was kept with other content. What was sent stays as it is: enter what changed as a "
        "new "
        "visit."
    )
    clause = "ARCHITECTURE.md §6.4"


class PhotoTooMany(Refusal):
    code = "projects.photo_too_many"
    sentence = gettext_noop("A visit has at most %(most)s pictures. Leave the others out.")
    clause = HOUSE
    status = 422


class ChoiceWrong(Refusal):
    code = "projects.visit_choice_wrong"
    sentence = gettext_noop(
        "Plot %(plot)s was measured once in %(round)s, or no reason is given. A choice is made between several "
        "visits, and "
        "says why."
    )
    clause = HOUSE
    status = 422


@transaction.atomic
def lay_out(
    *, development: Development, code: str, area_m2: int, mandate: Mandate, at: datetime, stratum: str = "",
    longitude: Decimal | None = None, latitude: Decimal | None = None,
) -> Plot:  # fmt: skip
    """Lay out a plot. Refuses with ``PlotUnreadable``, ``PlotTaken``, or as the mandate is judged."""
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=development.owner_id, at=at)
    plain = surveys.text(code)
    on_earth = (longitude is None) == (latitude is None) and (
        longitude is None or latitude is None or (-180 <= longitude <= 180 and -90 <= latitude <= 90)
    )
    if not 1 <= len(plain) <= 20 or not 1 <= area_m2 <= 100_000 or not on_earth:
        raise PlotUnreadable(code=plain[:20] or "?")
    if development.plots.filter(code=plain).exists():
        raise PlotTaken(code=plain)
    return Plot.objects.create(
        development=development, code=plain, area_m2=area_m2, stratum=surveys.text(stratum)[:40], longitude=longitude,
        latitude=latitude, by=mandate.membership.person, at=at,
    )  # fmt: skip


@transaction.atomic
def keep(
    *, development: Development, visit: surveys.Visit, mandate: Mandate, at: datetime, source: str = "PHONE"
) -> tuple[Visit, bool]:
    """Keep a visit with its trees, and whether it was new: the same one sent again is the one kept before.

    Refuses with ``VisitDiffers``, or as the mandate is judged.
    """
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=development.owner_id, at=at)
    receiving.lock(f"visit {visit.id}")
    if (earlier := Visit.objects.filter(pk=visit.id).select_related("plot").first()) is not None:
        if earlier.body_sha256 != visit.sha256 or earlier.plot.development_id != development.pk:
            raise VisitDiffers
        return earlier, False
    entry = record(
        kind="projects.plot_visited",
        fact={"development": development.code, "visit": str(visit.id), "body": visit.sha256, "trees": len(visit.trees)},
        private={"plot": visit.plot, "team": visit.team},
        at=at,
        by=mandate.membership.person_id,
    )
    where = visit.position
    made = Visit.objects.create(
        id=visit.id, plot=development.plots.get(code=visit.plot), measured_on=visit.measured_on,
        round=visit.measured_on.year, team=visit.team, source=source, note=visit.note, body_sha256=visit.sha256,
        longitude=where.longitude if where else None, latitude=where.latitude if where else None,
        accuracy_m=where.accuracy_m if where else None,
        entry=entry, by=mandate.membership.person, at=at,
    )  # fmt: skip
    Tree.objects.bulk_create(
        Tree(visit=made, number=number, species=one.species, dbh_mm=one.dbh_mm, height_dm=one.height_dm)
        for number, one in enumerate(visit.trees, 1)
    )
    return made, True


@transaction.atomic
def keep_all(
    *, development: Development, visits: Sequence[surveys.Visit], mandate: Mandate, at: datetime
) -> list[tuple[Visit, bool]]:
    """Keep the visits of a typed sheet, all or none. Refuses as ``keep``."""
    return [keep(development=development, visit=one, mandate=mandate, at=at, source="SHEET") for one in visits]


@transaction.atomic
def add_photo(
    *, visit: Visit, key: UUID, upload: Upload, mandate: Mandate, at: datetime, taken_at: datetime | None = None,
    position: surveys.Position | None = None,
) -> tuple[Photo, bool]:  # fmt: skip
    """Keep a picture of a visit, and whether it was new. Refuses with ``PhotoTooMany``, ``VisitDiffers``, as files do,
    or as the mandate is judged."""
    owner = visit.plot.development.owner_id
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=owner, at=at)
    receiving.lock(f"visit {visit.pk}")
    if (earlier := Photo.objects.filter(pk=key).first()) is not None:
        if earlier.visit_id != visit.pk:
            raise VisitDiffers
        return earlier, False
    if visit.photos.count() >= MOST_PHOTOS:
        raise PhotoTooMany(most=MOST_PHOTOS)
    document = filing.file(
        subject=f"{SUBJECT}:{visit.pk}", kind=PHOTO, title=f"{visit.plot.code} {visit.measured_on}", upload=upload,
        by=mandate.membership.person, at=at,
    )  # fmt: skip
    made = Photo.objects.create(
        id=key, visit=visit, document=document.pk, sha256=Kept.objects.get(document=document).sha256, taken_at=taken_at,
        longitude=position.longitude if position else None, latitude=position.latitude if position else None,
        by=mandate.membership.person, at=at,
    )  # fmt: skip
    return made, True


@transaction.atomic
def choose(*, visit: Visit, reason: str, mandate: Mandate, at: datetime) -> Choice:
    """Say which of several visits to a plot in a round counts; the others stay as they are. The verifier's choice: the
    door has found that the mandate is theirs. A later choice takes the place of an earlier one.

    Refuses with ``ChoiceWrong``, or as the mandate is judged.
    """
    organisation = mandate.membership.organisation
    instructions.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=organisation.pk, at=at)
    why = surveys.text(reason)[:500]
    if not why or visit.plot.visits.filter(round=visit.round).count() < 2:
        raise ChoiceWrong(plot=visit.plot.code, round=visit.round)
    entry = record(
        kind="projects.visit_chosen",
        fact={"development": visit.plot.development.code, "visit": str(visit.pk), "organisation": organisation.uscc},
        private={"plot": visit.plot.code, "reason": why},
        at=at,
        by=mandate.membership.person_id,
    )
    return Choice.objects.create(
        visit=visit, reason=why, organisation=organisation, entry=entry, by=mandate.membership.person, at=at
    )
