"""The register for programs: the same acts as the pages, through the same doors."""

from ninja import Router

from tanhui.registry.api import accounts, instructions, moves, openings, papers

router = Router()
router.add_router("", accounts.router)
router.add_router("", moves.router)
router.add_router("", instructions.router)
router.add_router("", papers.router)
router.add_router("", openings.router)
