"""`gradient` without a command line: a plan as that of `apply`, with the derivatives that come in beside the tensor."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import IO

from lrn_cli.boxes import Box
from lrn_cli.errors import LrnError
from lrn_cli.passes.derive import Derivation, pair
from lrn_cli.passes.dy import ONES, open_dy
from lrn_cli.pipeline.outputs import Naming
from lrn_cli.pipeline.plan import Plan
from lrn_cli.pipeline.request import Input, Report, Request, is_template
from lrn_cli.tensors.output import is_folder
from lrn_cli.tensors.registry import sniff
from lrn_cli.tensors.selection import SEPARATOR, STREAM, split
from lrn_cli.tensors.targets import place
from lrn_cli.tensors.tensor import Sink, Source, Writing
from lrn_cli.work.threads import usable_cores


class GradientPlan(Plan):
    """An open input, the derivatives by its results, and everything that is known before the first byte is written.

    Arguments and errors as of `Plan`.
    """

    def __init__(
        self,
        request: Request,
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        source: Source | None = None,
    ) -> None:
        self._stdin = stdin
        super().__init__(request, stdin=stdin, stdout=stdout, source=source)

    def _settle(self) -> None:
        super()._settle()
        request = self.request
        self.dy_word = find_dy(request.dy or ONES, Input(request.source, request.folder), request)
        self._given = open_dy(self.dy_word, (request.source, self._values), request.reading, self._stdin)
        try:
            self._pair = pair([self._values, self._given], self.window, self.bound.norm)
            self.notices.extend(self._given.survey())
        except LrnError as error:
            self._given.close()
            raise error.about(self.dy_word) from None
        except BaseException:
            self._given.close()
            raise

    def _writing(self) -> Writing:
        writing = super()._writing()
        what = "change" if self.request.forward else "gradient"
        return writing._replace(provenance={**writing.provenance, "lrn_derivative": what})

    @property
    def nbytes(self) -> int:
        """How many bytes will be read."""
        return super().nbytes + self._given.info.nbytes

    def fill(self, sink: Sink, advanced: Callable[[int], None] = lambda _: None, within: Box | None = None) -> int:
        """Write the results; return how many are NaN or infinite for finite input."""
        derivation = Derivation(
            self._pair,
            self._writer(sink),
            self.dtype,
            in_order=sink.sequential,
            forward=self.request.forward,
            advanced=advanced,
        )
        return derivation.run(self.request.threads or usable_cores(), self.request.memory, within)

    def report(self, not_finite: int | None = None) -> Report:
        """What is done, or would be."""
        return super().report(not_finite)._replace(dy=self.dy_word)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._given.close()
        super().__exit__(kind, error, where)


def find_dy(typed: str, item: Input, request: Request) -> str:
    """The word of the derivatives that belong to an input.

    Args:
        typed: A file, a folder or a template for the names of files, or "ones".
        item: The input.
        request: What was asked for.
    """
    file, member = split(item.word)
    if typed in {ONES, STREAM}:
        return typed
    if is_template(typed):
        return Naming(typed, request.bound.convention.name).name(item)
    if is_folder(typed):
        typed = str(place(typed) / (item.folder or "") / place(file).name)
    if not member or split(typed)[1]:
        return typed
    # A file for all tensors of another has each under the same name; one with a tensor alone need not.
    path = place(typed)
    names = {info.member.strip("/"): info.member for info in sniff(path).describe(path, request.reading)}
    own = names.get(member.strip("/"))
    return typed if own is None else f"{typed}{SEPARATOR}{own}"
