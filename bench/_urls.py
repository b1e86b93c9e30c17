"""The product's addresses and one more: an empty page for whoever is signed in, the limit of every other page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("bench/empty", empty), path("", include("tanhui.site.urls"))]
