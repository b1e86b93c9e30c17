"""What the organisations may let their programs do: names of rights of the API, and the capacity each takes.

Nothing that confirms stands here: a second signature is a person's (rules R-05).
"""

from tanhui.kernel.refusal import gettext_noop

SCOPES = {
    "registry.accounts": ("VIEW", gettext_noop("Read accounts, holdings and statements")),
    "registry.instructions": ("VIEW", gettext_noop("Read instructions")),
    "registry.transfer": ("INITIATE", gettext_noop("Initiate transfers")),
    "registry.retire": ("INITIATE", gettext_noop("Initiate retirements")),
    "registry.withdraw": ("INITIATE", gettext_noop("Withdraw what it initiated")),
    "registry.openings": ("VIEW", gettext_noop("Read applications for an account")),
    "projects.look": ("VIEW", gettext_noop("Read projects in development")),
    "projects.step": ("INITIATE", gettext_noop("Take and ask for steps of projects, hand in their papers")),
    "inclusion.credit_received": ("VIEW", gettext_noop("See which green records are here for it")),
    "inclusion.credit_fetch": ("INITIATE", gettext_noop("Fetch green records; their subjects see each fetch")),
    "notices.read": ("VIEW", gettext_noop("Read notices and what waits")),
    "files.read": ("VIEW", gettext_noop("Read documents")),
    "files.upload": ("VIEW", gettext_noop("Hand in documents")),
    "files.export": ("VIEW", gettext_noop("Make and fetch exports")),
}
