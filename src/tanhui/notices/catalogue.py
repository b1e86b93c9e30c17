"""The kinds of event an organisation's systems can be told of: every kind of fact that the log publishes."""

from tanhui.tlog import labels

TEST = "tanhui.test"  # sent when somebody asks for a test message

KINDS = dict(labels.KINDS)  # kind: its name, a msgid
