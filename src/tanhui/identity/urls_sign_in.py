"""Addresses of sign-in and security, under the names by which allauth finds them."""

from django.urls import path, re_path

from tanhui.identity.pages import login, security

urlpatterns = [
    path("login", login.login, name="account_login"),
    path("login/inactive", login.inactive, name="account_inactive"),
    path("login/second", security.authenticate, name="mfa_authenticate"),
    path("login/passkey", security.login_by_key, name="mfa_login_webauthn"),
    path("login/again", login.again, name="account_reauthenticate"),
    path("login/again/code", security.again, name="mfa_reauthenticate"),
    path("login/again/passkey", security.again_by_key, name="mfa_reauthenticate_webauthn"),
    path("login/portal/cancelled", security.portal_cancelled, name="socialaccount_login_cancelled"),
    path("login/portal/failed", security.portal_failed, name="socialaccount_login_error"),
    path("login/portal/unknown", security.portal_unknown, name="socialaccount_signup"),
    path("login/portal/<slug:provider_id>", security.login_by_portal, name="openid_connect_login"),
    path("login/portal/<slug:provider_id>/back", security.back_from_portal, name="openid_connect_callback"),
    path("logout", login.logout, name="account_logout"),
    path("signup", login.signup, name="account_signup"),
    path("signup/code", login.verify_email, name="account_email_verification_sent"),
    path("password", login.password, name="account_change_password"),
    path("password/first", login.set_password, name="account_set_password"),
    path("password/forgotten", login.forgotten, name="account_reset_password"),
    path("password/forgotten/sent", login.forgotten_sent, name="account_reset_password_done"),
    path("password/new/done", login.new_password_set, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[0-9A-Za-z:-]+)$",
        login.new_password,
        name="account_reset_password_from_key",
    ),
    path("security", security.overview, name="mfa_index"),
    path("security/email", login.email, name="account_email"),
    path("security/app", security.add_app, name="mfa_activate_totp"),
    path("security/app/remove", security.remove_app, name="mfa_deactivate_totp"),
    path("security/codes", security.list_codes, name="mfa_view_recovery_codes"),
    path("security/codes/new", security.new_codes, name="mfa_generate_recovery_codes"),
    path("security/codes/download", security.download_codes, name="mfa_download_recovery_codes"),
    path("security/keys", security.list_keys, name="mfa_list_webauthn"),
    path("security/keys/add", security.add_key, name="mfa_add_webauthn"),
    path("security/keys/<int:pk>/rename", security.rename_key, name="mfa_edit_webauthn"),
    path("security/keys/<int:pk>/remove", security.remove_key, name="mfa_remove_webauthn"),
    path("security/sessions", security.list_sessions, name="usersessions_list"),
    path("security/portals", security.list_portals, name="socialaccount_connections"),
]
