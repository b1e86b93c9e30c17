from django.urls import URLPattern

from tanhui.projects import (
    urls_cycle,
    urls_field,
    urls_land,
    urls_pool,
    urls_public,
    urls_review,
    urls_shares,
    urls_technology,
    urls_uniqueness,
)

app_name = "projects"
urlpatterns: list[URLPattern] = [
    *urls_land.patterns,
    *urls_uniqueness.patterns,
    *urls_field.patterns,
    *urls_technology.patterns,
    *urls_review.patterns,
    *urls_pool.patterns,
    *urls_shares.patterns,
    *urls_public.patterns,
    *urls_cycle.patterns,
]
