"""`python -m macros` as a contributor meets it."""

import json
import subprocess
import sys
from pathlib import Path

from project import ROOT


def macros(*arguments: str, root: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "macros", "--root", str(root), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_check_is_quiet_and_counts_claims_when_all_is_well(project: Path) -> None:
    run = macros("check", root=project)
    assert (run.returncode, run.stdout, run.stderr) == (0, "Nothing to mend. 4 claims: 1 supported, 2 unknown, 1 not-applicable\n", "")


def test_check_prints_every_fault_and_fails(project: Path) -> None:
    registry = project / "data/registries/example.yaml"
    registry.write_text(registry.read_text().replace("status: supported", "status: suported"))
    (project / "docs/index.md").write_text('---\ndescription: Home.\n---\n\n# Home\n\n<!--[[ comparision("yanking") ]]-->\n')
    run = macros("check", root=project)
    assert run.returncode == 1
    assert run.stdout.splitlines() == [
        "data/registries/example.yaml:11:13: 'suported' is not allowed for 'status'; did you mean 'supported'? [shape]",
        "docs/index.md:7:1: there is no macro 'comparision'; did you mean 'comparison'? [macro-calls-are-right]",
    ]


def test_check_of_one_file_tells_of_that_file(project: Path) -> None:
    (project / "docs/index.md").write_text('---\ndescription: Home.\n---\n\n# Home\n\n<!--[[ comparision("yanking") ]]-->\n')
    assert macros("check", "data/registries/example.yaml", root=project).returncode == 0
    assert macros("check", "docs", root=project).returncode == 1


def test_export_writes_the_open_data_and_nothing_when_there_are_faults(project: Path) -> None:
    site = project / "site"
    site.mkdir()
    assert macros("export", str(site), root=project).returncode == 0
    claims = site / "data/v1/claims.json"
    assert len(json.loads(claims.read_text())) == 4
    before = claims.read_bytes()
    (project / "data/registries/example.yaml").write_text("id: example\n")
    assert macros("export", str(site), root=project).returncode == 1
    assert claims.read_bytes() == before


def test_export_into_nowhere_says_so(project: Path) -> None:
    run = macros("export", str(project / "nowhere"), root=project)
    assert run.returncode == 2 and "build the site first" in run.stderr


def test_a_broken_vocabulary_is_reported_like_any_fault(project: Path) -> None:
    (project / "data/model.yaml").write_text("tracks: [\n")
    run = macros("check", root=project)
    assert run.returncode == 1 and "data/model.yaml:2:1: this is not YAML" in run.stdout
