"""Who reads which page of a TIFF file: Pillow what it knows, as a picture; the others as numbers, with tifffile."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lrn_cli import layouts
from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.header import Header, read_header
from lrn_cli.tensors.images.pillow import open_image
from lrn_cli.tensors.images.source import ImageSource, PictureSource, header_of
from lrn_cli.tensors.images.storage import NotReadError, not_read
from lrn_cli.tensors.images.tiff.codecs import is_installed, missing
from lrn_cli.tensors.images.tiff.page import OTHER, Page, read_pages
from lrn_cli.tensors.images.tiff.source import OpenTiff, PageSource, StackSource
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo

STACK = "*"
"""What all pages together are called."""


def describe(path: Path, reading: Reading) -> list[TensorInfo]:
    """The pages of a file, by their numbers if there are several; and the stack of them where they are alike.

    Raises:
        LrnError: It is damaged, or is not read without the extra.
    """
    pages = _pages(path)
    if len(pages) < 2:
        return [_only(path, pages, reading).describe(reading)]
    infos = _describe_several(path, pages, reading)
    alike = _stack_of(infos)
    return [*infos, _stack(alike)] if alike else infos


def _pages(path: Path) -> Sequence[Page]:
    """The pages; none where Pillow is to say what is wrong with the file."""
    try:
        pages = read_pages(path)
    except LrnError:
        raise
    except ValueError:
        return ()
    if len(pages) > 1 and not is_installed():
        raise missing(path, f"the image has {len(pages)} pages, and lrn reads one without tifffile")
    return pages


def _only(path: Path, pages: Sequence[Page], reading: Reading) -> Header | Page:
    """The only page, where it is read as numbers; else what Pillow says of it."""
    page = next((page for page in pages if page.of_numbers), None)
    if page is not None and not page.may_be_a_picture and is_installed():
        return page
    try:
        return header_of(path, "tiff", reading)
    except NotReadError as error:
        if page is None:
            raise
        if not is_installed():
            what = f"the TIFF image stores its pixels in a way that lrn does not read without tifffile ({error.way})"
            raise missing(path, what) from None
        return page


def _describe_several(path: Path, pages: Sequence[Page], reading: Reading) -> list[TensorInfo]:
    by_pillow = _headers(path, [page for page in pages if not page.of_numbers], reading)
    infos = []
    for page in pages:
        member = str(page.index + 1)
        if page.of_numbers:
            infos.append(page.describe(reading, member))
        elif page.index in by_pillow:
            infos.append(by_pillow[page.index].describe(reading)._replace(member=member, auxiliary=page.auxiliary))
        else:
            shape = (*page.size, page.channels)
            infos.append(TensorInfo(shape, OTHER, member, layout="HWC", auxiliary=page.auxiliary))
    return infos


def _headers(path: Path, pages: Sequence[Page], reading: Reading) -> dict[int, Header]:
    """What Pillow says of pages; nothing of those that it does not read."""
    found: dict[int, Header] = {}
    if not pages:
        return found
    # Its limit is for the page that is asked for, and holds when that is opened.
    with suppress(LrnError), open_image(path, "tiff", reading.max_pixels) as image:
        for page in pages:
            try:
                image.seek(page.index)
                found[page.index] = read_header(image, path, page.index)
            except Exception:  # noqa: S112 - of all kinds, and said when the page is asked for
                continue
    return found


def _stack_of(infos: Sequence[TensorInfo]) -> list[TensorInfo]:
    """The pages that make a stack, without smaller copies and masks of others; none where they are not alike."""
    found = [info for info in infos if not info.auxiliary]
    kinds = {info._replace(member="", chunks=None, filters=()) for info in found}
    return found if len(kinds) == 1 and found[0].dtype != OTHER else []


def _stack(infos: Sequence[TensorInfo]) -> TensorInfo:
    """The description of pages that are alike."""
    first = infos[0]
    same = all(info.chunks == first.chunks and info.filters == first.filters for info in infos)
    return first._replace(
        shape=(len(infos), *first.shape),
        member=STACK,
        chunks=(1, *first.chunks) if same and first.chunks else None,
        filters=first.filters if same else (),
        layout="NHWC",
        auxiliary=True,  # who names none means a page
    )


def find_named(path: Path, member: str, infos: Sequence[TensorInfo]) -> TensorInfo | None:
    """What a name means that is none of the members: page and stack of a file of one page.

    Raises:
        LrnError: It is the stack of pages that make none, or a page that nobody reads.
    """
    if len(infos) == 1 and not infos[0].member:
        return {"1": infos[0], STACK: _stack(infos)}.get(member)
    found = next((info for info in infos if info.member == member), None)
    if found is not None and found.dtype == OTHER:
        raise _not_read(path, int(member) - 1)
    if member != STACK or found is not None:
        return None
    kinds: dict[str, str] = {}
    for info in infos:
        kinds.setdefault(f"{layouts.describe(info.shape)} {info.dtype}", info.member)
    listed = ", ".join(f"{number} is {kind}" for kind, number in list(kinds.items())[:3])
    raise LrnError(f"{path}: its pages make no stack, they are not alike: page {listed}", f"{path}::{infos[0].member}")


def _not_read(path: Path, index: int) -> LrnError:
    page = read_pages(path)[index]
    try:
        header_of(path, "tiff", Reading(), index)
    except LrnError as error:
        return not_read(path, error.way, page.index) if isinstance(error, NotReadError) else error
    return LrnError(f"{path}: the file was changed while it was being read", "try again")


def open_pages(path: Path, info: TensorInfo, reading: Reading) -> Source:
    """A page, or the stack.

    Raises:
        LrnError: It is damaged, or not as described any more.
    """
    pages = _pages(path)
    if info.member == STACK:
        return _open_stack(path, info, pages, reading)
    if len(pages) < 2:
        only = _only(path, pages, reading)
        if isinstance(only, Page):
            return _check(_page_source(OpenTiff(path, reading), only, info.member), info)
        return ImageSource(path, "tiff", info, reading)
    page = pages[int(info.member) - 1]
    source: Source
    if page.of_numbers:
        source = _check(_page_source(OpenTiff(path, reading, of_several=True), page, info.member), info)
    else:
        source = ImageSource(path, "tiff", info, reading, page.index)
    source.left_behind = "its other pages"
    return source


def _page_source(file: OpenTiff, page: Page, member: str) -> PageSource:
    try:
        return PageSource(file, page, member)
    except BaseException:
        file.close()
        raise


def _open_stack(path: Path, info: TensorInfo, pages: Sequence[Page], reading: Reading) -> Source:
    file = OpenTiff(path, reading)
    try:
        infos = describe(path, reading)
        members = infos if len(pages) < 2 else _stack_of([each for each in infos if each.member != STACK])
        sources: list[PictureSource] = []
        for each in members:
            page = pages[int(each.member) - 1] if each.member else _only(path, pages, reading)
            if isinstance(page, Page) and page.of_numbers:
                sources.append(PageSource(file, page, each.member))
            else:
                index = page.index if isinstance(page, Page) else None
                sources.append(ImageSource(path, "tiff", each, reading, index))
        return _check(StackSource(_stack(members), sources, file), info)
    except BaseException:
        file.close()
        raise


def _check(source: PictureSource, info: TensorInfo) -> Source:
    """The source, if it is what was described."""
    if source.info != info:
        source.close()
        raise LrnError(f"{source.path}: the file was changed since it was looked at", "try again")
    return source
