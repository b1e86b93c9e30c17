"""What everyone may ask by program; nobody signs in."""

from ninja import Router

from tanhui.portal.api import numbers, publications, registers, statistics

router = Router()
router.add_router("", numbers.router)
router.add_router("", registers.router)
router.add_router("", publications.router)
router.add_router("", statistics.router)
