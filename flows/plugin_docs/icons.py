"""A picture for every plugin, drawn from its group: one letter on one colour, so that groups are told apart."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from plugins.catalog.registry import group_of, name_of
from plugins.contracts import Plugin

_SIZE = 24


def icon_svg(plugin: type[Plugin]) -> str:
    """An SVG of 24 by 24 that reads on light and dark."""
    return _svg(group_of(plugin), name_of(plugin))


def group_icon_svg(group: str) -> str:
    return _svg(group, group.rpartition(".")[2].capitalize())


def encoded(svg: str) -> str:
    """As the API carries it."""
    return base64.b64encode(svg.encode()).decode()


def _svg(group: str, name: str) -> str:
    hue = int.from_bytes(hashlib.sha256(group.encode()).digest()[:2], "big") % 360
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SIZE}" height="{_SIZE}" viewBox="0 0 {_SIZE} {_SIZE}">'
        f'<rect width="{_SIZE}" height="{_SIZE}" rx="6" fill="hsl({hue} 45% 42%)"/>'
        f'<text x="12" y="16.5" font-family="sans-serif" font-size="12" font-weight="600" text-anchor="middle" '
        f'fill="#fff">{escape(name[:2])}</text></svg>'
    )
