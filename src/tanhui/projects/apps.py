from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "tanhui.projects"
    label = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tanhui.files.acts import receiving
        from tanhui.projects.models import Series

        receiving.HOLDERS.append(Series)  # what devices sent lies in the store of files, and is not to be forgotten
