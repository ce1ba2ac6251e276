"""The log tells if it was altered."""

import pytest
import sqlalchemy as sa

from fluidmol.errors import InputError
from fluidmol_drop.server.audit_log import head, record, records, verify
from fluidmol_drop.server.tables import chain, log


@pytest.fixture
def database(still):
    with still.service.database.writing() as connection:
        for number in range(5):
            record(connection, "ada", "store", f"replies/{number}", digest="ab", size=number)
    return still.service.database


def tamper(database, *statements):
    with database.engine.begin() as connection:
        for trigger in ("update", "delete"):
            connection.execute(sa.text(f"DROP TRIGGER audit_no_{trigger}"))
        for statement in statements:
            connection.execute(statement)


def test_what_happened_is_there_in_order(database):
    assert [(r.seq, r.name) for r in records(database)] == [(n + 1, f"replies/{n}") for n in range(5)]
    assert verify(database) == head(database)


@pytest.mark.parametrize("column", ["at", "who", "what", "name", "digest", "note", "hash"])
def test_a_changed_record(database, column):
    tamper(database, log.update().where(log.c.seq == 3).values({column: "other"}))
    with pytest.raises(InputError, match="altered at record 3"):
        verify(database)


def test_a_record_taken_out(database):
    tamper(database, log.delete().where(log.c.seq == 2))
    with pytest.raises(InputError, match="altered at record 2"):
        verify(database)


def test_an_end_cut_off(database):
    tamper(database, log.delete().where(log.c.seq > 3))
    with pytest.raises(InputError, match="has 3 records and should have 5"):
        verify(database)


def test_an_end_cut_off_with_its_count_changes_the_head(database):
    noted = head(database)
    kept = list(records(database))[2]
    tamper(database, log.delete().where(log.c.seq > 3), chain.update().values(seq=3, hash=kept.hash))
    assert verify(database) != noted


@pytest.mark.parametrize("statement", [log.update().values(who="bob"), log.delete()])
def test_the_database_itself_refuses_changes(database, statement):
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.engine.begin() as connection:
        connection.execute(statement)


def test_what_failed_is_not_logged(database):
    with pytest.raises(TypeError), database.writing() as connection:
        record(connection, "ada", "store", "half") or record(None)  # type: ignore[call-arg]
    assert verify(database)[0] == 5
