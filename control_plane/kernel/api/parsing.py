"""How bodies are read, by content type; an answer is never refused for what the client said it accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, FileUploadParser, FormParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from control_plane.kernel.api.json import decode
from control_plane.kernel.config import config
from control_plane.kernel.words.errors import Invalid, TooLarge


class JsonParser(BaseParser):
    """Strict JSON; nothing at all is an empty object."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        sent = read_all(stream)
        return decode(sent) if sent.strip() else {}


class ScimParser(JsonParser):
    media_type = "application/scim+json"


class TextParser(BaseParser):
    """A text as it was sent, in UTF-8."""

    media_type = "text/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return decode_text(read_all(stream))


class YamlParser(TextParser):
    """YAML stays text: whoever knows what it is about parses it, and can say line and column."""

    media_type = "application/x-yaml"


class YamlParser2(TextParser):
    media_type = "application/yaml"


class OctetParser(BaseParser):
    """Bytes of any kind."""

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return read_all(stream)


PARSERS: tuple[type[BaseParser], ...] = (
    JsonParser,
    YamlParser,
    YamlParser2,
    TextParser,
    MultiPartParser,
    FormParser,
    ScimParser,
    OctetParser,
)
UPLOAD_PARSERS: tuple[type[BaseParser], ...] = (MultiPartParser, FileUploadParser)


def read_all(stream: IO[Any]) -> bytes:
    limit = config().limits.body_bytes
    sent: bytes = stream.read(limit + 1)
    if len(sent) > limit:
        raise TooLarge(f"a body of at most {limit} bytes is accepted")
    return sent


def decode_text(sent: bytes) -> str:
    try:
        text = sent.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"the text is not UTF-8: byte {error.start}") from None
    if "\x00" in text:
        raise Invalid("the text holds a NUL character")
    return text


class AnyAnswer(BaseContentNegotiation):
    """Picks the parser by content type (JSON when none is named) and the only renderer there is."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        sent = (request.content_type or "application/json").partition(";")[0].strip().lower()
        main = sent.partition("/")[0] + "/*"
        for wanted in (sent, main):
            for parser in parsers:
                if parser.media_type == wanted:
                    return parser
        return None

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""
