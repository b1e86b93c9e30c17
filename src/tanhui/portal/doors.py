"""Who may read the files of the public pages."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tanhui.files import doors, kinds
from tanhui.identity.models import Person
from tanhui.portal import access
from tanhui.portal.queries import publications


def of_an_edition(person: Person | None, key: str, at: datetime) -> bool:
    """Everyone, once the version is published; before, those who may write and release."""
    if publications.is_published(key):
        return True
    return person is not None and access.may_publish(person, at=at)


doors.register(publications.SUBJECT, of_an_edition)
kinds.register(
    kinds.Kind("portal.attachment", _("Attachment"), ("pdf", "xlsx", "docx", "csv", "png", "jpeg"), 50 * kinds.MB)
)
