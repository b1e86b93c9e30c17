from django.urls import URLPattern, path

from tanhui.projects.pages import uniqueness

patterns: list[URLPattern] = [
    path("uniqueness", uniqueness.check, name="uniqueness"),
    path("desk/uniqueness", uniqueness.lists, name="foreign_lists"),
    path("desk/uniqueness/take", uniqueness.take, name="foreign_take"),
    path("desk/uniqueness/asked/<uuid:key>", uniqueness.take_asked, name="foreign_asked"),
    path("desk/uniqueness/lists/<uuid:key>", uniqueness.foreign_list, name="foreign_list"),
]
