from django.urls import path

from tanhui.identity import urls_people
from tanhui.identity.pages import clients, login, security

app_name = "identity"
urlpatterns = [
    path("login", login.login, name="login"),
    path("logout", login.logout, name="logout"),
    path("password", login.password, name="password"),
    path("terms", login.terms, name="terms"),
    path("security/sessions/<int:number>/end", security.end_session, name="end_session"),
    path("organisations/<str:code>/programs", clients.clients, name="clients"),
    path("organisations/<str:code>/programs/<str:key>/rotate", clients.rotate, name="rotate_client"),
    path("organisations/<str:code>/programs/<str:key>/revoke", clients.revoke, name="revoke_client"),
    *urls_people.urlpatterns,
]
