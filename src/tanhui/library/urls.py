from django.urls import URLPattern, path

from tanhui.library import urls_shelf
from tanhui.library.pages import desk, desk_versions, proposals, proposals_public, proposals_reviews

app_name = "library"
urlpatterns: list[URLPattern] = [
    path("proposals", proposals.mine, name="mine"),
    path("proposals/new", proposals.start, name="start"),
    path("proposals/<uuid:key>", proposals.proposal, name="proposal"),
    path("proposals/<uuid:key>/edit/<slug:part>", proposals.edit, name="edit"),
    path("proposals/<uuid:key>/check", proposals.check, name="check"),
    path("reviews", proposals_reviews.reviews, name="reviews"),
    path("reviews/<int:key>", proposals_reviews.review, name="review"),
    path("desk/methodologies", desk.queue, name="desk"),
    path("desk/methodologies/versions", desk_versions.versions, name="desk_versions"),
    path("desk/methodologies/versions/new", desk_versions.enter, name="enter"),
    path("desk/methodologies/versions/<str:code>", desk_versions.stand, name="stand"),
    path("desk/methodologies/asked/<uuid:key>", desk_versions.sign, name="sign"),
    path("desk/methodologies/<uuid:key>", desk.proposal, name="desk_proposal"),
    path("desk/methodologies/<slug:view>", desk.queue, name="queue"),
    path("methodologies/proposals", proposals_public.public, name="proposals"),
    path("methodologies/proposals/<str:number>", proposals_public.public_proposal, name="public_proposal"),
    *urls_shelf.urlpatterns,
]
