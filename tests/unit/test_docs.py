"""What README and docs show can be typed: commands and options exist, Python and TOML can be read, links lead on.

Pages whose examples are run: README, simulate and python (``tests/e2e/test_readme.py``), charter, gate,
hybrid and walkthrough (tests of these names). For all others this is what is looked at.
"""

import ast
import doctest
import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import typer

from fluidmol import compound_set
from fluidmol.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    str(page.relative_to(ROOT))
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "docs/formats/*.md")
    for page in ROOT.glob(pattern)
)
BLOCK = re.compile(r"^```([\w{}]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page, *languages):
    return [content for language, content in BLOCK.findall(text(page)) if language in languages]


def command_lines(page):
    """Lines that call fluid, in blocks of shell or of no language."""
    lines = [line for block in blocks(page, "sh", "") for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line.startswith("fluid ")]


def known_options(words):
    """Follow the words of a command line to the command, and give the options that it knows."""
    command = typer.main.get_command(app)
    for word in words:
        children = getattr(command, "commands", {})
        if not children:
            break
        assert word in children, f"there is no command {' '.join(words)}"
        command = children[word]
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    return options | {"--help", "--debug", "--version"}


@pytest.mark.parametrize("page", [page for page in PAGES if command_lines(page)])
def test_commands_and_their_options_exist(page):
    for line in command_lines(page):
        words = shlex.split(line, comments=True)[1:]
        given = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        assert given <= known_options(words), line


@pytest.mark.parametrize("page", [page for page in PAGES if re.search(r"`fluid [a-z]", text(page))])
def test_commands_named_in_prose_exist(page):
    for named in re.findall(r"`fluid ([a-z][^`\n]*)`", text(page)):
        words = named.split()
        given = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        assert given - known_options(words) == set(), named


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
def test_python_can_be_parsed(page):
    for block in blocks(page, "python"):
        examples = doctest.DocTestParser().get_examples(block)
        ast.parse("".join(example.source for example in examples) if examples else block)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "toml")])
def test_toml_can_be_parsed(page):
    for block in blocks(page, "toml"):
        assert tomllib.loads(block)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_pages_and_headings(page):
    prose = BLOCK.sub("", text(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target) or re.match(r"(reference|project)/", target):  # made with the site
            continue
        name, _, anchor = target.partition("#")
        linked = (ROOT / page).parent / name if name else ROOT / page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), target


def anchors(page):
    """Headings as forges and the site call them in links."""
    titles = re.findall(r"^#+ (.*)$", BLOCK.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_format_is_on_the_site():
    listed = set(re.findall(r"<(formats/[a-z-]+)>", "\n".join(blocks("docs/formats.md", "{toctree}"))))
    assert {page.removeprefix("docs/").removesuffix(".md") for page in PAGES if "/formats/" in page} == listed


def test_every_page_is_on_the_site():
    listed = set(re.findall(r"^(?:.*<)?([a-z-]+)>?$", "\n".join(blocks("docs/index.md", "{toctree}")), re.MULTILINE))
    assert {Path(page).stem for page in PAGES if re.fullmatch(r"docs/[a-z-]+\.md", page)} - listed == {"index"}


def test_features_for_an_exported_model_are_made_as_the_page_says():
    names = {}
    (block,) = blocks("docs/predict.md", "python")
    exec(block, names)
    assert names["table"].shape[0] == 1


def test_the_own_estimator_of_the_page_can_be_fitted_to_structures():
    names = {}
    exec(blocks("docs/own-models.md", "python")[0], names)
    model = names["pipeline"]()
    smiles = ["CCO", "CCN", "CCC", "c1ccccc1"]
    assert model.fluid_input == "smiles"
    assert np.shape(model.fit(smiles, [0, 1, 0, 1]).predict_proba(smiles)) == (4, 2)


def test_a_program_becomes_a_partner_as_the_page_says():
    names = {"transfer": compound_set(["CCO", "CCN"])}
    exec(blocks("docs/own-models.md", "python")[-1], names)
    assert names["partner"].name == "cleo"


@pytest.mark.parametrize("module", ["docs/wrap.py", "docs/_ext/made.py", "docs/_ext/repository_pages.py"])
def test_what_makes_the_pages_does_what_its_examples_show(module, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    spec = importlib.util.spec_from_file_location(Path(module).stem, ROOT / module)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    found = doctest.testmod(loaded, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0


def test_prose_is_wrapped_without_changing_what_it_says(tmp_path):
    prose = "- " + "word " * 40 + "`fluid answer --dry-run` - end\n\n"
    long = prose + "| " + "cell " * 40 + "|\n\n```\n" + "x" * 200 + "\n```\n"
    page = tmp_path / "page.md"
    page.write_text(long)
    wrap = [sys.executable, str(ROOT / "docs" / "wrap.py")]
    assert subprocess.run([*wrap, "--check", page], capture_output=True, check=False).returncode == 1
    subprocess.run([*wrap, page], check=True)
    subprocess.run([*wrap, "--check", page], check=True)
    after = page.read_text()
    assert after.split() == long.split()
    assert "`fluid answer --dry-run` - end" in after
    assert max(len(line) for line in after.splitlines()[:3]) <= 120
