"""The product's own server with the addresses of ``_urls.py``."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")

from django.conf import settings

settings.ROOT_URLCONF = "_urls"

from tanhui.site.wsgi import application  # noqa: E402

__all__ = ["application"]
