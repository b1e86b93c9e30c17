"""PNG and JPEG by Pillow: measured first, then decoded to the last pixel."""

import struct
from pathlib import Path

from PIL import Image, ImageFile

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine, head

MOST_MEGAPIXELS = 64
SIGNS = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff"}
GPS = 0x8825
Image.MAX_IMAGE_PIXELS = None  # we measure ourselves, before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False


def png(path: Path) -> Facts:
    return picture(path, "PNG")


def jpeg(path: Path) -> Facts:
    return picture(path, "JPEG")


def picture(path: Path, form: str) -> Facts:
    """``width`` and ``height`` in pixels; ``place`` when the camera wrote down where it stood."""
    if not head(path, 16).startswith(SIGNS[form]):
        raise NotMine
    try:
        with Image.open(path, formats=[form]) as opened:
            width, height = opened.size
            if width * height > MOST_MEGAPIXELS * 1_000_000:
                raise refusals.PictureTooLarge(width=width, height=height, most=MOST_MEGAPIXELS)
            opened.load()
            placed = bool(opened.getexif().get_ifd(GPS))
    except (OSError, SyntaxError, ValueError, struct.error) as fault:
        raise refusals.FileUnreadable(format=form) from fault
    return {"width": width, "height": height} | ({"place": True} if placed else {})
