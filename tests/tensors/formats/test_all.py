"""No format stands outside the battery."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.registry import formats
from tests.tensors.formats.battery import Battery, Example

TESTS = Path(__file__).parents[2]


def all_examples() -> list[Example]:
    """The examples of all files beside this one, and of those for which an extra is needed."""
    paths = [*TESTS.glob("tensors/formats/test_*.py"), *TESTS.glob("[fs]*/test_format_*.py")]
    names = [".".join(path.relative_to(TESTS.parent).with_suffix("").parts) for path in paths]
    modules = [import_module(name) for name in names if name != __name__]
    classes = [item for module in modules for item in vars(module).values() if isinstance(item, type)]
    return [e for item in classes if issubclass(item, Battery) and item is not Battery for e in item.EXAMPLES]


def test_every_format_joins_the_battery_with_all_that_it_does() -> None:
    examples = all_examples()
    assert {example.format for example in examples} == {form.name for form in formats()}
    written = {example.format for example in examples if example.load is not None}
    assert written == {form.name for form in formats() if isinstance(form, WrittenFormat)}
