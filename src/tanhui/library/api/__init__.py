"""What programs may ask of the library."""

from ninja import Router

from tanhui.library.api import shelf

router = Router()
router.add_router("", shelf.router)
