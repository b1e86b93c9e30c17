"""Static files under names that carry their hash, compressed once, cached for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """As WhiteNoise's, but a file may name a source map that is not delivered."""

    patterns = tuple(
        (glob, tuple(each for each in found if "sourceMappingURL" not in str(each)))
        for glob, found in CompressedManifestStaticFilesStorage.patterns
    )
