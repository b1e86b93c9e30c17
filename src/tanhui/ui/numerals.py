"""Numbers and times as Chinese papers write them."""

from datetime import date, datetime, timedelta, timezone

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ((10**8, "亿"), (10**4, "万"), (1, ""))
BEIJING = timezone(timedelta(hours=8))


def capital(number: int) -> str:
    """A whole number from 0 to 999,999,999,999 in capital numerals (大写): 12,030 is 壹万贰仟零叁拾.

    One 零 stands for any run of empty places between two digits; 10 is 壹拾, never 拾, so that nothing can be written
    before it. Where only the 万 digit is empty (107,000) the 零 is left out, as both forms are right.
    Source: 正确填写票据和结算凭证的基本规定 (annex to 支付结算办法, 银发〔1997〕393号), 中文大写金额.
    """
    if not 0 <= number < 10**12:
        raise ValueError(f"{number} is outside what is written in capital numerals here")
    said, before = "", 1
    for size, unit in GROUPS:
        group = number // size % 10_000
        if group:
            gap = said and (group < 1000 or before == 0)
            said += (DIGITS[0] if gap else "") + thousands(group) + unit
        before = group
    return said or DIGITS[0]


def thousands(group: int) -> str:
    """A number from 1 to 9,999 in capital numerals."""
    said, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            said += (DIGITS[0] if gap and said else "") + DIGITS[digit] + PLACES[place]
        gap = digit == 0
    return said


def grouped(number: int) -> str:
    """12030 as 12,030, with a true minus sign."""
    return f"{number:,}".replace("-", "−")


def day(when: date) -> str:
    """2026年11月20日."""
    return f"{when.year}年{when.month}月{when.day}日"


def moment(when: datetime) -> str:
    """2026年11月20日 14:03:22 in Beijing time, which every paper states. ``ValueError`` for a time without a zone."""
    if when.utcoffset() is None:
        raise ValueError(f"{when} has no time zone")
    local = when.astimezone(BEIJING)
    return f"{day(local)} {local:%H:%M:%S}"
