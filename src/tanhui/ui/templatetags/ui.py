"""``{% load ui %}``: the components every page is made of. They know words, tones and numbers, never the domain."""

from django import template

from tanhui.ui.components import deadlines, figures, forms, lists, sharing, widgets, words, work

register = template.Library()
for part in (words, forms, lists, deadlines, figures, sharing, work, widgets):
    register.tags |= part.register.tags
    register.filters |= part.register.filters

Step = work.Step
Tone = words.Tone
badge, copy, day, deadline, moment = words.badge, words.copy, words.day, deadlines.deadline, words.moment
serial, thousands, tonnes = words.serial, words.thousands, words.tonnes
