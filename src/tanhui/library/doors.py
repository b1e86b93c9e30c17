"""Who may read the papers of a proposal: everyone once it is open to comment; before, those who have to do with it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tanhui.files import doors, kinds
from tanhui.identity.models import Person
from tanhui.library import access
from tanhui.library.acts import drafting


def may_read(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_papers(person, key, at=at)


def may_read_withheld(person: Person | None, key: str, at: datetime) -> bool:
    return person is not None and access.may_read_contact(person, key, at=at)


doors.register(drafting.SUBJECT, may_read, may_read_withheld)
kinds.register(kinds.Kind(drafting.SUBJECT, _("Paper of a methodology"), ("pdf", "docx"), 50 * kinds.MB))
