"""Images that people send, as text that a page can show."""

from __future__ import annotations

import base64

from django.core.files.uploadedfile import UploadedFile

from control_plane.kernel.words.errors import Invalid

LARGEST_LOGO = 512 * 1024
_IMAGES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}


def data_url(file: UploadedFile[bytes] | None) -> str | None:
    """The image as text. No SVG: it could carry a script."""
    if file is None or not file.size:
        return None
    if file.size > LARGEST_LOGO:
        raise Invalid(f"a logo has at most {LARGEST_LOGO} bytes")
    content = file.read()
    kind = next((kind for magic, kind in _IMAGES.items() if content.startswith(magic)), None)
    if kind is None:
        raise Invalid("a logo is a PNG, JPEG, GIF or WebP image")
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
