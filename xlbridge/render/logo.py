"""The firm's logo as an RGB picture: transparency is laid on white, large pictures are made smaller, once per process."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from zlib import compress

from xlbridge.findings import Finding, Rule, Severity
from xlbridge.render.page import Picture

LARGEST = (640, 320)  # pixels: 270 dpi on the page
MAX_PIXELS = 50_000_000

UNREADABLE = Rule(
    "DOC-002",
    Severity.WARNING,
    "Logo illisible",
    "Le logo n’a pas pu être lu ({reason}) : la facture est faite sans logo.",
    "enregistrez le logo au format PNG ou JPEG.",
)


@lru_cache(maxsize=8)
def picture(logo: bytes) -> Picture | Finding:
    """The picture in `logo` (PNG or JPEG file), or the finding that says why there is none."""
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(logo), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                return UNREADABLE.found(field="logo", reason="image trop grande")
            photograph = image.format == "JPEG"
            image.draft("RGB", (2 * LARGEST[0], 2 * LARGEST[1]))
            small = ImageOps.exif_transpose(image)
            small.thumbnail(LARGEST)
            small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return UNREADABLE.found(field="logo", reason=_reason(error))
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert("RGB")
    if photograph:
        file = BytesIO()
        small.save(file, "JPEG", quality=90)
        return Picture(small.width, small.height, file.getvalue(), "DCTDecode")
    return Picture(small.width, small.height, compress(small.tobytes(), 9), "FlateDecode")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and "truncated" in str(error):
        return "fichier incomplet"
    return "ni PNG ni JPEG, ou fichier abîmé"
