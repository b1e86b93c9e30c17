"""The doors of the public pages: what anyone may look at, by the number that is printed on it."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from tanhui.portal.queries import figures, refusals
from tanhui.registry.models import Period, Project


def project(number: int) -> Project:
    """A registered project by its number, with what was issued from it; 404 when there is none."""
    return get_object_or_404(figures.projects(), number=number)


def period(number: int, key: int) -> Period:
    """A verified period of a project, if its run bundle is public; 404 otherwise."""
    return get_object_or_404(
        Period.objects.select_related("project"), project__number=number, pk=key, bundle__isnull=False
    )


def refusal(code: str) -> refusals.Rule:
    """A rule of the product by its code; 404 when there is none."""
    found = refusals.rules().get(code)
    if found is None:
        raise Http404(code)
    return found
