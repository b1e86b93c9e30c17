"""Who may read the papers of a year and the data it rests on."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tanhui.files import doors, kinds
from tanhui.identity.models import Person
from tanhui.inventory import access
from tanhui.inventory.acts import archiving, cataloguing


def of_year(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_papers(person, key, at=at)


def of_year_internal(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_internal(person, key, at=at)


def of_data(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_data(person, key, at=at)


doors.register(archiving.SUBJECT, of_year, of_year_internal)
doors.register(cataloguing.SUBJECT, of_data, of_data)
kinds.register(
    kinds.Kind(archiving.SUBJECT, _("Paper of an accounting year"), tuple(kinds.FORMATS), 2 * kinds.GB),
    kinds.Kind(
        cataloguing.SUBJECT, _("Data of stock sinks"),
        ("geotiff", "netcdf", "gpkg", "shape", "geojson", "xlsx", "csv"), 2 * kinds.GB,
    ),
)  # fmt: skip
