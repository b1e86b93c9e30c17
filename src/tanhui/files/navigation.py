from django.utils.translation import gettext_lazy as _

from tanhui.ui import navigation

navigation.register(
    navigation.Entry(
        "files:exports", _("My exports"), 90, shown=navigation.signed_in, mine=True, heading=navigation.SELF
    )
)
