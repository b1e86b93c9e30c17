from django.urls import path

from tanhui.identity import urls_people
from tanhui.identity.pages import login, security

app_name = "identity"
urlpatterns = [
    path("login", login.login, name="login"),
    path("logout", login.logout, name="logout"),
    path("password", login.password, name="password"),
    path("terms", login.terms, name="terms"),
    path("security/sessions/<int:number>/end", security.end_session, name="end_session"),
    *urls_people.urlpatterns,
]
