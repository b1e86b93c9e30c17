"""What the rooms that stand beside the notices tell people."""

from collections.abc import Iterable

from django.urls import reverse

from tanhui.files.models import Export
from tanhui.identity.models import Person
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices.telling import Fact, tell


def asker(fact: Fact) -> Iterable[Person]:
    """Whoever asked for the export; nobody once it was taken back."""
    return Person.objects.filter(pk__in=Export.objects.filter(pk=fact.fact["export"]).values("asked_by"))


def exports(fact: Fact) -> str:
    return reverse("files:exports")


tell(
    "files.exported",
    recipients=asker,
    subject=gettext_noop("Your export is ready: %(rows)s rows"),
    body=gettext_noop("The list you asked for was made into a file. Fetch it within seven days."),
    url=exports,
)
