from django.urls import path

from tanhui.portal import pages

app_name = "portal"
urlpatterns = [
    path("", pages.home, name="home"),
    path("look-up", pages.look_up, name="look_up"),
    path("figures", pages.registry, name="registry"),
    path("figures/projects", pages.projects, name="projects"),
    path("figures/batches", pages.batches, name="batches"),
    path("figures/retirements", pages.retirements, name="retirements"),
    path("figures/cancellations", pages.cancellations, name="cancellations"),
    path("projects/<int:number>", pages.project, name="project"),
    path("projects/<int:number>/runs/<int:key>", pages.run, name="run"),
    path("log", pages.log, name="log"),
    path("log/<path:path>", pages.log_file, name="log_file"),
    path("refusals/", pages.refused, name="refusals"),
    path("refusals/<str:code>", pages.refusal, name="refusal"),
    path("verify", pages.verify, name="verify"),
]
