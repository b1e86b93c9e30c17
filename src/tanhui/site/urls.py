"""Every room's addresses, in the order of the floors, then the API and the questions a supervisor asks."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from tanhui.site import health, metrics, settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("tanhui.identity.urls_sign_in")),
    path("", include("tanhui.identity.urls_idp")),
    *(path("", include(f"tanhui.{room}.urls")) for room in settings.ROOMS if find_spec(f"tanhui.{room}.urls")),
]
if find_spec("tanhui.site.api"):
    urlpatterns.append(path("api/v1/", import_module("tanhui.site.api").api.urls))
