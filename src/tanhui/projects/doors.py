"""Who may read the papers of this room, told to the room of files."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tanhui.files import doors, kinds
from tanhui.identity.models import Person
from tanhui.projects import (
    access_cycle,
    access_field,
    access_pool,
    access_review,
    access_technology,
    access_uniqueness,
    outlines,
)
from tanhui.projects.acts import agreement, foreign, land, late, papers, plots, technology, yearly
from tanhui.projects.queries import land as lands


def of_source(person: Person | None, key: str, at: datetime) -> bool:
    """Surveys name holders of rights and show borders: the people of the source's organisation."""
    return person is not None and key.isdecimal() and lands.sources(person, at=at).filter(pk=int(key[:18])).exists()


doors.register(land.SUBJECT, of_source, of_source)
kinds.register(
    kinds.Kind(land.SUBJECT, _("Survey of parcels"), ("shape", "gpkg", "geojson", "xlsx"), 500 * kinds.MB),
)

doors.register("projects.review", lambda person, key, at: access_review.may_read_papers(person, key, at=at))
doors.register(papers.SUBJECT, access_cycle.may_read, access_cycle.may_read_private)
kinds.register(
    kinds.Kind(papers.KIND, _("Paper of a project"), ("pdf", "docx", "xlsx", "csv", "png", "jpeg"), 100 * kinds.MB)
)
doors.register(plots.SUBJECT, access_field.may_read_photos)
kinds.register(
    kinds.Kind(plots.PHOTO, _("Picture of a sample plot"), ("jpeg", "png"), 8 * kinds.MB),
    kinds.Kind(plots.SHEET, _("Typed plot sheets"), ("xlsx",), 10 * kinds.MB),
)
doors.register(late.SUBJECT, access_field.may_read_sheets)
kinds.register(kinds.Kind(late.SUBJECT, _("Sheet of late readings"), ("xlsx", "csv"), 20 * kinds.MB))

doors.register(foreign.SUBJECT, access_uniqueness.may_read, access_uniqueness.may_read)
kinds.register(
    kinds.Kind(
        foreign.SUBJECT, _("List of another mechanism"), ("xlsx", "csv", "geojson", "gpkg", "shape"), 200 * kinds.MB
    ),
    *(
        kinds.Kind(name, label, ("shape", "gpkg", "geojson", "xlsx"), 50 * kinds.MB)
        for name, label in ((foreign.CHECK, _("Outlines to be checked")), (outlines.KIND, _("Outlines of a project")))
    ),
)

doors.register(yearly.SUBJECT, access_review.may_read_report, access_review.may_read_report)
kinds.register(kinds.Kind(yearly.KIND, _("Yearly report of a verification body"), ("pdf", "docx"), 50 * kinds.MB))

doors.register(technology.SUBJECT, access_technology.may_read)
kinds.register(
    kinds.Kind(
        technology.SUBJECT, _("Guide or training material"), ("pdf", "docx", "xlsx", "png", "jpeg"), 50 * kinds.MB
    )
)

doors.register(agreement.SUBJECT, access_pool.may_read, access_pool.may_read)
kinds.register(kinds.Kind(agreement.SUBJECT, _("Signed agreement on development"), kinds.PAPER, 20 * kinds.MB))
