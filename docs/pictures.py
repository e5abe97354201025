"""The pictures of the site: the first screens of the demo's reports, made with `reportlib` when the site is built."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
PARAMETERS = sorted((HERE.parent / "parameters").glob("*/demo.yaml"))  # of each notebook
WIDTH, HEIGHT = 1000, 900


def take(browser, pages: list[Path], folder: Path):
    """The first screen of each page as a PNG, called like the page's notebook."""
    folder.mkdir(exist_ok=True)
    view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    for page in pages:
        view.goto(page.resolve().as_uri())
        view.screenshot(path=folder / f"{page.stem.partition('-')[0]}.png")
    view.close()


def main():
    with tempfile.TemporaryDirectory() as made:
        command = [Path(sys.executable).with_name("reportlib"), "run", *PARAMETERS, "--output", made]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            take(browser, sorted(Path(made).glob("*-*.html")), HERE / "_pictures")
            browser.close()


if __name__ == "__main__":
    main()
