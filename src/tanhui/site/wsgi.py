"""What the web server loads."""

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


threading.Thread(target=read_fonts, name="fonts", daemon=True).start()
