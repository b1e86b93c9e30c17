from django.urls import path

from tanhui.notices.pages import notices, preferences

app_name = "notices"
urlpatterns = [
    path("notices", notices.notices, name="notices"),
    path("notices/preferences", preferences.preferences, name="preferences"),
    path("notices/read", notices.read_all, name="read_all"),
    path("notices/<int:key>", notices.notice, name="notice"),
    path("notices/<int:key>/read", notices.read, name="read"),
]
