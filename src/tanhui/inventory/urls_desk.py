from django.urls import URLPattern, path

from tanhui.inventory.pages import data, desk, year

first: list[URLPattern] = [
    path("desk/stock-sinks", desk.years, name="desk"),
    path("desk/stock-sinks/new", desk.start, name="start"),
    path("desk/stock-sinks/data", data.catalogue, name="data"),
    path("desk/stock-sinks/data/new", data.add, name="add_data"),
    path("desk/stock-sinks/data/<uuid:key>", data.dataset, name="dataset"),
]
# After every other address of the desk: a year's code stands where they have a word.
last: list[URLPattern] = [
    path("desk/stock-sinks/<str:code>", year.year, name="year"),
    path("desk/stock-sinks/<str:code>/progress", year.progress, name="progress"),
    path("desk/stock-sinks/<str:code>/bundle", year.bundle, name="bundle"),
]
