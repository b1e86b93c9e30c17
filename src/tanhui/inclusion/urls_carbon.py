"""The addresses of a resident's own account."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
