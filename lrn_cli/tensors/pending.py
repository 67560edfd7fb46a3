"""What is there in the end, or was never."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import TypeVar

P = TypeVar("P", bound="Pending")


class Pending(ABC):
    """An output that appears when the `with` block ends well, and not otherwise."""

    @abstractmethod
    def commit(self) -> None:
        """Make the output appear under its name."""

    @abstractmethod
    def abort(self) -> None:
        """Remove every trace of the output; what was there before stays."""

    def __enter__(self: P) -> P:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abort()
            return
        try:
            self.commit()
        except BaseException:
            self.abort()
            raise
