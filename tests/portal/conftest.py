from tests.journeys.conftest import register

__all__ = ["register"]
