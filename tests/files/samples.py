"""Small files of every kind, made by the libraries that make them elsewhere."""

import io

from PIL import Image
from pypdf import PdfWriter


def pdf(pages=1, **metadata):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    writer.add_metadata({f"/{name}": value for name, value in metadata.items()})
    return written(writer)


def written(writer):
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(form="PNG", size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, form)
    return out.getvalue()
