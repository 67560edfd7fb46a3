"""Layouts: which axis of a tensor is which, as a word of letters such as NCHW."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lrn_cli.errors import LrnError

AXES = {"N": "batch", "C": "channel", "D": "depth", "H": "height", "W": "width", "L": "length", "T": "time"}
ANY = "..."
"""Stands for as many spatial axes as the tensor has: PyTorch's and ONNX's `NC...`."""

# What fills `...`, by how many axes are left; more than three have no customary letters.
_SPATIAL = {0: "", 1: "L", 2: "HW", 3: "DHW"}
CUSTOMARY = ("CHW", "HWC", "NCHW", "NHWC", "NCDHW", "NDHWC")
"""Where only the channel axis is given and the window lies over H and W, these say which axes those are."""
_COLOURS, _PICTURE = (3, 4), 16
"""How many numbers a pixel has in a picture, and how many pixels a picture has at least along each side."""
# A vector is channels and a matrix rows of channels, whatever the convention.
_LOW_RANKS = {1: "C", 2: "NC"}


def parse(word: str) -> str:
    """A layout as typed, in capitals, or an error that says which letter is wrong.

    >>> parse("nhwc"), parse("NC...")
    ('NHWC', 'NC...')
    """
    layout = word.strip().upper()
    letters = layout.replace(ANY, "", 1)
    known = ", ".join(f"{letter} {meaning}" for letter, meaning in AXES.items())
    for letter in letters:
        if letter not in AXES:
            raise LrnError(f"layout {word!r} has the letter {letter!r}, which is none of {known}", _meant(word))
        if letters.count(letter) > 1:
            raise LrnError(f"layout {word!r} names the axis {letter} ({AXES[letter]}) twice", _meant(word))
    if "C" not in letters:
        raise LrnError(f"layout {word!r} has no C, so nothing says which axis the channels are on", _meant(word))
    return layout


_ELSEWHERE = {"channelsfirst": "NC...", "channelslast": "N...C", "cf": "NC...", "cl": "N...C"}
_THEIRS = {"B": "N", "0": "H", "1": "W", "Y": "H", "X": "W", "Z": "D", "I": "H", "J": "W"}
"""Letters of Theano and pylearn2 (bc01), of MATLAB (SSCB) and of others."""


def _meant(word: str) -> str:
    """What to type for a layout in another system's letters; else what a layout is."""
    letters = re.sub(r"[^A-Z0-9]", "", word.upper())
    layout = _ELSEWHERE.get("".join(letter for letter in word.lower() if letter.isalpha()), "")
    if not layout:
        spatial = iter({1: "L", 2: "HW", 3: "DHW"}.get(letters.count("S"), ""))
        theirs = "".join(next(spatial, "?") if letter == "S" else _THEIRS.get(letter, letter) for letter in letters)
        layout = theirs if set(theirs) <= set(AXES) and len(set(theirs)) == len(theirs) and "C" in theirs else ""
    return f"--layout {layout}" if layout else "one letter for each axis, C for that of the channels"


def fit(layout: str, rank: int) -> str | None:
    """The layout with one letter for each of `rank` axes, or None where it does not fit.

    >>> fit("NC...", 4), fit("NC...", 3), fit("...C", 4), fit("NHWC", 3)
    ('NCHW', 'NCL', 'NHWC', None)
    """
    if ANY in layout:
        left = rank - (len(layout) - len(ANY))
        if left < 0:
            return None
        before, after = layout.split(ANY)
        known = (*_LOW_RANKS.values(), *CUSTOMARY, "NC" + _SPATIAL.get(left, "." * left))
        fitting = (word for word in known if len(word) == rank and word.startswith(before) and word.endswith(after))
        layout = next(fitting, layout.replace(ANY, "." * left))
    return layout if len(layout) == rank else None


def read(word: str, shape: Sequence[int]) -> str:
    """The layout that was asked for, fitted to a tensor of that shape.

    Raises:
        LrnError: It is no layout, or it has another number of axes than the tensor.
    """
    layout = parse(word)
    fitted = fit(layout, len(shape))
    if fitted is None:
        raise LrnError(
            f"layout {layout} names {len(layout.replace(ANY, ''))} axes, the tensor has {len(shape)}: "
            f"{describe(shape)}",
            f"--layout with {len(shape)} letters, or --axis with the place of the channels",
        )
    return fitted


def from_axis(axis: int, shape: Sequence[int]) -> str:
    """A layout that knows only where the channels are: `.` stands for each other axis.

    Where one customary layout has them there, it is that one, so that H and W are known too.

    >>> from_axis(-1, (2, 5, 5, 3)), from_axis(0, (3, 4, 5, 6))
    ('NHWC', 'C...')
    """
    rank = len(shape)
    if not -rank <= axis < rank:
        raise LrnError(
            f"axis {axis} is not there: the tensor {describe(shape)} has axes 0 to {rank - 1}",
            "--axis with one of them; -1 is the last",
        )
    position = axis % rank
    matches = [layout for layout in CUSTOMARY if len(layout) == rank and layout[position] == "C"]
    return matches[0] if len(matches) == 1 else "." * position + "C" + "." * (rank - 1 - position)


