"""Reports in a real browser: `make browser-check`, for machines with a Chromium. `make test` checks the text alone.

At the width of a phone, a tablet and a desk: no request leaves the page, the console stays silent, and nothing reaches
beyond the window but pictures and listings, which scroll in frames of their own. A short report prints on one sheet, or
two for a comparison; a long one on at most 12, or 20. Before that, pages that are broken on purpose are seen to be.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.browser.devtools import Browser, find

WIDTHS = (375, 768, 1440)
FOLDER = Path("build/browser")
TOLD = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}

# Elements that reach beyond the window, unless they stand in the frame of a picture, or are moved out of sight.
OUTSIDE = """
[...document.body.querySelectorAll('*')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && box.right > innerWidth + 1 && !one.closest('.scroll, pre, svg');
}).slice(0, 5).map(one => one.tagName + '.' + one.className)
"""

SHEETS = {"run": 12, "comparison": 20, "run, short": 1, "comparison, short": 2}
"""The most printed sheets of A4."""

PAGES = re.compile(rb"/Type\s*/Page[^s]")

SABOTEURS = {
    "a request": ('<img src="http://127.0.0.1:9/x.png" alt="">', "asks for"),
    "a message": ("<script>console.error('x')</script>", "console"),
    "an error": ("<script>null.x</script>", "console"),
    "a wide block": ('<div style="width: 1600px; height: 5px"></div>', "wide"),
    "a block outside": ('<div style="overflow: hidden"><p style="width: 1600px">x</p></div>', "outside"),
    "a table that scrolls": ('<div style="overflow-x: auto"><table width="1600"><tr><td>x</table></div>', "outside"),
}


def faults(browser: Browser, page: Path, width: int) -> list[str]:
    """What is wrong with a page in a window of that width."""
    address = page.resolve().as_uri()
    browser.open(address, width)
    asked = [one["params"]["request"]["url"] for one in browser.events if one["method"] == "Network.requestWillBeSent"]
    found = [f"asks for {url}" for url in asked if url != address and not url.startswith("data:")]
    found += [f"console: {json.dumps(one['params'])[:200]}" for one in browser.events if one["method"] in TOLD]
    browser.value("document.querySelectorAll('details').forEach(one => { one.open = true })")
    wide = browser.value("document.scrollingElement.scrollWidth")
    if wide > width:
        found.append(f"{wide} pixels wide")
    found += [f"outside: {one}" for one in browser.value(OUTSIDE)]
    return found


def check(pages: Sequence[Path]) -> int:
    """Print what is wrong with the pages, and write pictures and a PDF of each beside it; how many faults there are."""
    program = find()
    if program is None:
        sys.exit("no Chromium found: install one (Debian: apt-get install chromium)")
    count = 0
    with Browser(program) as browser:
        for name, (inner, words) in SABOTEURS.items():
            broken = FOLDER / "broken.html"
            broken.write_text(f"<!DOCTYPE html><title>x</title><body>{inner}", encoding="utf-8")
            if not any(words in fault for fault in faults(browser, broken, WIDTHS[0])):
                sys.exit(f"the check does not see {name}")
            broken.unlink()
        for page in pages:
            for width in WIDTHS:
                found = faults(browser, page, width)
                count += len(found)
                print(f"{page} at {width}: {'; '.join(found) or 'ok'}")
                browser.open(page.resolve().as_uri(), width)
                high = int(browser.value("document.scrollingElement.scrollHeight"))
                browser.open(page.resolve().as_uri(), width, min(high, 16_000))
                browser.picture(page.with_name(f"{page.stem}-{width}.png"), whole=False)
            browser.printed(page.with_suffix(".pdf"))
            told = too_long(page)
            count += bool(told)
            print(f"{page} in print: {told or 'ok'}")
    return count


def too_long(page: Path) -> str:
    """By how many printed sheets a report is too long, in words; empty where it is not."""
    kind = f"{'comparison' if 'what-ifs' in page.stem else 'run'}{', short' * page.stem.endswith('-short')}"
    sheets = len(PAGES.findall(page.with_suffix(".pdf").read_bytes()))
    return f"{sheets} sheets, where a {kind} has at most {SHEETS[kind]}" if sheets > SHEETS[kind] else ""


def made() -> list[Path]:
    """A report of the baseline, one of the smallest scenario, and one of the what-ifs of the baseline."""
    pages = []
    command = [sys.executable, "-m", "sim"]
    for name in ("us-russia-2022", "minimal", "inter-korean-2018-2021", "us-russia-2022-what-ifs"):
        run, page = FOLDER / name, FOLDER / f"{name}.html"
        # A folder of the scenario as it was before is another run's, and would be refused.
        shutil.rmtree(run, ignore_errors=True)
        verb = "compare" if name.endswith("what-ifs") else "run"
        subprocess.run([*command, verb, f"scenarios/{name}.yaml", "-n", "1000", "--out", run], check=True)
        short = FOLDER / f"{name}-short.html"
        subprocess.run([*command, "report", run, "--out", page], check=True)
        subprocess.run([*command, "report", run, "--short", "--out", short], check=True)
        pages += [page, short]
    return pages


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    sys.exit(1 if check([Path(one) for one in sys.argv[1:]] or made()) else 0)
