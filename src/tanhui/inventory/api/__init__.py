"""What programs may ask of the inventory."""

from ninja import Router

from tanhui.inventory.api import moves, use, years

router = Router()
router.add_router("", moves.router)
router.add_router("", use.router)  # before the years: a code of a year stands where these have a word
router.add_router("", years.router)
