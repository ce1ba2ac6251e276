"""The notebooks of examples/: every cell runs, in order, and what their text says of figures is so."""

import json
import re
import tempfile

import pytest

NOTEBOOKS = ("partner", "researcher")


@pytest.fixture(params=NOTEBOOKS)
def notebook(request, root):
    return json.loads((root / "examples" / f"{request.param}.ipynb").read_text(encoding="utf-8"))


def executed(name, root, folder, monkeypatch):
    """Run all cells of code, in order; return the names that they leave."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    names = {"__name__": name}
    for cell in json.loads((root / "examples" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{name}.ipynb, cell {cell['id']}", "exec"), names)
    return names


def test_the_partners(root, tmp_path, monkeypatch):
    found = executed("partner", root, tmp_path, monkeypatch)
    assert found["hybrid"].rejected_.index.tolist() == ["ACM-0002", "ACM-9001", "ACM-9003"]
    assert found["hybrid"].model_.facts["n_own"] == len(found["good"])
    assert found["hybrid"].cautions_ == ()
    assert found["scores"]["hybrid"].mean() > 0.7
    assert len(found["table"]) == 4
    assert found["table"].notna().drop(columns=["param_hybrid", "param_own_model"]).all(axis=None)
    assert found["holds"][found["judged"]["at_home"]].mean() == pytest.approx(0.8, abs=0.15)
    assert [len(trace.x) for trace in found["figure"].data] == [found["truth"].sum(), (~found["truth"]).sum()]


def test_the_researchers(root, tmp_path, monkeypatch):
    found = executed("researcher", root, tmp_path, monkeypatch)
    assert (found["run"] / "report.html").stat().st_size > 100_000
    assert found["summary"].xs("student", level="kind").notna().all(axis=None)
    assert found["powers"]["largest share in a label, mean"].is_monotonic_increasing
    assert found["powers"]["labels, ROC AUC"].min() > 0.7
    assert found["hybrid"].model_.facts["partner"] == "partner-2"


def test_they_are_kept_without_what_a_run_left(notebook):
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"]] == []
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


def test_their_links_lead_to_files(notebook, root):
    prose = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if not link.startswith("https:")]
    assert links
    for link in links:
        assert (root / "examples" / link.partition("#")[0]).exists(), link
