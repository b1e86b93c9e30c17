from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "tanhui.notices"
    label = "notices"
