"""``{% shared %} … {% endshared %}``: the part of a public page that is the same for everybody (``ui.shared``)."""

from django import template
from django.template.base import NodeList, Parser, Token
from django.utils.safestring import SafeString

from tanhui.ui import shared

register = template.Library()


class Shared(template.Node):
    def __init__(self, nodes: NodeList) -> None:
        self.nodelist = nodes

    def render(self, context: template.Context) -> SafeString:
        return shared.content(context, self.nodelist)


@register.tag(name="shared")
def share(parser: Parser, token: Token) -> Shared:
    nodes = parser.parse(("endshared",))
    parser.delete_first_token()
    return Shared(nodes)
