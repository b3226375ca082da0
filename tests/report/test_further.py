"""The pictures that come from a run's sums and from a sample of its replications."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from sim import api
from sim.report import view
from sim.report.figures import draw_all, figures, from_columns, from_sample, from_sums
from sim.report.format import decimal, share
from sim.report.labels import LONGEST
from sim.report.view import View, view_of
from tests.report import synthetic

ROOT = Path(__file__).parents[2]
FROM_SUMS, FROM_SAMPLE = (
    ("response-delay", "first-by-cause", "attempts-needed"),
    ("states", "replications", "officials", "reciprocity"),
)
TEXT = """
scenario: 1
title: Two ways
clock: {start: 2024-01-01, end: 2024-01-31}
sides: {North: {timezone: Europe/London}, South: {timezone: Asia/Seoul}}
officials: {envoy: {side: North}, minister: {side: South}}
channels: {telephone: {}, cable: {}}
lines:
  there: {caller: envoy, callee: minister, channel: telephone, every: 1 d, answer: 0.1}
  back: {caller: minister, callee: envoy, channel: cable, every: 36 h, answer: ANSWER}
"""


def made(n: int = 40, answer: str = "0.2") -> api.Run:
    from sim.scenario.reader import loads

    return api.run(loads(TEXT.replace("ANSWER", answer)), n, save=False, workers=1, engine="reference")


@pytest.fixture(scope="module")
def run() -> api.Run:
    return made()


def test_a_run_has_all_pictures_each_with_words(run: api.Run, styled: None) -> None:
    found = {name: words for name, words, _ in figures(view_of(run))}
    assert set(FROM_SUMS + FROM_SAMPLE) <= set(found)
    assert "there: contact in" in found["replications"]
    assert "begun by North" in found["reciprocity"]
    assert "By side: North first in" in found["first-by-cause"]
    assert "attempts at the median" in found["attempts-needed"]


def test_each_picture_bears_its_own_title(run: api.Run, styled: None) -> None:
    """Made when all are known, as `draw_all` does: a title is not that of the next one."""
    view = view_of(run)
    for name, words, make in [*from_sums(view), *from_sample(view), *from_columns(view)]:
        texts = [text.get_text() for text in make().findobj(Text)]
        assert any(text and words.startswith(text.replace("\n", " ")) for text in texts), name


def test_what_is_not_known_is_told_from_chance(styled: None) -> None:
    """Of a line whose chance of an answer is wide open, and of one whose chance is known."""
    made_view = view_of(made(640, "{prior: {beta: [0.2, 1]}}"))
    there, back = (made_view.uncertain(f"line:{name}") for name in ("there", "back"))
    assert there is not None
    assert back is not None
    assert there.spread < there.least or there.spread < 0.1
    assert back.spread > max(0.25, back.least)
    assert np.array_equal(there.low, there.curve.survival) or there.spread > there.least
    assert float(back.high[-1] - back.low[-1]) > 10 * float(back.curve.high[-1] - back.curve.low[-1]) / 3
    found = {name: (words, make) for name, words, make in figures(made_view)}
    words, make = found["uncertainty"]
    assert f"back: no contact by the end in {share(back.curve.censored)}" in words
    (title,) = [text.get_text() for text in make().findobj(Text) if text.get_text().startswith("back\n")]
    said = f"±{decimal(100 * back.error)} by chance, ±{decimal(100 * back.spread)} by the numbers"
    assert said in title.replace("\n", " ")
    assert "uncertainty" not in {name for name, _, _ in figures(view_of(made()))}


def test_who_began_is_drawn_only_where_both_sides_call(run: api.Run, styled: None) -> None:
    from sim.scenario.reader import loads

    one_way = api.run(
        loads(
            TEXT.replace("ANSWER", "0.2").replace("caller: minister, callee: envoy", "caller: envoy, callee: minister")
        ),
        10,
        save=False,
        engine="reference",
    )
    assert "reciprocity" in {name for name, _, _ in figures(view_of(run))}
    assert "reciprocity" not in {name for name, _, _ in figures(view_of(one_way))}


def test_a_view_without_sums_has_the_others(styled: None) -> None:
    found = [name for name, _, _ in figures(synthetic.view(n=20))]
    assert found
    assert not set(FROM_SUMS + FROM_SAMPLE) & set(found)


def test_causes_are_those_of_the_summary(run: api.Run) -> None:
    view = view_of(run)
    for kind, key in (("channel", "first_channel"), ("side", "first_side")):
        shares = {cause.label: cause.share for cause in view.causes(kind)}
        assert shares == pytest.approx({name: run.summary[key][name] for name in shares})
        assert sum(shares.values()) + run.summary[key]["none"] == pytest.approx(1)


def test_attempts_are_those_of_the_requests_that_ended_with_contact(run: api.Run) -> None:
    for one in view_of(run).needed():
        requests = run.summary["lines"][one.label]["requests"]
        assert (one.contacts, one.begun) == (requests["contact"], requests["begun"])


def test_a_sample_of_all_replications_says_what_the_sums_say(run: api.Run) -> None:
    sample = view_of(run).sample
    assert sample is not None
    assert sample.replications == 40
    contacts = [run.column(f"line:{name}").contacts for name in sample.states.lines]
    assert sample.states.counts[:, 0, -1].tolist() == contacts
    made_attempts = {row.name: row.attempts * 40 for row in sample.officials if row.calls}
    assert [made_attempts["envoy"], made_attempts["minister"]] == pytest.approx(run.totals.attempts.tolist())
    assert sample.initiative[0].contacts == run.totals.requests[:, 1].sum()
    assert np.count_nonzero(sample.rows.first >= 0) == sum(contacts)


def test_the_sample_has_the_seed_and_block_of_the_run() -> None:
    uncertain = made(48, "{prior: {uniform: [0.1, 0.5]}}")
    sample = view_of(uncertain).sample
    assert sample is not None
    contacts = [uncertain.column(f"line:{name}").contacts for name in sample.states.lines]
    assert sample.states.counts[:, 0, -1].tolist() == contacts
    # Three blocks are three units, however many replications: the intervals are wide.
    share = next(row.share for row in sample.officials if row.name == "minister" and row.calls)
    assert share.high - share.low > 0.1


def test_replications_too_long_to_tell_have_no_pictures(run: api.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.sample.TOO_MANY", 10)
    found = [name for name, _, _ in figures(view_of(run))]
    assert set(FROM_SUMS) <= set(found)
    assert not set(FROM_SAMPLE) & set(found)


def test_progress_ends_with_all_pictures(run: api.Run, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    written = draw_all(view_of(run), tmp_path, progress=lambda done, total: told.append((done, total)))
    pictures = len(written) - 1
    assert told[-1] == (pictures, pictures)
    done = [done for done, _ in told]
    assert done[0] == 0
    assert done == sorted(set(done))


def test_titles_and_names_too_long_together_leave_the_name() -> None:
    long = "t" * LONGEST
    view = synthetic.view(synthetic.scenario(synthetic.line("ministers", "m", title=long)), n=20)
    assert view.label("line:ministers") == "ministers"
    short = synthetic.view(synthetic.scenario(synthetic.line("ministers", "m", title="Ministers")), n=20)
    assert short.label("line:ministers") == "Ministers (ministers)"


SECOND = """
import sys
from pathlib import Path
from sim.report.figures import draw_all
from sim.report.view import view_of
from tests.report.test_further import made
draw_all(view_of(made()), Path(sys.argv[1]))
"""


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_run_gives_the_same_bytes_in_another_process(run: api.Run, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    draw_all(view_of(run), here)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Seoul", "MPLBACKEND": "svg"}
    subprocess.run([sys.executable, "-c", SECOND, str(there)], check=True, cwd=ROOT, env=environment)
    assert digests(here) == digests(there)
    assert {f"{name}.png" for name in FROM_SUMS + FROM_SAMPLE} <= set(digests(here))
    draw_all(View(run.scenario, run.summary, run.column, lambda: made(41).totals), there)
    assert digests(here)["attempts-needed.png"] != digests(there)["attempts-needed.png"]


def test_with_more_lines_than_can_be_shown_nothing_is_traced(run: api.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOST_LINES_TOLD", len(run.scenario.lines) - 1)
    assert view_of(run).sample is None
    monkeypatch.setattr(view, "MOST_LINES_TOLD", len(run.scenario.lines))
    assert view_of(run).sample is not None
