from django.urls import URLPattern, path

from tanhui.inventory import urls_desk, urls_use
from tanhui.inventory.pages import atlas, measured, monitoring, sharing

app_name = "inventory"
urlpatterns: list[URLPattern] = [
    *urls_desk.first,
    path("desk/stock-sinks/monitoring", monitoring.monitoring, name="monitoring"),
    path("desk/stock-sinks/sharing", sharing.desk, name="sharing_desk"),
    path("desk/stock-sinks/sharing/new", sharing.propose, name="sharing_propose"),
    path("desk/stock-sinks/sharing/asked/<uuid:key>", sharing.sign, name="sharing_sign"),
    path("desk/stock-sinks/sharing/<uuid:key>", sharing.agreement, name="agreement"),
    path("stock-sinks", atlas.index, name="atlas_index"),
    path("stock-sinks/models", measured.models, name="models"),
    path("stock-sinks/sharing", sharing.sharing, name="sharing"),
    path("stock-sinks/received", sharing.received, name="received"),
    path("stock-sinks/received/<uuid:key>", sharing.fetch, name="fetch"),
    path("stock-sinks/zones/<str:code>/<str:level>", atlas.zones, name="atlas_zones"),
    path(
        "stock-sinks/tiles/<str:sha256>/<slug:layer>/<int:level>/<int:column>/<int:row>.png",
        atlas.tile,
        name="atlas_tile",
    ),
    *urls_use.patterns,
    path("stock-sinks/<str:division>/<int:year>", atlas.atlas, name="atlas"),
    *urls_desk.last,
]
