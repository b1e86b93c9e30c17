from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "tanhui.projects"
    label = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tanhui.files.acts import receiving
        from tanhui.projects.models import EarlierSeries, Series

        receiving.HOLDERS += [
            Series,
            EarlierSeries,
        ]  # what devices sent lies in the store of files, and is not to be forgotten
