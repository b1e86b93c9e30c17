from django.urls import path

from tanhui.portal.pages import home, log, look_up, project, refusals, registers

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("look-up", look_up.look_up, name="look_up"),
    path("figures", home.registry, name="registry"),
    path("figures/projects", registers.projects, name="projects"),
    path("figures/batches", registers.batches, name="batches"),
    path("figures/retirements", registers.retirements, name="retirements"),
    path("figures/cancellations", registers.cancellations, name="cancellations"),
    path("projects/<int:number>", project.project, name="project"),
    path("projects/<int:number>/runs/<int:key>", project.run, name="run"),
    path("log", log.log, name="log"),
    path("log/<path:path>", log.log_file, name="log_file"),
    path("refusals/", refusals.refused, name="refusals"),
    path("refusals/<str:code>", refusals.refusal, name="refusal"),
    path("verify", log.verify, name="verify"),
]
