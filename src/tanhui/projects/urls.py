from django.urls import URLPattern

from tanhui.projects import urls_field, urls_land

app_name = "projects"
urlpatterns: list[URLPattern] = [
    *urls_land.patterns,
    *urls_field.patterns,
]
