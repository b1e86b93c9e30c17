"""The kinds of event an organisation's systems can be told of: every kind of fact that the log publishes."""

from tanhui.kernel.refusal import gettext_noop
from tanhui.tlog import labels

TEST = "tanhui.test"  # sent when somebody asks for a test message
TEST_NAME = gettext_noop("Test message")

KINDS = dict(labels.KINDS)  # kind: its name, a msgid


def name(kind: str) -> str:
    """The msgid of a kind's name; a kind no longer in the catalogue is called by its code."""
    return TEST_NAME if kind == TEST else KINDS.get(kind, kind)
