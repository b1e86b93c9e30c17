"""What programs may ask of projects and the land under them. One noun a file; each adds its router here."""

from ninja import Router

from tanhui.projects.api import cases, field, public

router = Router()
router.add_router("", field.router)
router.add_router("", public.router)
router.add_router("", cases.router)
