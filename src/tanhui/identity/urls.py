from django.urls import path

from tanhui.identity import pages

app_name = "identity"
urlpatterns = [
    path("login", pages.login, name="login"),
    path("logout", pages.logout, name="logout"),
    path("password", pages.password, name="password"),
]
