"""What programs may ask of personal carbon accounts: providers hand in batches, apps show an account."""

from ninja import Router

from tanhui.inclusion.api import account, batches, city, credit, regions

router = Router()
router.add_router("", batches.router)
router.add_router("", account.router)
router.add_router("", credit.router)
router.add_router("", regions.router)
router.add_router("", city.router)
