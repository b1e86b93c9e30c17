"""Addresses of people, organisations and mandates."""

from django.urls import URLPattern, path

from tanhui.identity.pages import duties, organisations, people

urlpatterns: list[URLPattern] = [
    path("me", people.me, name="me"),
    path("me/memberships/<int:key>/leave", people.leave, name="leave"),
    path("join", people.join, name="join"),
    path("organisations", organisations.mine, name="organisations"),
    path("organisations/<str:code>", organisations.organisation, name="organisation"),
    path("organisations/<str:code>/history", organisations.history, name="organisation_history"),
    path("organisations/<str:code>/members/<int:key>", organisations.member, name="member"),
    path(
        "organisations/<str:code>/invitations/<uuid:key>/withdraw",
        organisations.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("changes", organisations.changes, name="changes"),
    path("changes/<uuid:key>", organisations.one_change, name="change"),
    path("duty", duties.duty, name="duty"),
    path("duty/sessions/<uuid:key>/end", duties.end_session, name="end_staff_session"),
    path("duties", duties.duties, name="duties"),
    path("duties/<int:key>/dismiss", duties.dismiss, name="dismiss"),
    path("people", people.people, name="people"),
    path("people/<int:key>", people.person, name="person"),
]
