"""The doors of the public pages: what anyone may look at, by the number that is printed on it."""

from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404

from tanhui.identity import access as people
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.portal.models import Category, Draft, Publication
from tanhui.portal.queries import figures, publications, refusals
from tanhui.registry.models import Batch, Period, Project

PUBLISHERS = (Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY, Organisation.Role.EXCHANGE)


def project(number: int) -> Project:
    """A registered project by its number, with what was issued from it; 404 when there is none."""
    return get_object_or_404(figures.projects(), number=number)


def period(number: int, key: int) -> Period:
    """A verified period of a project, if its run bundle is public; 404 otherwise."""
    return get_object_or_404(
        Period.objects.select_related("project"), project__number=number, pk=key, bundle__isnull=False
    )


def batch(code: str) -> Batch:
    """A batch by its code; 404 when there is none."""
    return get_object_or_404(figures.batches(), asset__code=code.replace("\x00", ""))


def refusal(code: str) -> refusals.Rule:
    """A rule of the product by its code; 404 when there is none."""
    found = refusals.rules().get(code)
    if found is None:
        raise Http404(code)
    return found


def publication(number: int) -> Publication:
    """A publication that has been published, withdrawn or not; 404 otherwise."""
    return get_object_or_404(Publication.objects.filter(editions__number=1).select_related("withdrawal"), pk=number)


def story(number: int, version: int | None = None) -> publications.Story:
    """A publication at a version, or the newest; 404 when there is none."""
    found = publications.story(publication(number), version)
    if found is None:
        raise Http404
    return found


def category(slug: str) -> Category:
    """A column of the publications; 404 when there is none."""
    if slug not in Category.values:
        raise Http404
    return Category(slug)


def publisher(person: Person, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate for an organisation that publishes here. A stranger learns nothing (404); a member without
    that mandate is told so, as ``identity.access.mandate`` does."""
    mine = people.organisations(person, at=at).filter(role__in=PUBLISHERS).order_by("pk")
    if (organisation := mine.first()) is None:
        raise Http404
    return people.mandate(person, organisation, capacity, at=at)


def may_publish(person: Person, *, at: datetime) -> bool:
    """Whether the person works for an organisation that publishes here."""
    return people.organisations(person, at=at).filter(role__in=PUBLISHERS).exists()


def draft(person: Person, key: int, *, at: datetime) -> Draft:
    """A draft of one of the person's organisations; anything else is not found."""
    return get_object_or_404(publications.drafts(person, at=at), pk=key)
