"""Sizes of groups: every input is in one, and none lasts much longer than five seconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lrn_cli.cluster.groups import Part, Sizes

SECONDS = st.floats(1e-4, 1e3)


@given(st.integers(1, 5000), st.integers(0, 2000), SECONDS)
def test_groups_cover_all_that_is_left(count: int, slots: int, each: float) -> None:
    sizes, left, groups = Sizes(), count, list[int]()
    while left:
        size = sizes.following(left=left, slots=slots)
        assert 1 <= size <= left
        sizes.learn(size, size * each)
        groups.append(size)
        left -= size
    assert sum(groups) == count


@given(SECONDS, st.integers(1, 1000))
def test_a_group_lasts_five_seconds_or_has_one_input(each: float, slots: int) -> None:
    sizes = Sizes()
    sizes.learn(10, 10 * each)
    size = sizes.following(left=10**7, slots=slots)
    assert size == 1 or size * each <= 5.0001


def test_towards_the_end_groups_become_small_until_they_are_not_worth_it() -> None:
    sizes = Sizes()
    sizes.learn(1000, 1.0)
    assert [sizes.following(left=left, slots=2) for left in (80_000, 8_000, 800, 150, 40)] == [5000, 1000, 100, 100, 40]


def test_the_last_groups_count_more_than_those_before() -> None:
    sizes = Sizes()
    sizes.learn(1000, 1.0)
    for _ in range(5):
        sizes.learn(10, 10.0)
    assert sizes.following(left=10**6, slots=1) < 20


@given(st.integers(1, 300), st.data())
def test_one_input_that_kills_is_found_and_all_others_are_done(count: int, data: st.DataObject) -> None:
    poison = data.draw(st.integers(0, count - 1))
    parts, done, killed, lost = [Part(range(count))], list[int](), list[int](), 0
    while parts:
        part = parts.pop()
        if poison not in part.numbers:
            done += part.numbers
            continue
        lost += 1
        following = part.after_loss()
        parts += following
        killed += [] if following else part.numbers
    assert (killed, sorted([*done, *killed])) == ([poison], list(range(count)))
    assert lost <= 3 + count.bit_length()
