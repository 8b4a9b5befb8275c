"""Inputs that stand for several: a form, and a reference to inputs that are kept beside the flows of a namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flows.model.inputs.definitions import DependsOn, FormInput, Input, ReusableInputsInput

Blocks = Callable[[ReusableInputsInput], Sequence[Input] | None]
"""The inputs of the block that a reference names; None when there is no such block."""

Named = tuple[str | None, str]


def no_blocks(reference: ReusableInputsInput) -> Sequence[Input] | None:
    """Where nobody keeps any."""
    return None


def asked(inputs: Sequence[Input], blocks: Blocks = no_blocks) -> list[Input]:
    """Every input, those inside others right after them: `a` of a form `f` has the id `f.a` and depends on `f`.

    Inside, names in `dependsOn` are those of the same form, or full ones.
    """
    return list(_asked(inputs, blocks, ()))


def _asked(inputs: Sequence[Input], blocks: Blocks, around: tuple[Named, ...]) -> Iterator[Input]:
    """`around`: the blocks that these stand in. One that leads back into itself has nothing inside there."""
    for entry in inputs:
        yield entry
        named = (entry.namespace, entry.ref) if isinstance(entry, ReusableInputsInput) else None
        if named is None or named not in around:
            inside = inside_of(entry, blocks)
            below = (*around, named) if named is not None else around
            yield from _asked([_placed(each, entry.id, inside) for each in inside], blocks, below)


def inside_of(entry: Input, blocks: Blocks = no_blocks) -> Sequence[Input]:
    """The inputs that one stands for."""
    if isinstance(entry, FormInput):
        return entry.inputs
    return blocks(entry) or () if isinstance(entry, ReusableInputsInput) else ()


def _placed(entry: Input, form: str, siblings: Sequence[Input]) -> Input:
    names = {each.id for each in siblings}
    given = entry.depends_on or DependsOn()
    needed = [form, *(f"{form}.{name}" if name in names else name for name in given.inputs)]
    return entry.model_copy(
        update={"id": f"{form}.{entry.id}", "depends_on": DependsOn(inputs=needed, condition=given.condition)}
    )
