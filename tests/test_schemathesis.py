"""The API does what its description says, whatever is sent: requests made from `/openapi.json` itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from serving import served

from rag.assemble import Footnote
from rag.settings import Settings

pytestmark = pytest.mark.slow

EXAMPLES = 20


@pytest.fixture(scope="module")
def described(shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description of a live server over the shipped papers."""
    home = tmp_path_factory.mktemp("described")
    library = Path(shutil.copytree(shipped_library, home / "library"))
    footnote = Footnote(Settings(home=home, library=library, model="extractive"))
    with served(footnote) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")
    footnote.close()


_BEYOND_SCHEMAS = {400: [positive_data_acceptance], 413: [negative_data_rejection]}
"""What a description cannot say: that a question must have words, and how long a whole request may be."""
DOORS = [
    ("POST", "/api/ask"),
    ("GET", "/api/search"),
    ("GET", "/api/papers"),
    ("GET", "/api/papers/{paper_id}"),
    ("GET", "/health"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/{name}"),
    ("POST", "/v1/chat/completions"),
]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), DOORS, ids=lambda part: part)
def test_every_answer_is_as_described(described: Any, method: str, path: str, mode: GenerationMode) -> None:
    """No status, type or field that is not described, no failure of the server, nothing wrong accepted."""

    @given(case=described[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def conforms(case: Any) -> None:
        response = case.call(timeout=60)
        case.validate_response(response, excluded_checks=_BEYOND_SCHEMAS.get(response.status_code, []))

    try:
        conforms()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "only of a door without fields nothing wrong can be asked"


def test_no_door_is_left_out(described: Any) -> None:
    described_doors = {(op.ok().method.upper(), op.ok().path) for op in described.get_all_operations()}
    assert described_doors == set(DOORS)
