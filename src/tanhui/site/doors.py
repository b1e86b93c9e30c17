"""Who may read the papers of a project: everyone, as the rules on disclosure ask (rules §12, D-02 to D-08).

Papers stand on one floor with the register's, so what joins them stands here.
"""

from datetime import datetime

from tanhui.files import doors
from tanhui.identity import access as people
from tanhui.identity.models import Organisation, Person
from tanhui.registry.models import Project

SUBJECT = "registry.project"  # then the project's number
OVERSEERS = [Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY]


def of_a_project(person: Person | None, key: str, at: datetime) -> bool:
    return key.isascii() and key.isdecimal() and len(key) <= 9 and Project.objects.filter(number=int(key)).exists()


def withheld(person: Person | None, key: str, at: datetime) -> bool:
    """The owner of the project, the registry operator and the authority also read what is withheld."""
    if person is None or not of_a_project(person, key, at):
        return False
    mine = people.organisations(person, at=at)
    return mine.filter(role__in=OVERSEERS).exists() or Project.objects.filter(number=int(key), owner__in=mine).exists()


doors.register(SUBJECT, of_a_project, withheld)
