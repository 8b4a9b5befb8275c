"""A piece of a flow document, and one that is found by its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from plugins.contracts.outputs import Outputs
from plugins.contracts.properties import Property


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a piece of a flow document that no single field shows; `field` is its name outside."""

    message: str
    field: str = ""


class Model(BaseModel):
    """A piece of a flow document: camelCase outside, unknown properties refused, never changed after parsing."""

    VARIANTS: ClassVar[Mapping[str, type[Model]]] = {}
    DEPRECATED: ClassVar[str] = ""
    """What to use instead of something old."""
    """Which class stands for which `type`, when a piece comes in several kinds that are no plugins."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        ignored_types=(Property,),
    )

    def problems(self) -> Iterable[Problem]:
        """What is wrong although each field is right by itself. The parser reports it with its line."""
        return ()


class Plugin(Model):
    """Anything found by its `type`. `TYPE` is what flows store: never renamed. `ALIASES` are older names, accepted."""

    TYPE: ClassVar[str] = ""
    ALIASES: ClassVar[tuple[str, ...]] = ()
    TITLE: ClassVar[str] = ""
    EXAMPLES: ClassVar[tuple[str, ...]] = ()
    """Whole flows in YAML, shown in the documentation and run by the conformance suite of plugins."""
    OUTPUTS: ClassVar[Outputs] = {}
    """The JSON schema of each output a task brings, or of each variable a trigger gives to what it starts."""

    type: str
