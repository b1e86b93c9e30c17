"""What the command line says about methodologies."""

from tanhui.kernel.refusal import Refusal, gettext_noop

REPRODUCED = gettext_noop("Reproduced: %(tonnes)s t (%(kg)s kg), trace %(trace)s.")
DIFFERS = gettext_noop(
    "Not reproduced. First difference: %(symbol)s is recorded as %(recorded)s and computed as %(computed)s."
)
ARITHMETIC = gettext_noop("Shared arithmetic, %(module)s: recorded %(recorded)s, now %(now)s.")
ARITHMETIC_ALONE = gettext_noop("It changed since the bundle was made, and every figure comes out as it was.")
COMPUTED = gettext_noop(
    "%(kg)s kg CO2e: %(tonnes)s t, residual %(residual)s kg. Weakest evidence %(evidence)s; purpose: %(purpose)s."
)
COUNTED = gettext_noop("%(amount)s %(unit)s. Weakest evidence %(evidence)s; purpose: %(purpose)s.")
COUNTED_AGAIN = gettext_noop("Reproduced: %(amount)s %(unit)s, trace %(trace)s.")
PAPER_WRITTEN = gettext_noop("Paper written to %(path)s.")
WRITTEN = gettext_noop("Bundle written to %(path)s.")
SHEET = gettext_noop("Error sheet with %(count)s faults written to %(path)s.")
FAULT = gettext_noop("%(file)s, row %(row)s, %(column)s = %(value)s: %(reason)s")
CHECKED = gettext_noop("%(packages)s methodologies, %(cases)s worked examples; %(broken)s have faults.")
OVERDUE = gettext_noop("the date of review of %(parameter)s has passed: %(day)s, %(values)s values.")
REFUSED = gettext_noop("Refused: %(sentence)s")


class FileUnreadable(Refusal):
    code = "methods.file_unreadable"
    sentence = gettext_noop("%(path)s cannot be read (%(problem)s). Check the name and the format.")
    clause = "ARCHITECTURE.md §5"
    status = 422


class NotATable(Refusal):
    code = "methods.not_a_table"
    sentence = gettext_noop("%(given)s names no table. Write its name and file: plots=plots.csv.")
    clause = "ARCHITECTURE.md §5"
    status = 422


class PartMissing(Refusal):
    code = "methods.part_missing"
    sentence = gettext_noop(
        "This needs %(module)s, which is not installed here. Install it with: pip install 'tanhui[%(extra)s]'"
    )
    clause = "ARCHITECTURE.md §2"
    status = 501
