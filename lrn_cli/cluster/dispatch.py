"""Which group goes to the workers when: sizes, losses, and files that kill a worker.

Dask itself gives a group of a worker that is lost to another one. Only when several were lost with it, it fails: then
its files are done beside the workers, where a file that kills takes nobody along. What is lost even so is done alone,
with nothing beside it that could be the reason, and halved until one file is left.
"""

from __future__ import annotations

import os
import pickle
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from lrn_cli._version import __version__
from lrn_cli.cluster.checks import no_worker
from lrn_cli.cluster.groups import How, Part, Sizes
from lrn_cli.cluster.home import Home
from lrn_cli.cluster.remote import Answer, Group, Job, Result, work
from lrn_cli.errors import LrnError
from lrn_cli.tensors.selection import split

if TYPE_CHECKING:
    from distributed import Client, Future

_AHEAD = 2
"""Groups that each thread of the workers has, so that none waits for the next."""
_GLANCE = 1.0
"""Seconds between two looks at who is there."""
_PATIENCE = 10.0
"""Seconds in which another worker has to come when all are gone."""
_TRIES = 3
"""Of an input that a worker does not see, or a group that it cannot read, before that is the answer."""


class Gone(Exception):  # noqa: N818 - the inputs that are left have the error
    """Nobody is there any more who could do the rest."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why, self.hint = why, hint


class Dispatch:
    """Has the workers of a cluster do tasks, and tells how each has ended, once.

    Args:
        client: Of the scheduler.
        address: As typed.
        token: Of the run.
        jobs: All of them.
        left: Which ones to do, by their numbers.
        large: Inputs of more bytes are not done, but told in `large`; 0 where all are.

    Attributes:
        workers: Those that are there, with how many threads each has.
        begun: How many groups were handed out.
        large: The numbers of inputs that were not done, as they are large.
    """

    def __init__(
        self, client: Client, address: str, token: str, jobs: Sequence[Job], left: Sequence[int], *, large: int = 0
    ) -> None:
        self._client, self._address, self._token, self._jobs = client, address, token, jobs
        self._left, self._again = deque(left), deque[Part]()
        self._sizes, self._home = Sizes(), Home.here()
        self._out: dict[Future[bytes], Part] = {}
        self._done: SimpleQueue[Future[bytes]] = SimpleQueue()
        self._blame = Counter[str]()
        self._unfit: dict[str, str] = {}
        self.workers: dict[str, int] = {}
        self.begun = 0
        self.large: list[int] = []
        self._most, self._looked, self._seen = large, 0.0, 0.0

    @property
    def outstanding(self) -> int:
        """How many groups are with the workers."""
        return len(self._out)

    def results(self) -> Iterator[tuple[int, Result]]:
        """Do all, and give each result with its number, as they come.

        Raises:
            Gone: Scheduler or workers are gone; what was not told is not done, or not known to be.
        """
        while self._left or self._again or self._out:
            self._look()
            self._hand_out()
            future = self._next_done()
            part = None if future is None else self._out.pop(future, None)
            if future is not None and part is not None:
                yield from self._receive(part, future)

    def _look(self) -> None:
        """See who is there, now and then."""
        now = time.monotonic()
        if now - self._looked < _GLANCE and self.workers:
            return
        self._looked = now
        try:
            self.workers = dict(self._client.nthreads())
        except (OSError, AttributeError, CancelledError):  # of a client whose scheduler is gone
            raise self._gone() from None
        for future, part in list(self._out.items()):
            if part.among and not part.among & self.workers.keys():  # Dask would wait for them for ever
                self._again.append(self._out.pop(future)._replace(among=frozenset()))
                future.cancel()
        if self.workers:
            self._seen = now
        elif now - self._seen > _PATIENCE:
            error = no_worker(self._address)
            raise Gone(error.message, error.hint)

    def _gone(self) -> Gone:
        return Gone(f"the scheduler at {self._address} is gone", "--skip-existing to do what is left")

    def _hand_out(self) -> None:
        """Give the workers as many groups as keep them busy."""
        slots = sum(threads for worker, threads in self.workers.items() if worker not in self._unfit)
        while len(self._out) < _AHEAD * max(slots, 1) and (self._again or self._left):
            if any(part.how is How.ALONE for part in self._out.values()):
                return
            part = self._following(slots)
            if part.how is How.ALONE and self._out:
                self._again.append(part)
                return
            self._submit(part)

    def _following(self, slots: int) -> Part:
        """The next group: what is to be done again comes first, but for what is done alone."""
        for _ in range(len(self._again)):
            part = self._again.popleft()
            if part.how is not How.ALONE or not self._left:
                return part
            self._again.append(part)
        if not self._left:
            return self._again.popleft()
        size = self._sizes.following(left=len(self._left), slots=slots)
        return Part([self._left.popleft() for _ in range(min(size, len(self._left)))])

    def _submit(self, part: Part) -> None:
        apart = part.how is not How.AS_USUAL
        group = Group(self._token, self._home, [self._jobs[number] for number in part.numbers], apart, self._most)
        chosen: dict[str, Any] = {}
        if (not_by := part.without | self._unfit.keys()) and (among := self.workers.keys() - not_by):
            chosen = {"workers": sorted(among), "allow_other_workers": False}
            part = part._replace(among=frozenset(among))
        self.begun += 1
        key = f"lrn-{self._token}-{os.urandom(8).hex()}"
        future = self._client.submit(work, __version__, pickle.dumps(group), key=key, pure=False, **chosen)
        self._out[future] = part
        future.add_done_callback(self._done.put)

    def _next_done(self) -> Future[bytes] | None:
        """A group that has ended, in whatever way; None where none has for a moment."""
        try:
            return self._done.get(timeout=_GLANCE)
        except Empty:
            if self._client.status != "running":
                raise self._gone() from None
            return None

    def _receive(self, part: Part, future: Future[bytes]) -> Iterator[tuple[int, Result]]:
        from distributed import KilledWorker

        try:
            answer: Answer = pickle.loads(future.result())  # noqa: S301 - from workers that could do worse
        except KilledWorker:
            yield from self._after_loss(part)
        except (CancelledError, OSError) as error:
            if isinstance(error, CancelledError) or self._client.status != "running":
                raise self._gone() from None
            yield from self._retry(part, error)
        except Exception as error:  # the worker could not read what it was sent
            yield from self._retry(part, error)
        else:
            yield from self._take(part, answer)

    def _take(self, part: Part, answer: Answer) -> Iterator[tuple[int, Result]]:
        """What a worker has told of a group."""
        if answer.unfit:
            self._leave_out(answer.worker, answer.unfit)
            self._again.append(part)
            return
        self._sizes.learn(len(part.numbers), answer.seconds)
        for place, (number, result) in enumerate(zip(part.numbers, answer.ended, strict=True)):
            if place in answer.large:
                self.large.append(number)
            elif place not in answer.unseen or not self._goes_elsewhere(number, part, answer.worker):
                yield number, result

    def _goes_elsewhere(self, number: int, part: Part, worker: str) -> bool:
        """Whether another worker is to try an input that this one does not see, and the client does."""
        without = part.without | {worker}
        others = self.workers.keys() - without - self._unfit.keys()
        path = split(self._jobs[number].word)[0]
        if part.tries >= _TRIES or not others or not os.path.exists(path):
            return False
        self._blame[worker] += 1
        if self._blame[worker] >= _TRIES:
            self._leave_out(worker, f"does not see {path}")
        self._again.append(Part([number], part.how, part.tries + 1, without))
        return True

    def _leave_out(self, worker: str, why: str) -> None:
        self._unfit[worker] = why
        if not self.workers.keys() - self._unfit.keys():
            raise Gone(f"{worker} {why}, and no other worker is left", f"pip install lrn-tensor=={__version__}")

    def _after_loss(self, part: Part) -> Iterator[tuple[int, LrnError]]:
        """Do again what several workers were lost with, unless that is one input alone."""
        following = part.after_loss()
        self._again += following
        for number in part.numbers if not following else ():
            said = f"{self._jobs[number].word}: workers were lost each time they worked on it; the file may be damaged"
            yield number, LrnError(said, "copy or download the file again")

    def _retry(self, part: Part, error: Exception) -> Iterator[tuple[int, LrnError]]:
        if part.tries < _TRIES:
            self._again.append(part._replace(tries=part.tries + 1))
            return
        for number in part.numbers:
            said = f"{self._jobs[number].word}: no worker could do it: {type(error).__name__}: {error}"
            yield number, LrnError(said, f"pip install lrn-tensor=={__version__}, where they run")
