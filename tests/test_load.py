"""What a contributor can get wrong in a YAML file, and what the answer says: place, fault and remedy, all at once."""

from pathlib import Path

import pytest

from macros.load import load, read_yaml

REGISTRY = Path("data/registries/example.yaml")


def faults(project: Path) -> list[str]:
    return [str(finding) for finding in load(project)[1]]


def edit(project: Path, old: str, new: str) -> None:
    path = project / REGISTRY
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("status: supported", "status: suported", "11:13: 'suported' is not allowed for 'status'; did you mean 'supported'?"),
        ("summary: Owners", "sumary: Owners", "13:5: the key 'sumary' is not known here; did you mean 'summary'?"),
        ("summary: Owners", "sumary: Owners", "10:3: the key 'summary' is missing; add it"),
        ("client: exampletool\n", "client: exampletool\nclient: other\n", "7:1: the key 'client' is here twice, first in line 6; keep one of them"),
        ("since: 2014-11", "since: 2023-02-30", "12:12: '2023-02-30' is not in the calendar; write a day that exists"),
        ("since: 2014-11", "since: 1.10", "12:12: '1.10' is no date; write 2023, 2023-04 or 2023-04-20"),
        ("since: 2014-11", "since: yes", "12:12: 'yes' is no date; write 2023, 2023-04 or 2023-04-20"),
        ("since: 2014-11", "since:", "12:11: 'since' has no value; give it one, or remove it if it may be left out"),
        ("client: exampletool", "client: ~", "6:9: 'client' has no value; give it one, or remove it if it may be left out"),
        ("operator: Example", 'operator: "Example', "4:9: a quote opens in line 4 and does not end there; close it"),
        ("checked: 2026-01-31", "checked: 2026-02-30", "22:102: '2026-02-30' names no day of the calendar; write it as 2026-04-20"),
        (", checked: 2026-01-31", "", "22:9: the key 'checked' is missing; add it"),
        ("kind: docs", "kind: blog", "22:70: 'blog' is not allowed for 'kind'; use one of announcement, audit, code, docs, policy, report, spec"),
        ('"https://docs', '"http://docs', "22:15: 'http://docs.example.org/yank' is no https address; link the https page that was read"),
        ("user_accounts: yes", "user_accounts: on", "8:25: 'on' is neither yes nor no; write one of these two words, in lower case"),
        ("packages: built", "packages: build", "8:40: 'build' is not allowed for 'packages'; did you mean 'builds'?"),
        ("id: example\n", "id: exmaple\n", "1:5: the id 'exmaple' is not the name of the file, 'example'; write id: example, or rename the file"),
        ("granularity: [version]", "granularity: [version", "this is not YAML"),
        ("  yanking:\n", "  yanking:\n  \tstatus: x\n", "11:3: there is a tab; use spaces"),
        ("summary: Owners can", "summary: *owners can", "this is not YAML"),
        ("term: yank", "term: !!python/object yank", "the tag"),
        ("claims:\n", "claims: []\nx:\n", "keys with values are expected here"),
        ("summary: Owners can yank a version.", "summary: Owners can yank, see #12.", "13:35: YAML takes '#12.' for a comment; put quotes around the whole value"),
        ("    summary: Owners", "     summary: Owners", "13:6: this line is indented by 5 spaces; line it up with its neighbors, by steps of two"),
        ("status: supported", "status supported", "11:5: there is no colon with a space behind the key; write key: value"),
        ("status: supported", "status:supported", "11:5: there is no colon with a space behind the key; write key: value"),
        ("operator: Example Foundation", "operator: Example: Foundation", "4:1: a colon in a text is read as that of a key; put quotes around the whole value"),
        ("name: Example", "<<<<<<< HEAD\nname: Example", "2:1: the marks of a merge stand here; keep one of the two sides"),
        ("client: exampletool", "client:\u00a0exampletool", "6:8: there is a space of the kind that does not break lines; write an ordinary one"),
        ("user_accounts: yes", "user_accounts: Yes", "8:25: 'Yes' is neither yes nor no; write one of these two words, in lower case"),
        ("checked: 2026-01-31", "checked: 2026/1/31", "names no day of the calendar; write it as 2026-01-31"),
        ("  yanking:", "  Yan_king:", "'Yan_king' is no id; did you mean 'yan-king'?"),
        ("term: yank", "Term: yank", "'Term' is no id; did you mean 'term'?"),
    ],
)
def test_a_wrong_entry_is_named_with_its_place_and_remedy(project: Path, old: str, new: str, expected: str) -> None:
    edit(project, old, new)
    found = faults(project)
    assert any(fault.startswith(f"{REGISTRY}:") and expected in fault for fault in found), found


