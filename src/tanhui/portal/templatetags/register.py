from django import template

from tanhui.portal.queries import figures

register = template.Library()
register.filter("printed", figures.printed)
