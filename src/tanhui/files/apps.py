from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "tanhui.files"
    label = "files"
