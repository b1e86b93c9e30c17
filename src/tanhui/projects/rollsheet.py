"""The roll of right-holders as a county has it: pasted from a spreadsheet, one line a holder, checked line by line.

What is pasted is read in memory and kept nowhere: numbers of people and accounts go into the vault or are forgotten.
"""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext, gettext_lazy

from tanhui.kernel import identifiers, typed
from tanhui.kernel.refusal import Refusal
from tanhui.projects.acts.roll import MOST, Row
from tanhui.projects.models import Holder

HEAD = (
    gettext_lazy("Village code"), gettext_lazy("Village"), gettext_lazy("Household no."), gettext_lazy("Name"),
    gettext_lazy("Tenure (mu)"), gettext_lazy("Identity number or credit code"), gettext_lazy("Bank"),
    gettext_lazy("Account number"),
)  # fmt: skip
LARGEST_MU = 10**8
HUNDREDTHS = 100
CODE_DIGITS = (9, 12)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, counted from one."""

    line: int
    what: str


def read(given: str) -> tuple[list[Row], list[Fault]]:
    """The rows of a pasted table and what is wrong with it; with any fault the rows are not for keeping."""
    text = given.replace("\x00", "")
    delimiter = "\t" if "\t" in text else ","
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    try:
        lines = list(enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1))
    except csv.Error as error:
        return [], [Fault(1, str(error))]
    for number, cells in lines:
        cells = [typed.plain(cell) for cell in cells]
        if not any(cells) or (number == 1 and is_head(cells)):
            continue
        if len(rows) >= MOST:
            return rows, [*faults, Fault(number, gettext("more than %(most)s lines") % {"most": MOST})]
        row, wrong = one(cells)
        if row is None:
            faults += [Fault(number, what) for what in wrong]
            continue
        if (first := seen.setdefault((row.village_code, row.key), number)) != number:
            faults.append(Fault(number, gettext("the same household stands in line %(line)s") % {"line": first}))
        rows.append(row)
    return rows, faults


def is_head(cells: list[str]) -> bool:
    return not cells[0].isdigit()


def one(cells: list[str]) -> tuple[Row | None, list[str]]:
    """A line taken apart, or everything that is wrong with it."""
    if len(cells) != len(HEAD):
        return None, [gettext("%(found)s columns instead of %(wanted)s") % {"found": len(cells), "wanted": len(HEAD)}]
    code, village, key, name, mu, paper, bank, account = cells
    wrong = []
    if not (code.isascii() and code.isdigit() and len(code) in CODE_DIGITS):
        wrong.append(gettext("the village code has 9 or 12 digits"))
    for text, most, said in ((village, 60, HEAD[1]), (key, 20, HEAD[2]), (name, 120, HEAD[3])):
        if not 0 < len(text) <= most:
            wrong.append(gettext("“%(column)s” is empty or too long") % {"column": said})
    weight = hundredths(mu)
    if weight is None:
        wrong.append(gettext("the tenure is a number of mu with at most two decimals"))
    citizen, uscc, amiss = document(paper)
    wrong += amiss
    account = account.replace(" ", "")
    if (account or bank) and not (
        0 < len(bank) <= 80 and account.isascii() and account.isdigit() and 8 <= len(account) <= 30
    ):
        wrong.append(gettext("bank and account number come together, the number with 8 to 30 digits"))
    if wrong or weight is None:
        return None, wrong
    return Row(
        village_code=code, village=village, key=key, name=name, weight=weight, citizen=citizen, uscc=uscc, bank=bank,
        account=account,
    ), []  # fmt: skip


def hundredths(mu: str) -> int | None:
    """Mu with at most two decimals, as whole hundredths."""
    try:
        value = Decimal(mu.replace(",", "") or "0") * HUNDREDTHS
    except InvalidOperation:
        return None
    fits = value.is_finite() and 0 <= value <= LARGEST_MU * HUNDREDTHS and value == value.to_integral_value()
    return int(value) if fits else None


def document(given: str) -> tuple[str, str, list[str]]:
    """A resident's number or an organisation's code, whichever it is. What is wrong never repeats the number."""
    if not given:
        return "", "", []
    for read_one, place in ((identifiers.citizen, 0), (identifiers.uscc, 1)):
        try:
            found = read_one(given)
        except Refusal:
            continue
        return ("", found, []) if place else (found, "", [])
    return "", "", [gettext("this is neither an identity number nor a unified social credit code")]


def template() -> tuple[list[str], list[list[str]]]:
    """Head and two made-up lines, as a spreadsheet to fill in."""
    head = [str(word) for word in HEAD]
    return head, [
        [
            "150404101201",
            gettext("Example village"),
            Holder.COLLECTIVE,
            gettext("Example village collective"),
            "0",
            "",
            "",
            "",
        ],
        ["150404101201", gettext("Example village"), "001", gettext("Example holder"), "12.35", "", "", ""],
    ]


def mu(weight: int) -> str:
    """Hundredths of a mu as they are printed."""
    return f"{Decimal(weight) / HUNDREDTHS:,.2f}"
