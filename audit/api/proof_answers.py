"""What proves the trail, as the API's description names it."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Moment


class TrailProblem(TypedDict):
    """What is wrong, and the first entry at which it shows."""

    seq: NotRequired[int]
    text: str


class TrailReport(TypedDict):
    """What a check of a chain has found."""

    isIntact: bool
    entries: int
    first: NotRequired[int]
    last: int
    start: NotRequired[Moment]
    end: NotRequired[Moment]
    purged: int
    anchors: int
    anchoredEntry: int
    problems: list[TrailProblem]


class TrailKey(TypedDict):
    """A public key that signs anchors and tombstones, in base64."""

    id: str
    public: str
    at: Moment


class TrailShipping(TypedDict):
    """How far one destination is behind."""

    destination: str
    shipped: int
    behind: int
    lagSeconds: float
    failedAt: NotRequired[Moment]
    error: str


class TrailState(TypedDict):
    """How much there is, and how far it was anchored and shipped."""

    entries: int
    anchors: int
    anchoredAt: NotRequired[Moment]
    anchoredEntry: int
    isOutside: bool
    tombstones: int
    keys: list[TrailKey]
    shipping: list[TrailShipping]
