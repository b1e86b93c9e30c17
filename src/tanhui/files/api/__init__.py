"""Papers for programs: resumable uploads (tus 1.0.0), documents, and exports."""

from ninja import Router

from tanhui.files.api import documents, exports, uploads

router = Router()
router.add_router("", uploads.router)
router.add_router("", documents.router)
router.add_router("", exports.router)
