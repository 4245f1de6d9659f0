"""The tests that `make test` and `make proof` run, and their summary at the end."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests import suite
from tests.suite import ON_A_BROKER, PROOF, ROOT, SUITES, TEST, Part, Suite, run
from tests.support import reports
from tests.support.chance import SEED

FOLDERS = {f"tests/{path.parent.relative_to(ROOT / 'tests').parts[0]}" for path in ROOT.glob("tests/*/**/test_*.py")}

TESTS = """
    import pytest

    def test_right():
        pass

    @pytest.mark.skip(reason="needs a moon")
    def test_moon():
        pass

    @pytest.mark.parametrize("what", ["one 'and' two"])
    def test_wrong(what):
        assert what == 3

    @pytest.mark.proof
    def test_of_the_proof():
        assert False
    """


@pytest.fixture
def small(pytester, monkeypatch) -> Suite:
    """A suite of one part, on the tests above."""
    unused = " ".join(f"-p no:{plugin}" for plugin in ("anyio", "nameko_sqlalchemy", "pytest_nameko", "schemathesis"))
    pytester.makeini(f"[pytest]\nmarkers = proof\naddopts = {unused}")  # they take seconds to be imported
    pytester.makeconftest("from tests.support.reports import note_outcomes as pytest_configure")
    pytester.makepyfile(TESTS)
    monkeypatch.setattr(suite, "ROOT", pytester.path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv(SEED, raising=False)
    return replace(TEST, parts=[Part("small", ["."])])


def test_each_folder_with_tests_is_in_one_part_but_for_the_proof():
    folders = [place for part in TEST.parts for place in part.places if (ROOT / place).is_dir()]

    assert sorted(folders) == sorted(FOLDERS - {"tests/proof"})


def test_what_runs_apart_from_its_folder_is_there_and_runs_once():
    assert all((ROOT / file).is_file() for file in ON_A_BROKER)
    system, broker = (next(part for part in TEST.parts if part.name == name) for name in ("system", "broker"))
    assert system.places == ("tests/system", *(f"--ignore={file}" for file in broker.places))


def test_each_test_is_in_one_of_the_two():
    """The proof looks everywhere: marked tests stand among others."""
    assert (TEST.chosen, PROOF.chosen) == ("not proof", "proof")
    assert [part.places for part in PROOF.parts] == [("tests",)]


def test_a_part_that_fails_fails_the_whole_and_is_named(small, capfd):
    broken = replace(small, parts=[Part("broken", ["--no-such-option"]), *small.parts])

    has_passed = run(broken, ["-k", "test_right", "-p", "no:cacheprovider"])

    told = capfd.readouterr().out
    assert not has_passed
    assert "broken     | " in told
    assert "unrecognized arguments: --no-such-option" in told
    assert "failed: broken, in" in told


def test_the_end_names_what_failed_how_to_run_it_alone_what_was_skipped_and_the_slowest(small, capfd):
    has_passed = run(small, ["-p", "no:cacheprovider"])

    told = capfd.readouterr().out
    test = f"{next(suite.ROOT.glob('test_*.py')).name}::test_wrong[one 'and' two]"
    assert not has_passed
    assert f"FAILED {test}" in told
    assert reports.alone(test, "1") in told
    assert "Skipped, needs a moon: 1, such as" in told
    assert "3 tests. The slowest:" in told
    assert "test_of_the_proof" not in told
    assert "seed 1" in told


def test_what_is_told_to_run_a_test_alone_runs_it_alone(small, tmp_path):
    """As a shell and make take it."""
    makefile = tmp_path / "Makefile"
    makefile.write_text('tests:\n\t@echo seed $$TESTS_SEED; for a in $(ARGS); do echo "<$$a>"; done\n')

    told = subprocess.run(
        ["bash", "-c", f"make --no-print-directory -f {makefile} tests {reports.alone('t.py::test[a b]', '7')}"],
        capture_output=True,
        text=True,
    ).stdout

    assert told.splitlines() == ["seed 7", "<t.py::test[a b]>", "<--hypothesis-seed=7>"]


def test_another_seed_may_be_given(small, capfd, monkeypatch):
    monkeypatch.setenv(SEED, "42")

    run(small, ["-p", "no:cacheprovider", "-k", "test_right"])

    assert "all passed" in (told := capfd.readouterr().out)
    assert "seed 42" in told


def test_the_proof_has_another_seed_each_time_and_the_test_always_the_same():
    assert SUITES["test"].seed == 1
    assert SUITES["proof"].seed is None


def test_a_part_that_ends_before_its_first_test_is_no_outcome(tmp_path):
    assert list(reports.read(Path(tmp_path / "never written"))) == []
