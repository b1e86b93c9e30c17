"""The addresses of rewards, merchants and pooling."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