def test_all_faults_of_all_files_come_at_once(project: Path) -> None:
    edit(project, "status: supported", "status: suported")
    edit(project, "since: 2012", "since: soon")
    (project / "data/capabilities/mfa.yaml").write_text("id: mfa\n")
    (project / "data/registries/notes.txt").write_text("")
    found = faults(project)
    assert sum("example.yaml" in fault for fault in found) == 2
    assert sum("mfa.yaml" in fault for fault in found) == 6  # one for each missing key
    assert any("notes.txt:1:1: this file is no .yaml file" in fault for fault in found)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("registries/example", "    history:\n", "    upcoming:\n      - {date: 2027, summary: Later., evidence: []}\n    history:\n", "the list is empty"),
        ("registries/example", "    history:\n", "    hindsight:\n      - {summary: Sooner., evidence: []}\n    history:\n", "the list is empty"),
        ("capabilities/yanking", "guidance: yanking\n", "guidance: yanking\nsupported_needs: {reversible: []}\n", "the list is empty"),
        ("capabilities/yanking", "guidance: yanking\n", "guidance: yanking\nsupported_needs: {reason: [required, mandatory]}\n", "'mandatory' is no choice of reason; write none or required"),
        ("capabilities/yanking", "guidance: yanking\n", "guidance: yanking\nsupported_needs: {reversable: [yes]}\n", "supported_needs names 'reversable', which is no column here; name one of details"),
        ("capabilities/yanking", "help: The registry's word.", "help: The registry's word., shown_by: docs", "shown_by belongs to columns of type boolean"),
        ("incidents/theft-2025", '"2025-03-01 10:39"', '"2025-03-01 25:39"', "is no date; write 2026, 2026-03, 2026-03-24 or 2026-03-24 10:39, in UTC"),
        ("incidents/theft-2025", '"2025-03-01 10:39"', '"2025-02-30 10:39"', "is not in the calendar; write 2026, 2026-03, 2026-03-24 or 2026-03-24 10:39, in UTC"),
    ],
)
def test_a_wrong_entry_of_a_later_kind_is_named_with_its_file(project: Path, file: str, old: str, new: str, expected: str) -> None:
    path = project / f"data/{file}.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    found = faults(project)
    assert any(fault.startswith(f"data/{file}.yaml:") and expected in fault for fault in found), found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda data: b"\xef\xbb\xbf" + data, "1:1: the file begins with a byte order mark; save it as UTF-8 without BOM"),
        (lambda data: data.replace(b"\n", b"\r\n"), "1:12: the line ends in CR LF; save the file with LF line ends"),
        (lambda data: data.replace(b"Foundation", b"Fou\xffndation"), "4:1: the file is not UTF-8; save it as UTF-8"),
        (lambda data: b"", "1:1: the file is empty; see data/README.md"),
        (lambda data: data.replace(b"Foundation", b"Fou\x00ndation"), "this is not YAML"),
    ],
)
def test_a_file_in_the_wrong_form_is_refused(project: Path, change, expected: str) -> None:
    path = project / REGISTRY
    path.write_bytes(change(path.read_bytes()))
    assert any(expected in fault for fault in faults(project)), faults(project)


def test_what_is_not_wrong_is_kept_as_it_is_written(project: Path) -> None:
    edit(project, "summary: Owners can yank a version.", "summary: '\"Yank\" 🎉 <25 & no: 1.10'")
    dataset, findings = load(project)
    assert findings == []
    assert dataset.registries["example"].claims["yanking"].summary == '"Yank" 🎉 <25 & no: 1.10'


def test_html_in_a_fact_is_refused_at_its_place(project: Path) -> None:
    edit(project, "summary: Owners can yank a version.", "summary: Owners <script>alert(1)</script> yank.")
    assert faults(project) == [f"{REGISTRY}:13:14: the text holds HTML, '<script>'; write plain text [shape]"]


def test_a_file_with_faults_takes_nothing_else_with_it(project: Path) -> None:
    edit(project, "status: supported", "status: suported")
    dataset, _ = load(project)
    assert set(dataset.registries) == {"mirror"}
    assert dataset.known("registries") == {"example", "mirror"}


def test_an_edit_is_seen_and_an_unchanged_file_is_not_read_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, _ = load(project)
    edit(project, "since: 2014-11", "since: 2015-01-01")
    read = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or original(path))
    after, _ = load(project)
    assert read == ["example.yaml"]
    assert after.registries["example"].claims["yanking"].since == "2015-01-01"
    assert after.registries["mirror"] is before.registries["mirror"]


def test_every_value_has_its_place(dataset) -> None:
    assert str(dataset.place("registries", "example", "claims", "yanking")) == "data/registries/example.yaml:10:3"
    assert str(dataset.place("registries", "example", "claims", "yanking", "status")) == "data/registries/example.yaml:11:13"
    assert str(dataset.place("registries", "example", "claims", "absent")) == "data/registries/example.yaml:9:1"


@pytest.mark.parametrize("text", [b"&a [*a]", b"a: &x {b: *x}", b"? [complex]\n: key", b"a: [1\n", b"- ", b"%YAML 9\n"])
def test_odd_yaml_never_raises(text: bytes) -> None:
    assert read_yaml(text, "odd.yaml").findings
