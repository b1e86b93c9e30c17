"""What the web server loads."""

import gc
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
application = get_wsgi_application()


def read_fonts() -> None:
    """Read the fonts before the first certificate asks whether it can be printed: that takes a second, once."""
    from tanhui.kernel.refusal import Refusal
    from tanhui.ui import glyphs

    try:
        glyphs.require(["碳"])
    except Refusal as refusal:
        import logging

        logging.getLogger("tanhui.server").warning("%s", refusal)


def settle_memory() -> None:
    """What is loaded stays: the collector need not look through all of it, a tenth of a second, in some request."""
    gc.collect()
    gc.freeze()


def make_ready() -> None:
    read_fonts()
    settle_memory()


threading.Thread(target=make_ready, name="ready", daemon=True).start()
