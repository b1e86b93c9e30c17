"""Addresses of people, organisations and mandates."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
