from django.urls import URLPattern, path

from tanhui.inventory.pages import desk

app_name = "inventory"
urlpatterns: list[URLPattern] = [
    path("desk/stock-sinks", desk.years, name="desk"),
]
