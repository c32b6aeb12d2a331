"""The workflows of a site on supply-chain security: pinned, least permissions, no privileged trigger."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess:
    program = Path(sys.executable).parent / name
    return subprocess.run([str(program) if program.exists() else shutil.which(name), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_zizmor_finds_nothing() -> None:
    run = tool("zizmor", "--offline", "--no-progress", ".github")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "No findings" in run.stdout + run.stderr


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "bad.yml"
    workflow.parent.mkdir(parents=True)
    text = (ROOT / ".github/workflows/check.yml").read_text()
    workflow.write_text(re.sub(r"@[0-9a-f]{40} # \S+", "@v4", text))
    assert tool("zizmor", "--offline", "--no-progress", str(tmp_path)).returncode != 0


def test_every_workflow_fits_the_schema() -> None:
    run = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS))
    assert run.returncode == 0, run.stdout


def events(workflow: dict) -> set[str]:
    """What starts a workflow. YAML 1.1 reads its `on` as a truth value."""
    return set([workflow[True]] if isinstance(workflow[True], str) else workflow[True])


@pytest.mark.parametrize("on", ["pull_request_target", "[push, pull_request_target]", "{pull_request_target: {types: [opened]}}"])
def test_a_privileged_trigger_is_seen_in_every_form(on: str) -> None:
    assert "pull_request_target" in events(yaml.safe_load(f"on: {on}"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_pinned_and_has_least_permissions(path: Path) -> None:
    text = path.read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert "secrets." not in text
    assert events(workflow) <= {"pull_request", "push", "schedule", "workflow_dispatch"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] and "permissions" in job
        if set(job["permissions"].values()) - {"read"}:
            assert "pull_request" not in events(workflow)
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "a value from outside reaches a script by env, never as part of it"
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
    for action in re.findall(r"uses: (\S+)", text):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action


def test_what_writes_the_lock_files_is_pinned_too() -> None:
    text = (ROOT / ".ci/requirements-uv.txt").read_text()
    assert re.findall(r"^([\w-]+)==", text, re.MULTILINE) == ["uv"] and "--hash=sha256:" in text
    assert "://" not in text and "--index" not in text


def test_no_lock_file_names_a_place_that_packages_come_from() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text and "--index" not in text
        assert len(re.findall(r"^\S+==", text, re.MULTILINE)) > 20
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S+==)", text)[1:])
