"""Events as Atom feeds (RFC 4287), announcements as a calendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from xml.etree import ElementTree as ET

from macros.model import Dataset
from macros.queries import Announcement, Event, announcements, as_of, events

_ATOM = "http://www.w3.org/2005/Atom"
_AUTHOR = "OpenSSF Securing Software Repositories working group"
# Feeds and readers keep entries by their id, so this part of it never changes.
_TAG = "tag:repos.openssf.org,2026"


def feeds(dataset: Dataset, site_url: str) -> dict[str, bytes]:
    """A feed of all changes, one per registry and one per capability, as `{path below data/v1/: bytes}`."""
    found = events(dataset)
    files = {"feeds/changes.atom": ("all", "What changed in package registries", "changes/", found)}
    for group, kind, records in (("registries", "registry", dataset.registries), ("capabilities", "capability", dataset.capabilities)):
        for id, record in records.items():
            own = [event for event in found if getattr(event.cell, kind).id == id]
            files[f"feeds/{group}/{id}.atom"] = (f"{group}/{id}", f"What changed: {record.name}", f"{group}/{id}/", own)
    updated = _instant(as_of(dataset).isoformat())
    return {path: _feed(site_url, path, updated, *rest) for path, rest in files.items()}


def _instant(day: str) -> str:
    return f"{day}T00:00:00Z"


def _feed(site_url: str, path: str, updated: str, id: str, title: str, page: str, found: Iterable[Event]) -> bytes:
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")

    def add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
        element.text = text
        return element

    add(feed, "id", f"{_TAG}:{id}")
    add(feed, "title", title)
    add(feed, "updated", updated)
    add(feed, "link", rel="self", href=f"{site_url}data/v1/{path}", type="application/atom+xml")
    add(feed, "link", rel="alternate", href=f"{site_url}{page}", type="text/html")
    add(add(feed, "author"), "name", _AUTHOR)
    for event in found:
        cell = event.cell
        entry = add(feed, "entry")
        add(entry, "id", f"{_TAG}:{cell.registry.id}/{cell.capability.id}/{event.date}")
        before = f"{event.before.status} → " if event.before and event.before.status != event.after.status else ""
        add(entry, "title", f"{event.date} · {cell.registry.name}: {cell.capability.name}, {before}{event.after.status}")
        # A date that is known to its month or year only stands where that began; the title has it as it is known.
        add(entry, "updated", _instant(event.date.earliest.isoformat()))
        add(entry, "link", rel="alternate", href=f"{site_url}registries/{cell.registry.id}/#{cell.capability.id}", type="text/html")
        if event.proof:
            add(entry, "link", rel="via", href=event.proof.url)
        add(entry, "summary", event.after.summary)
    ET.indent(feed, " ")
    return ET.tostring(feed, encoding="utf-8", xml_declaration=True) + b"\n"


def calendar(dataset: Dataset, site_url: str) -> bytes:
    """Everything that was announced for a date, as events of whole days: what is known to its month or year only takes all of it."""
    stamp = as_of(dataset).strftime("%Y%m%dT000000Z")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{_AUTHOR}//Announced changes//EN", "NAME:Announced changes in package registries"]
    for each in announcements(dataset):
        lines += _calendar_event(each, site_url, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _calendar_event(each: Announcement, site_url: str, stamp: str) -> list[str]:
    cell, event = each.cell, each.event
    return [
        "BEGIN:VEVENT",
        f"UID:{cell.registry.id}-{cell.capability.id}-{event.date}@repos.openssf.org",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{event.date.earliest:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.date.latest + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(f'{cell.registry.name}: {cell.capability.name}')}",
        f"DESCRIPTION:{_escaped(event.summary)}",
        f"URL:{site_url}registries/{cell.registry.id}/#{cell.capability.id}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(sign, escaped)
    return text


def _folded(line: str) -> str:
    """At most 75 octets a line; what follows begins with a space. No character is cut in two."""
    parts, room = [""], 75
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append("")
            room = 74
        parts[-1] += character
        room -= size
    return "\r\n ".join(parts)
