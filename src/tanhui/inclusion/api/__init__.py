"""What programs may ask of personal carbon accounts: providers hand in batches, apps show an account."""

from ninja import Router

router = Router()
