"""The report in a real browser: no error, nothing blocked or fetched, every chart drawn."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fluidmol.report import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHARTS = 15
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--v=0",
    "--virtual-time-budget=10000",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium isn't installed"),
]


def _written(file, make, folder):
    path = Path(__file__).parents[1] / "unit" / "report" / file
    spec = importlib.util.spec_from_file_location(f"browser_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, make)(folder)


def _browse(page, profile, width, *extra):
    """Open the page; give its final DOM and what the browser logged."""
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},2000", *extra, page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=180, check=True)
    return done.stdout.decode(), done.stderr.decode(errors="replace")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser") / "run"
    _written("run_folder.py", "write_run", folder)
    text = (folder / "metrics.csv").read_text()
    (folder / "metrics.csv").write_text(text.replace(",partner-1,", ",<b>A&Co</b>,"))
    return write_report(folder)


@pytest.mark.parametrize("width", [1280, 420])
def test_every_chart_is_drawn_without_an_error(page, tmp_path, width):
    dom, log = _browse(page, tmp_path / "profile", width, "--dump-dom")
    dom = re.sub(r"<script.*?</script>", "", dom, flags=re.DOTALL)
    assert "CONSOLE" not in log, log
    opening = re.search(r"<html[^>]*>", dom)[0]
    assert "data-errors" not in opening
    assert "data-blocked" not in opening
    assert dom.count('data-state="drawn"') == CHARTS
    assert 'data-state="failed"' not in dom
    assert dom.count('class="main-svg"') >= CHARTS
    assert dom.count('class="point"') >= 20  # bars
    assert "<canvas" not in dom  # WebGL would need one
    # Names with markup are shown as they are, on the axis too.
    assert re.search(r"<text[^>]*>&lt;b&gt;A&amp;Co&lt;/b&gt;</text>", dom)
    # Nothing offers to send a chart anywhere, nor advertises.
    assert set(re.findall(r'data-title="([^"]*)"', dom)) == {"Download plot", "Zoom", "Pan", "Reset axes"}
    assert "modebar-btn--logo" not in dom
    # The tables became sortable.
    assert dom.count('<th scope="col"') > dom.count('<button type="button">') >= 30


def test_a_foreign_script_is_stopped_and_seen(page, tmp_path):
    broken = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8")
    broken.write_text(text.replace("</body>", "<script>document.title = 'taken'</script></body>"), "utf-8")
    dom, log = _browse(broken, tmp_path / "profile", 1280, "--dump-dom")
    assert "data-blocked" in re.search(r"<html[^>]*>", dom)[0]
    assert "CONSOLE" in log
    assert "<title>taken" not in dom


def test_a_chart_that_fails_says_so_in_words(page, tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(page.read_text(encoding="utf-8").replace('"space":{"data"', '"spice":{"data"'), "utf-8")
    dom, _ = _browse(broken, tmp_path / "profile", 1280, "--dump-dom")
    assert "data-errors" in re.search(r"<html[^>]*>", dom)[0]
    assert "This chart could not be drawn. Scatter plot of 400 compounds" in dom
    assert dom.count('data-state="drawn"') == CHARTS - 1


def test_a_click_sorts_the_metrics(page, tmp_path):
    text = page.read_text(encoding="utf-8")
    # A click needs a script of ours, which the page's policy would stop.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    click = "<script>document.querySelectorAll('table.sortable')[0].querySelectorAll('button')[3].click()</script>"
    sorting = tmp_path / "sorting.html"
    sorting.write_text(text.replace("</body>", click + "</body>"), "utf-8")
    dom, _ = _browse(sorting, tmp_path / "profile", 1280, "--dump-dom")
    table = re.search(r'<table class="dense sortable">.*?</table>', dom, re.DOTALL)[0]
    shown = [float(row) for row in re.findall(r'<td data-sort="([-0-9.e]+)" class="number">[^<]*to&nbsp;', table)]
    assert len(shown) == 11
    assert shown == sorted(shown, reverse=True)
    assert 'aria-sort="descending"' in table


def test_the_metrics_fit_a_laptop(page, tmp_path):
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    measure = (
        "<script>document.title = 'over ' + Array.from(document.querySelectorAll('.sortable'), "
        "(table) => table.parentElement.scrollWidth - table.parentElement.clientWidth)</script>"
    )
    measured = tmp_path / "measured.html"
    measured.write_text(text.replace("</body>", measure + "</body>"), "utf-8")
    # A scroll bar takes some 16 of the 1280 pixels.
    dom, _ = _browse(measured, tmp_path / "profile", 1264, "--dump-dom")
    assert "<title>over 0,0</title>" in dom


def test_it_prints(page, tmp_path):
    target = tmp_path / "report.pdf"
    _, log = _browse(page, tmp_path / "profile", 1280, f"--print-to-pdf={target}")
    assert "CONSOLE" not in log, log
    assert target.stat().st_size > 100_000


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser") / "studies"
    return write_report(_written("study/studies_folder.py", "write_studies", folder))


@pytest.mark.parametrize("width", [1280, 420])
def test_the_studies_are_drawn_without_an_error(studies, tmp_path, width):
    dom, log = _browse(studies, tmp_path / "profile", width, "--dump-dom")
    dom = re.sub(r"<script.*?</script>", "", dom, flags=re.DOTALL)
    assert "CONSOLE" not in log, log
    opening = re.search(r"<html[^>]*>", dom)[0]
    assert "data-errors" not in opening
    assert "data-blocked" not in opening
    assert dom.count('data-state="drawn"') == dom.count('class="plot"') + dom.count('class="plot js') == 16
    assert 'data-state="failed"' not in dom
    assert re.search(r"<text[^>]*>&lt;b&gt;A&amp;Co&lt;/b&gt;</text>", dom)
    assert dom.count('<th scope="col"') > dom.count('<button type="button">') >= 14


def test_the_studies_fit_a_laptop(studies, tmp_path):
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", studies.read_text(encoding="utf-8"))
    measure = (
        "<script>document.title = 'over ' + Array.from(document.querySelectorAll('main > section > .scroll'), "
        "(box) => box.scrollWidth - box.clientWidth).filter((over) => over > 0) + '; page ' + "
        "(document.documentElement.scrollWidth - document.documentElement.clientWidth)</script>"
    )
    measured = tmp_path / "measured.html"
    measured.write_text(text.replace("</body>", measure + "</body>"), "utf-8")
    dom, _ = _browse(measured, tmp_path / "profile", 1264, "--dump-dom")
    assert "<title>over ; page 0</title>" in dom
    narrow, _ = _browse(measured, tmp_path / "profile2", 420, "--dump-dom")
    assert "; page 0</title>" in narrow


def test_the_studies_print(studies, tmp_path):
    target = tmp_path / "report.pdf"
    _, log = _browse(studies, tmp_path / "profile", 1280, f"--print-to-pdf={target}")
    assert "CONSOLE" not in log, log
    assert target.stat().st_size > 100_000
