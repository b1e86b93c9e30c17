"""What a Chinese keyboard makes of letters and digits, made plain again."""

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def plain(text: str) -> str:
    """Full-width letters, digits, signs and blanks as ASCII, blanks at the ends cut off.

    Nothing else is touched: Unicode's own compatibility forms would read ``5²`` as 52.
    """
    return text.translate(FULL_WIDTH).strip()
