from django.urls import path

from tanhui.ui import pages

app_name = "ui"
urlpatterns = [
    path("ui", pages.style, name="style"),
    path("preferences", pages.preferences, name="preferences"),
]
