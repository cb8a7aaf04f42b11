#!/usr/bin/python3
"""What a folder or a CalDAV collection holds, told without dovetail's own code.

    reader.py PLACE...

A place is the folder of a vdir's collection, or the URL of a CalDAV collection, which is read by
PROPFIND and one GET for each member; with the credentials READER_USERNAME and READER_PASSWORD of
the environment. Prints a JSON array with an object for each place:

    {"items": {UID: [{"name", "sha256", "sha256Lf", "size", "form"}]},
     "broken": [{"name", "sha256", "why"}]}

"sha256" is of the bytes as they are, "sha256Lf" of them with every line end as LF, as XML makes
them. "form" is what the item says: components and properties
sorted, lines unfolded, values parsed by vobject's rules, and without what servers set on their own
(see IGNORED), so that the forms of an item and of a server's rewriting of it are equal. An item
without UID stands under its form's digest, and a UID under which there are several items has them
all. What vobject cannot parse is "broken".
"""

import base64
import hashlib
import http.client
import json
import os
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ET

from vobject.base import parseLine
from vobject.icalendar import isDuration, stringToDateTime, stringToDurations, stringToTextValues

IGNORED = {
    "PRODID",
    "DTSTAMP",
    "LAST-MODIFIED",
    "CREATED",
    "REV",
    "METHOD",
    "X-RADICALE-NAME",
    "X-WR-CALNAME",
}
TIMES = {
    "DTSTART",
    "DTEND",
    "DUE",
    "COMPLETED",
    "RECURRENCE-ID",
    "ACKNOWLEDGED",
    "TRIGGER",
    "DURATION",
    "EXDATE",
    "RDATE",
    "REFRESH-INTERVAL",
}
LISTS = {"CATEGORIES", "RESOURCES"}
# Where it makes no difference whether several values stand in one line or in several.
SPLIT = {"CATEGORIES", "RESOURCES", "EXDATE", "RDATE"}
WORDS = {"STATUS", "CLASS", "TRANSP", "ACTION", "CALSCALE"}
INTEGERS = {"PRIORITY", "PERCENT-COMPLETE", "SEQUENCE", "REPEAT"}
# Written by vobject on local times where UTC is due; it says nothing.
IGNORED_PARAMETERS = {"X-VOBJ-FLOATINGTIME-ALLOWED"}
WORD_PARAMETERS = {
    "CUTYPE",
    "ENCODING",
    "FBTYPE",
    "PARTSTAT",
    "RANGE",
    "RELATED",
    "RELTYPE",
    "ROLE",
    "RSVP",
    "VALUE",
}
UTC_NAMES = {"UTC", "Etc/UTC", "GMT"}


class Broken(Exception):
    pass


def text_of(value):
    return ",".join(stringToTextValues(value))


def moment_of(value, tzid):
    """One date, time, duration or period, with the zone's name where it has one."""
    if "/" in value:
        return "/".join(str(moment_of(part, tzid)) for part in value.split("/", 1))
    if isDuration(value):
        return "%d seconds" % stringToDurations(value)[0].total_seconds()
    if re.fullmatch(r"\d{8}", value):
        return "day " + value
    utc = value.endswith("Z") or tzid in UTC_NAMES
    zone = "UTC" if utc else (tzid or "local")
    return "%s %s" % (stringToDateTime(value.rstrip("Z")).isoformat(), zone)


def rule_of(value):
    parts = []
    for part in value.upper().split(";"):
        if part in ("", "INTERVAL=1", "WKST=MO"):
            continue
        name, _, values = part.partition("=")
        numbers = [re.sub(r"^\+?(-?)0*(\d)", r"\1\2", it) for it in values.split(",")]
        parts.append("%s=%s" % (name, ",".join(sorted(numbers))))
    return ";".join(sorted(parts))


def value_of(name, value, tzid):
    if name in TIMES:
        return sorted(str(moment_of(it, tzid)) for it in value.split(","))
    if name in LISTS:
        return sorted(stringToTextValues(value))
    if name in WORDS:
        return text_of(value).upper()
    if name in INTEGERS:
        return int(value)
    if name in ("RRULE", "EXRULE"):
        return rule_of(value)
    if name in ("TZOFFSETFROM", "TZOFFSETTO"):
        return re.sub(r"^([+-]\d{4})00$", r"\1", value)
    if name == "GEO":
        return [float(it) for it in value.split(";")]
    if name == "UID":
        return text_of(value).strip()
    return text_of(value)


