"""What README and guide tell people to type works."""

import doctest
import re
import shlex

import pytest

PAGES = ("README.md", "docs/simulate.md")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_commands(page, root, files, fluid, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assay.csv").write_bytes(files.source.read_bytes())
    (tmp_path / "public.smi").write_bytes(files.transfer.read_bytes())
    lines = [line for block in blocks((root / page).read_text(), "sh") for line in block.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("fluid ")]
    assert commands
    for words in commands:
        result = fluid(*words[1:])
        assert result.code == 0, result.err
        if "--out" in words:
            assert (tmp_path / words[words.index("--out") + 1] / "report.html").exists()


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_python(page, root):
    found = [block for block in blocks((root / page).read_text(), "python") if block.startswith(">>> ")]
    assert found
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    runner, names = doctest.DocTestRunner(optionflags=flags), {}
    for number, block in enumerate(found):
        said = []
        test = doctest.DocTestParser().get_doctest(block, names, f"{page}, block {number}", page, 0)
        test.globs = names  # what a block defines, the next one knows
        assert runner.run(test, out=said.append, clear_globs=False).failed == 0, "".join(said)
