from tests.permissions.conftest import _django_db_helper, here, signed_in

__all__ = ["_django_db_helper", "here", "signed_in"]
