from django.urls import URLPattern, path

from tanhui.projects.pages import public

patterns: list[URLPattern] = [
    path("developments/all", public.developments, name="developments"),
    path("developments/counties", public.counties, name="developments_by_county"),
]
