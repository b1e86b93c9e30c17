"""Forms and lists that htmx renews in place; without it the same addresses answer the same pages, loaded whole."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """Go on to another page after a form was accepted: as a redirect, or as the order htmx follows."""
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else HttpResponseRedirect(url)
