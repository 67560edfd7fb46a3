"""How tensors were made, in the only place that a safetensors file has for it: texts that are about the whole file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

_ABOUT = "lrn_tensors"
"""The name of the text that lists which tensors the others are about, as JSON."""


def record(
    metadata: Mapping[str, str] | None, provenance: Mapping[str, object], names: Sequence[str]
) -> dict[str, str] | None:
    """A file's texts, with those that say how the tensors of these names were made.

    What they say of other tensors of an earlier run stays: under the same names where that is the same, else under
    `lrn_parameters.NAME` and so on for each of those.

    >>> record({"lrn_version": "1", "lrn_tensors": '["a"]'}, {"lrn_version": "2"}, ["b"])
    {'lrn_version.a': '1', 'lrn_version': '2', 'lrn_tensors': '["b"]'}
    """
    if not provenance:
        return None if metadata is None else dict(metadata)
    found = dict(metadata or {})
    new = {name: value if isinstance(value, str) else json.dumps(value) for name, value in provenance.items()}
    earlier = {name: found.pop(name) for name in new if name in found}
    others = [name for name in _list(found.pop(_ABOUT, "")) if name not in names]
    if earlier != new:
        found.update({f"{key}.{other}": text for other in others for key, text in earlier.items()})
        others = []
    for name in names:
        for key in new:
            found.pop(f"{key}.{name}", None)
    return {**found, **new, _ABOUT: json.dumps([*others, *names], ensure_ascii=False)}


def _list(text: str) -> list[str]:
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
