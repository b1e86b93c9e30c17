"""The addresses of scenarios, providers, settlements and what waits for a decision."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
