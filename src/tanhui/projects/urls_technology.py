from django.urls import URLPattern, path

from tanhui.projects.pages import technology

patterns: list[URLPattern] = [
    path("technologies", technology.technologies, name="technologies"),
    path("technologies/print", technology.in_print, name="technologies_print"),
    path("technologies/<slug:code>", technology.technology, name="technology"),
    path("desk/technologies", technology.desk, name="technology_desk"),
    path("desk/technologies/new", technology.propose, name="technology_propose"),
    path("desk/technologies/<uuid:key>", technology.sign, name="technology_sign"),
]
