"""What a ledger promises: no change shows as intact, but for newest entries that are cut off."""

import itertools

import strategies
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.partner.ledger import Ledger
from fluidmol.partner.ledger_lines import line_of, read_lines

replies = st.one_of(strategies.annotations(), strategies.scorecards, strategies.declined)


@st.composite
def ledgers(draw):
    """Lines of a ledger of two to six entries."""
    count = itertools.count()
    ledger = Ledger(lambda: f"2026-03-01T09:30:{next(count):02}Z")
    for reply in draw(st.lists(replies, min_size=2, max_size=6, unique_by=lambda reply: reply.digest)):
        ledger.add(
            reply, request=draw(strategies.words), recipients=draw(st.lists(strategies.words, max_size=2)),
            policy=draw(strategies.words), approver=draw(strategies.words),
        )  # fmt: skip
    return ledger


def intact(lines):
    reading = read_lines(b"".join(lines))
    return not reading.fault and not reading.torn


@given(replies, strategies.words, st.lists(strategies.words, max_size=2))
def test_the_same_is_noted_once(reply, request, recipients):
    ledger = Ledger()
    entries = [ledger.add(reply, request=request, recipients=recipients, policy=policy) for policy in ("a", "b")]
    assert entries == [*ledger.entries] * 2


@given(ledgers())
def test_it_reads_as_it_was_written(ledger):
    reading = read_lines(b"".join(map(line_of, ledger.entries)))
    assert reading.entries == ledger.entries
    assert (reading.fault, reading.torn, reading.head) == ("", b"", ledger.head)


@given(ledgers(), st.data())
def test_any_other_byte_shows(ledger, data):
    content = bytearray(b"".join(map(line_of, ledger.entries)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    assert not intact([bytes(content)])


@given(ledgers(), st.data())
def test_a_removed_entry_shows_unless_it_is_the_newest(ledger, data):
    lines = list(map(line_of, ledger.entries))
    del lines[data.draw(st.integers(0, len(lines) - 2))]
    assert not intact(lines)


@given(ledgers(), st.data())
def test_moved_and_repeated_entries_show(ledger, data):
    lines = list(map(line_of, ledger.entries))
    one, other = data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True))
    moved = list(lines)
    moved[one], moved[other] = moved[other], moved[one]
    assert not intact(moved)
    assert not intact([*lines[: one + 1], *lines[one:]])


@given(ledgers())
def test_that_the_newest_was_cut_off_shows_by_the_head(ledger):
    reading = read_lines(b"".join(map(line_of, ledger.entries[:-1])))
    assert not reading.fault
    assert reading.head != ledger.head


@given(ledgers(), st.data())
def test_a_line_that_ends_too_early_is_torn(ledger, data):
    lines = list(map(line_of, ledger.entries))
    kept = data.draw(st.integers(1, len(lines[-1]) - 1))
    reading = read_lines(b"".join(lines[:-1]) + lines[-1][:kept])
    assert (reading.entries, reading.torn) == (ledger.entries[:-1], lines[-1][:kept])


@given(st.binary(max_size=200))
def test_anything_can_be_read(data):
    reading = read_lines(data)
    assert reading.entries == ()
    assert reading.fault or reading.torn or not data