def parameters_of(name, parameters, value):
    """Parameters by name, without a VALUE that only says what the value shows."""
    found = {}
    for parameter in parameters:
        found.setdefault(parameter[0].upper(), []).extend(parameter[1:])
    for ignored in IGNORED_PARAMETERS:
        found.pop(ignored, None)
    # A server was told not to invite anybody, which is no part of the item (RFC 6638, 7.1).
    if found.pop("X-DOVETAIL-SCHEDULE-AGENT", None) is not None:
        found.pop("SCHEDULE-AGENT", None)
    if name in TIMES and found.get("VALUE") in (["DATE"], ["DATE-TIME"], ["DURATION"]):
        del found["VALUE"]
    if found.get("TZID", [""])[0] in UTC_NAMES:
        del found["TZID"]
    return sorted(
        [key, [it.upper() for it in values] if key in WORD_PARAMETERS else values]
        for key, values in found.items()
    )


def logical_lines(data):
    """Unfolds bytes, as a fold may stand within a character, and decodes them."""
    try:
        text = re.sub(rb"\r?\n[ \t]", b"", data).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Broken("not UTF-8: %s" % error)
    return [line for line in re.split(r"\r?\n", text) if line != ""]


def component_of(lines):
    """The top component as [name, sorted properties, sorted components], and its first UID."""
    stack = [["", [], []]]
    uid = None
    for line in lines:
        try:
            name, parameters, value, group = parseLine(line)
        except Exception as error:  # vobject throws several kinds for a broken line.
            raise Broken(str(error)[:200])
        name = name.upper()
        if name == "BEGIN":
            stack.append([value.upper(), [], []])
        elif name == "END":
            if len(stack) == 1 or stack[-1][0] != value.upper():
                raise Broken("END:%s does not close anything" % value)
            done = stack.pop()
            done[1].sort(key=json.dumps)
            done[2].sort(key=json.dumps)
            stack[-1][2].append(done)
        elif len(stack) == 1:
            raise Broken("a property outside of a component")
        elif name not in IGNORED:
            tzid = next((it[1] for it in parameters if it[0].upper() == "TZID"), None)
            try:
                parsed = value_of(name, value, tzid)
            except Exception as error:  # As above.
                raise Broken("%s: %s" % (name, str(error)[:200]))
            kept = parameters_of(name, parameters, value)
            # Cyrus writes a line for each value of a list.
            for it in [[it] for it in parsed] if name in SPLIT else [parsed]:
                stack[-1][1].append([name, kept, it])
            if name == "UID" and uid is None:
                uid = parsed
    if len(stack) != 1:
        raise Broken("%s is never closed" % stack[-1][0])
    if len(stack[0][2]) != 1:
        raise Broken("%d components where there should be one" % len(stack[0][2]))
    return stack[0][2][0], uid


def tell(members):
    items, broken = {}, []
    for name, data in members:
        digest = hashlib.sha256(data).hexdigest()
        try:
            form, uid = component_of(logical_lines(data))
        except Broken as error:
            broken.append({"name": name, "sha256": digest, "why": str(error)})
            continue
        form = json.dumps(form, ensure_ascii=False)
        if uid is None:
            uid = "without UID: " + hashlib.sha256(form.encode()).hexdigest()
        item = {"name": name, "sha256": digest, "size": len(data), "form": form}
        item["sha256Lf"] = hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()
        items.setdefault(uid, []).append(item)
    return {"items": items, "broken": broken}


def in_folder(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith((".ics", ".vcf")):
            with open(os.path.join(folder, name), "rb") as file:
                yield name, file.read()


class Server:
    """One request after the other to one server, and nothing but what was asked for."""

    def __init__(self, url, username):
        self.url = urllib.parse.urlsplit(url)
        self.connection = None
        self.headers = {}
        if username is not None:
            credentials = "%s:%s" % (username, os.environ.get("READER_PASSWORD", ""))
            encoded = base64.b64encode(credentials.encode()).decode()
            self.headers["Authorization"] = "Basic " + encoded

    def ask(self, method, path, body=None, headers={}):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.url.netloc, timeout=300)
        self.connection.request(method, path, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status not in (200, 207):
            raise SystemExit("%s %s: %d %s" % (method, path, answer.status, answer.reason))
        return data

    def members(self):
        body = (
            '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'
        )
        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        listing = ET.fromstring(self.ask("PROPFIND", self.url.path, body, headers))
        for response in listing.findall("{DAV:}response"):
            if response.find(".//{DAV:}collection") is not None:
                continue
            path = urllib.parse.urlsplit(response.findtext("{DAV:}href")).path
            yield urllib.parse.unquote(path.rsplit("/", 1)[-1]), self.ask("GET", path)


def members_of(place):
    if place.startswith("http://"):
        return Server(place, os.environ.get("READER_USERNAME")).members()
    return in_folder(place)


json.dump([tell(members_of(place)) for place in sys.argv[1:]], sys.stdout)
