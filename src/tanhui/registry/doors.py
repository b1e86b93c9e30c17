"""Who may read the papers of this room, and what may be handed in as one."""

from datetime import datetime

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from tanhui.files import doors, kinds
from tanhui.identity import access as people
from tanhui.identity.models import Organisation, Person
from tanhui.registry import access
from tanhui.registry.models import Project

PROJECT = "registry.project"  # then the project's number in six digits
OVERSEERS = [Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY]


def may_read(person: Person | None, key: str, at: datetime) -> bool:
    """Whoever may see an application may read its papers: they are never public (rules §4)."""
    if person is None:
        return False
    try:
        access.application(person, key, at=at)
    except Http404:
        return False
    return True


def of_a_project(person: Person | None, key: str, at: datetime) -> bool:
    """Everyone may read the papers of a project, as the rules on disclosure ask (rules §12, D-02 to D-08)."""
    return key.isascii() and key.isdecimal() and len(key) <= 9 and Project.objects.filter(number=int(key)).exists()


def withheld(person: Person | None, key: str, at: datetime) -> bool:
    """Its owner, the registry operator and the authority also read what is withheld."""
    if person is None or not of_a_project(person, key, at):
        return False
    mine = people.organisations(person, at=at)
    return mine.filter(role__in=OVERSEERS).exists() or Project.objects.filter(number=int(key), owner__in=mine).exists()


doors.register("registry.application", may_read)
doors.register(PROJECT, of_a_project, withheld)
kinds.register(kinds.Kind("registry.kyc", _("Paper of an application"), kinds.PAPER, 20 * kinds.MB))
