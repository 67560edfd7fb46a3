"""Files of pandas."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.made import Made, Seen, X

MATRIX = X.reshape(8, 15)


def _frames() -> dict[str, Any]:
    import pandas

    days = pandas.date_range("2000-01-01", periods=8, freq="D")
    return {
        "dates": pandas.DataFrame(MATRIX[:, :3], days.tz_localize("Europe/Berlin"), ["red", "grün", "x"]),
        "levels": pandas.DataFrame(
            {"a": np.arange(8.0)}, pandas.MultiIndex.from_product([["p", "qq"], range(4)], names=["k", None])
        ),
        "mixed": pandas.DataFrame(
            {
                "text": ["a", "bc", "", "größer", None, "f", "g", "h"],
                "n": np.arange(8),
                "truth": [True, False] * 4,
                "when": days,
            }
        ),
        "series": pandas.Series(np.arange(8) / 4, name="quarter"),
        "span": pandas.Series(days - days[0], name="since"),
    }


def _add_tensor(store: Any) -> None:
    import pandas

    store.put("df", pandas.DataFrame(MATRIX.astype("f8"), columns=[f"c{at}" for at in range(15)]), track_times=True)
    store.get_storer("df").attrs.note = {"any": ["object", None]}


def fixed(path: Path) -> None:
    """The fixed format, with dates, levels, text and objects beside."""
    import pandas

    with pandas.HDFStore(path, "w") as store:
        _add_tensor(store)
        for name, frame in _frames().items():
            with warnings.catch_warnings(action="ignore"):  # it pickles the text, and says that this is slow
                store.put(name, frame, track_times=True)


def table(path: Path) -> None:
    """The table format, with categories, indexed columns and compression beside."""
    import pandas

    with pandas.HDFStore(path, "w", complevel=5, complib="zlib") as store:
        _add_tensor(store)
        for name, frame in _frames().items():
            store.append(name, frame, index=False, min_itemsize=20 if name == "mixed" else None)
        kinds = pandas.DataFrame({"kind": pandas.Categorical(list("abcaabbc")), "n": range(8)})
        store.append("kinds", kinds, data_columns=True)


def seen(path: Path) -> Seen:
    """Every frame as pandas restores it."""
    import pandas

    rest = {}
    with pandas.HDFStore(path, "r") as store:
        for name in store.keys():  # noqa: SIM118 - not a dictionary
            frame = store[name]
            kinds = f"{type(frame)} {getattr(frame, 'dtypes', '')} {frame.index!r} {getattr(frame, 'columns', '')!r}"
            numbers = "" if name == "/df" else repr(frame.reset_index(drop=True).to_dict())
            rest[name] = f"{kinds} {numbers} {store.get_storer(name)!r}"
        rest["note"] = repr(store.get_storer("df").attrs.note)
        return Seen(rest, store["df"].to_numpy())


def _kind(name: str, write: Any) -> Made:
    return Made(f"pandas, {name}", ".h5", "/df/block0_values", partial(write), seen, ("pandas", "tables"))


KINDS = [_kind("fixed", fixed), _kind("table", table)]
