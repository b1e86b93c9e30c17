"""The addresses of projects on their way."""

from django.urls import URLPattern, path

from tanhui.projects.pages import cycle_desk, cycle_draft, cycle_period, cycle_public

patterns: list[URLPattern] = [
    path("developments/", cycle_public.notices, name="notices"),
    path("developments/cycle", cycle_public.procedures, name="procedures"),
    path("developments/stages", cycle_public.stages, name="stages"),
    path("developments/periods/<str:number>", cycle_public.period, name="period"),
    path("developments/<str:number>", cycle_public.development, name="development"),
    path("desk/deadlines", cycle_desk.due, name="deadlines"),
    path("desk/developments/", cycle_desk.desk, name="developments_desk"),
    path("desk/developments/new", cycle_desk.new, name="new_development"),
    path("desk/developments/periods/<str:number>", cycle_period.period, name="period_desk"),
    path("desk/developments/<str:number>", cycle_desk.development, name="development_desk"),
    path("desk/developments/<str:number>/check", cycle_draft.check, name="check"),
    path("desk/developments/<str:number>/periods/new", cycle_period.new, name="new_period"),
    path("desk/developments/<str:number>/draft/<slug:part>", cycle_draft.draft, name="draft"),
]
