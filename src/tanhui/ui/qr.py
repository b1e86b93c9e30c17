"""QR codes as SVG text, for papers and pages."""

import io

import segno

LONGEST_URL = 120  # version 8 at level M; above it a phone struggles with a 25 mm print


def svg(url: str, *, title: str = "") -> str:
    """A QR code of a short http(s) address: level M (15 % may be damaged), quiet zone of four modules.

    The same address gives the same text. ``ValueError`` for another scheme, a character outside ASCII, or more than
    ``LONGEST_URL`` characters.
    """
    if not url.startswith(("https://", "http://")) or not url.isascii() or len(url) > LONGEST_URL:
        raise ValueError(f"a QR code takes a plain web address of at most {LONGEST_URL} characters, not {url[:200]!r}")
    code = segno.make_qr(url, error="m", boost_error=False)
    file = io.BytesIO()
    code.save(
        file, kind="svg", border=4, xmldecl=False, omitsize=True, title=title or None, svgclass=None, lineclass=None
    )
    return file.getvalue().decode()
