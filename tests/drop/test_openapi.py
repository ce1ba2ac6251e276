"""The API does what its OpenAPI document states, whatever is sent; schemathesis thinks it up."""

import contextlib
import os

import pytest
from drops import Drop
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from fluidmol_drop.server.access import Member
from fluidmol_drop.server.app import bare_app

schemathesis = pytest.importorskip("schemathesis")

EXAMPLES = int(os.environ.get("FLUID_FUZZ", "12"))
"""Requests for each operation; more with FLUID_FUZZ."""


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """The document of an application that takes everybody for the coordinator."""
    drop = Drop(tmp_path_factory.mktemp("openapi"))
    app = bare_app(drop.service)

    async def admitted(scope, receive, send):
        scope.setdefault("state", {})["member"] = Member("hub", "coordinator")
        await app(scope, receive, send)

    yield schemathesis.openapi.from_asgi("/v1/openapi.json", admitted)
    drop.service.database.close()


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_the_document_is_kept_to(schema, mode):
    """One loop over all operations: schemathesis' own decorators don't go with every pytest."""
    seen = 0
    mode = schemathesis.GenerationMode[mode]
    for operation in (found.ok() for found in schema.get_all_operations()):

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case):
            case.call_and_validate()

        # An operation without parameters can't be asked wrongly.
        with contextlib.suppress(Unsatisfiable):
            check()
        seen += 1
    assert seen >= 12
