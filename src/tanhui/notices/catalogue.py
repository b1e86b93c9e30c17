"""The kinds of event an organisation's systems can be told of: the facts of business that the log publishes.

What the log says of people, their documents and their duties carries no content there and is nobody's business.
"""

from tanhui.kernel.refusal import gettext_noop
from tanhui.tlog import labels

TEST = "tanhui.test"  # sent when somebody asks for a test message
TEST_NAME = gettext_noop("Test message")

BUSINESS = ("registry.", "portal.", "rulepacks.", "identity.organisation_", "identity.instruction_")

KINDS = {kind: said for kind, said in labels.KINDS.items() if kind.startswith(BUSINESS)}  # kind: its name, a msgid


def name(kind: str) -> str:
    """The msgid of a kind's name; a kind no longer in the catalogue is called by its code."""
    return TEST_NAME if kind == TEST else KINDS.get(kind, kind)
