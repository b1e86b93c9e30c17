from django.utils.translation import gettext_lazy as _

from tanhui.ui import navigation

navigation.register(
    navigation.Entry("portal:home", _("Home"), 0),
    navigation.Entry("portal:look_up", _("Look up a number"), 10),
    navigation.Entry("portal:registry", _("Registry figures"), 20),
    navigation.Entry("portal:log", _("Transparency log"), 30),
    navigation.Entry("portal:verify", _("How to verify"), 40),
)
