"""What a request's body is: a typed model with the wire's camelCase names."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from control_plane.kernel.api.errors import from_pydantic
from control_plane.kernel.words.errors import Invalid


class Body(BaseModel):
    """Unknown properties are ignored: clients send more than we asked for."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


B = TypeVar("B", bound=BaseModel)


def read(model: type[B], data: Any) -> B:
    """The body as its model, or Invalid naming each wrong property."""
    if not isinstance(data, dict):
        raise Invalid("a JSON object is expected")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise from_pydantic(error) from None


def without_nulls(**properties: Any) -> dict[str, Any]:
    """An object as the API shows it: what is absent is left out, `False` and empty are not."""
    return {name: value for name, value in properties.items() if value is not None}
