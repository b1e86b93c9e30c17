"""What programs may ask of personal carbon accounts: providers hand in batches, apps show an account."""

from ninja import Router

from tanhui.inclusion.api import account, batches

router = Router()
router.add_router("", batches.router)
router.add_router("", account.router)
