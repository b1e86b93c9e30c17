from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "tanhui.site"
    label = "tanhui_site"

    def ready(self) -> None:
        from tanhui.site import startup  # noqa: F401  registers the checks
