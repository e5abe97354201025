"""The site of the docs: no page or docstring with a warning, no dead link, and nothing is loaded from elsewhere."""

import html
import re
import shutil
import subprocess
import sys
from urllib.parse import unquote

import pytest

from docs.pictures import PARAMETERS, take
from tests import PROJECT

pytestmark = pytest.mark.slow  # the site is built for them


@pytest.fixture(scope="module")
def site(reports, chromium, tmp_path_factory):
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    shutil.copytree(PROJECT / "docs", source / "docs", ignore=shutil.ignore_patterns("_pictures"))
    for page in PROJECT.glob("*.md"):
        shutil.copy(page, source)
    pages = [sorted(reports.glob(f"{path.parent.name}-*.html"))[0] for path in PARAMETERS]
    take(chromium, pages, source / "docs" / "_pictures")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", source / "docs", built]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return built


def test_it_loads_nothing_from_elsewhere(site):
    loaded = re.compile(r'<(?:script|img|iframe)[^>]* src="([^"]+)"|<link[^>]* href="([^"]+)"')
    for page in site.rglob("*.html"):
        files = [first or second for first, second in loaded.findall(page.read_text(encoding="utf-8"))]
        assert files
        assert not [file for file in files if re.match(r"(https?:)?//", file)], page


def test_public_metrics_and_pictures_are_in_it(site):
    from reportlib import metrics

    told = (site / "reference.html").read_text(encoding="utf-8")
    assert [name for name in metrics.__all__ if callable(getattr(metrics, name)) and f'.{name}"' not in told] == []
    pictures = {file.stem for file in (site / "_images").glob("*.png")}
    assert {path.stem for path in (PROJECT / "notebooks").glob("[a-z]*.ipynb")} <= pictures


def test_links_within_it_lead_somewhere(site):
    texts = {page.resolve(): page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    places = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in texts.items()}
    for page, text in texts.items():
        for link in map(html.unescape, re.findall(r'<a [^>]*href="([^"]+)"', text)):
            address, _, place = link.partition("#")
            if not re.match(r"\w+:", link):
                target = (page.parent / unquote(address)).resolve() if address else page
                assert target.is_file(), (page.name, link)
                assert not place or target not in places or unquote(place) in places[target], (page.name, link)
