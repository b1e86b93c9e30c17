"""Where programs fetch tokens; and the city portal of a demonstration, which is nowhere else."""

from django.urls import include, path

from tanhui.identity.pages import clients, portal

app_name = "idp"
oidc = [
    path("api/token", clients.token, name="token"),
    path("api/revoke", clients.revoke_token, name="revoke"),
    path("api/userinfo", portal.userinfo, name="userinfo"),
    path("authorize", portal.authorize, name="authorization"),
    path("jwks.json", portal.jwks, name="jwks"),
    path(".well-known/openid-configuration", portal.discovery, name="configuration"),
]
urlpatterns = [path("identity/o/", include((oidc, "oidc")))]