def choose(
    shape: Sequence[int], *, layout: str | None = None, axis: int | None = None, fixed: str | None = None
) -> str | None:
    """The layout that was given, by its letters or by its channel axis, or that the file's format fixes.

    Args:
        shape: Of what is normalised.
        layout, axis: As typed, or None.
        fixed: The format's own, as an image's HWC; None where it has none.

    Raises:
        LrnError: Both a layout and an axis are given, one does not fit the shape, or it is not the format's.

    >>> choose((2, 5, 5, 3), axis=-1), choose((5, 5, 3), fixed="HWC"), choose((5, 5, 3))
    ('NHWC', 'HWC', None)
    """
    if layout is not None and axis is not None:
        raise LrnError(f"the layout {layout} and the axis {axis} both say where the channels are", "give one of them")
    named = read(layout, shape) if layout is not None else None
    if axis is not None:
        named = from_axis(axis, shape)
    if fixed is None or named is None:
        return fixed or named
    same = named == fixed if layout is not None else named.index("C") == fixed.index("C")
    if not same:
        said = f"not {layout}" if layout is not None else f"its channels are not on axis {axis}"
        raise LrnError(f"an image is {fixed}, {said}", "leave --layout and --axis out")
    return fixed


def customary(layouts: Sequence[str], rank: int) -> str | None:
    """Which of a convention's layouts a tensor of that rank has; None where it has none.

    >>> customary(("NCHW", "CHW"), 3), customary(("NHWC",), 2), customary(("NHWC",), 3)
    ('CHW', 'NC', None)
    """
    if rank in _LOW_RANKS:
        return _LOW_RANKS[rank]
    return next((fitted for layout in layouts if (fitted := fit(layout, rank))), None)


def doubt(layout: str, shape: Sequence[int]) -> str | None:
    """Which layout a tensor looks like, if that is not the one it is taken for: the channels stand at the other end.

    Two lengths that are the same are height and width, and three or four numbers for each of many pixels are colours.

    Args:
        layout: A letter for each axis.
        shape: Of the tensor.

    >>> doubt("NCHW", (1, 28, 28, 32)), doubt("HWC", (3, 480, 640)), doubt("NCHW", (1, 96, 27, 27))
    ('NHWC', 'CHW', None)
    """
    batch, spatial = layout[: layout.startswith("N")], layout.replace("C", "").removeprefix("N")
    orders = [f"{batch}C{spatial}", f"{batch}{spatial}C"]
    if layout not in orders or len(spatial) < 2:
        return None
    (other,) = {*orders} - {layout}
    here, there = (
        {letter: length for letter, length in zip(word, shape, strict=True) if letter != "N"}
        for word in (layout, other)
    )
    colours = there.pop("C") in _COLOURS and min(there.values()) >= _PICTURE and here["C"] >= _PICTURE
    here.pop("C")
    square = len({*there.values()}) == 1 < len({*here.values()})
    return other if square or colours else None


def guess(shape: Sequence[int]) -> str | None:
    """The layout that a shape speaks for, whatever the convention; None where it could be several.

    >>> guess((1, 28, 28, 32)), guess((3, 480, 640)), guess((96, 96, 96)), guess((4, 5))
    ('NHWC', 'CHW', None, None)
    """
    alike = [layout for layout in CUSTOMARY if len(layout) == len(shape)]
    return next((found for layout in alike if (found := doubt(layout, shape))), None)


def doubts(layout: str, shape: Sequence[int], *, integers: bool) -> Iterator[str]:
    """What speaks against the layout that was taken for a tensor because nobody has said one.

    Args:
        layout: A letter for each axis.
        shape: Of the tensor.
        integers: Whether its elements are.

    >>> list(doubts("C", (10,), integers=True))
    ['10 integers look like labels, taken as C, 10 channels; --layout C if they are none']
    """
    channels = shape[layout.index("C")]
    taken = f"taken as {layout}, {channels} channel{'' if channels == 1 else 's'}"
    if other := doubt(layout, shape):
        yield f"{describe(shape)} looks like {other}, {taken}; --layout {other}, or --layout {layout} if it is that"
    if integers and layout == "C" and channels > 1:
        yield f"{channels} integers look like labels, {taken}; --layout C if they are none"


def alike(layouts: Sequence[str], rank: int) -> str:
    """The customary layout of that rank that has the channels where those layouts have them, for hints.

    >>> alike(("NHWC",), 3), alike(("NCHW",), 3), alike(("NCHW", "CHW"), 5), alike(("NCHW",), 6), alike(("NHWC",), 6)
    ('HWC', 'NCL', 'NCDHW', 'NC...', '...C')
    >>> alike(("HWCN", "HWC"), 5), alike(("HWCN", "HWC"), 6)
    ('HWDCN', '...CN')
    """
    if layouts[0].endswith("N"):  # MATLAB's and cuda-convnet's
        first = layouts[0].startswith("C")
        known = ("CHW", "CHWN", "CDHWN") if first else ("HWC", "HWCN", "HWDCN")
        return next((word for word in known if len(word) == rank), f"C{ANY}N" if first else f"{ANY}CN")
    if not all(layout.endswith("C") for layout in layouts):
        fitted = fit(f"NC{ANY}", rank) or ""
        return fitted if fitted and "." not in fitted else f"NC{ANY}"
    return next((layout for layout in CUSTOMARY if len(layout) == rank and layout.endswith("C")), f"{ANY}C")


def describe(shape: Sequence[int]) -> str:
    """A shape as people write it.

    >>> describe((1, 96, 55, 55)), describe(())
    ('1x96x55x55', 'a single number')
    """
    return "x".join(str(length) for length in shape) if shape else "a single number"
