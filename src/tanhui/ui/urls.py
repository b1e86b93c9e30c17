from django.urls import path
from django.views.i18n import set_language

from tanhui.ui import pages

app_name = "ui"
urlpatterns = [
    path("ui", pages.style, name="style"),
    path("ui/progress/<int:done>", pages.progress, name="progress"),
    path("map/<int:layer>/<int:level>/<int:column>/<int:row>", pages.tile, name="tile"),
    path("language", set_language, name="language"),
    path("preferences", pages.preferences, name="preferences"),
]
