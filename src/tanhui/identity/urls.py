from django.urls import path

from tanhui.identity import urls_people
from tanhui.identity.pages import login

app_name = "identity"
urlpatterns = [
    path("login", login.login, name="login"),
    path("logout", login.logout, name="logout"),
    path("password", login.password, name="password"),
    *urls_people.urlpatterns,
]
