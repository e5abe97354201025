"""Debian's Chromium, driven by Playwright."""

import shutil
from contextlib import contextmanager

import pytest

QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@contextmanager
def launched_chromium():
    """The browser; skips where it is not installed.

    While it is open this thread has a running event loop, in which neither a second one nor `asyncio.run` can start: a
    fixture must not hold it longer than the tests that need it.
    """
    program = shutil.which("chromium")
    if not program:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()
