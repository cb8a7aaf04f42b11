"""A mail account as an independent client sees it: Python's own imaplib and poplib, nothing of ours."""

import base64
import hashlib
import imaplib
import poplib
import re

imaplib._MAXLINE = 100_000_000
poplib._MAXLINE = 100_000_000

CHUNK = 200
SPECIAL = {"\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash"}


class Refused(Exception):
    pass


def encode_name(name):
    """Modified UTF-7 (RFC 3501 section 5.1.3)."""
    out, run = [], []

    def flush():
        if run:
            text = base64.b64encode("".join(run).encode("utf-16-be")).decode().rstrip("=")
            out.append("&%s-" % text.replace("/", ","))
            run.clear()

    for letter in name:
        if " " <= letter <= "~":
            flush()
            out.append("&-" if letter == "&" else letter)
        else:
            run.append(letter)
    flush()
    return "".join(out)


def decode_name(raw):
    def run(found):
        text = found.group(1).replace(",", "/")
        if not text:
            return "&"
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be")

    return re.sub("&([^-]*)-", run, raw)


def quoted(name):
    return '"%s"' % encode_name(name).replace("\\", "\\\\").replace('"', '\\"')


def unquoted(raw):
    if raw.startswith('"'):
        return re.sub(r"\\(.)", r"\1", raw[1:-1])
    return raw


class Imap:
    """One connection, logged in."""

    def __init__(self, account):
        self.connection = imaplib.IMAP4("127.0.0.1", account["imapPort"], timeout=60)
        self.connection.login(account["username"], account["password"])
        self.has_guids = True

    def close(self):
        try:
            self.connection.logout()
        except imaplib.IMAP4.error:
            pass

    def ask(self, command, *args, kind=None):
        """The untagged answers of that kind; throws where the command is refused."""
        connection = self.connection
        connection.untagged_responses.pop(kind or command, None)
        status, text = connection._simple_command(command, *args)
        if status != "OK":
            raise Refused("%s %s: %s %s" % (command, " ".join(map(str, args)), status, text))
        return connection._untagged_response(status, text, kind or command)[1]

    def list(self, command, *more):
        for one in self.ask(command, '""', '"*"', *more):
            if one is None or one == b"":
                continue
            head, name = one if isinstance(one, tuple) else (one, None)
            head = head.decode()
            flags, rest = re.match(r'\(([^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (.*)$', head, re.S).groups()
            raw = unquoted(rest) if name is None else name.decode()
            yield decode_name(raw), flags.split()

    def mailboxes(self):
        try:
            found = dict(self.list("LIST", "RETURN", "(SPECIAL-USE)"))
        except (Refused, imaplib.IMAP4.error):
            found = dict(self.list("LIST"))
        return found

    def status(self, name, what):
        answers = self.ask("STATUS", quoted(name), "(%s)" % what)
        last = answers[-1]
        text = b"".join(last) if isinstance(last, tuple) else last
        inside = text.decode().rsplit("(", 1)[1].rstrip(")").split()
        return dict(zip(inside[::2], inside[1::2]))

    def select(self, name, write=False):
        connection = self.connection
        connection.is_readonly = False
        status, text = connection.select(quoted(name), readonly=not write)
        if status != "OK":
            raise Refused("SELECT %s: %s" % (name, text))
        return int(text[0])

    def mails(self, name):
        """In the order of the mailbox."""
        count = self.select(name)
        for first in range(1, count + 1, CHUNK):
            last = min(first + CHUNK - 1, count)
            yield from self.fetch("%d:%d" % (first, last))
        if "UNSELECT" in self.connection.capabilities:
            self.ask("UNSELECT")

    def fetch(self, numbers):
        wanted = "UID FLAGS INTERNALDATE RFC822.SIZE %sBODY.PEEK[]"
        try:
            answers = self.ask("FETCH", numbers, "(%s)" % (wanted % ("X-GUID " if self.has_guids else "")))
        except (Refused, imaplib.IMAP4.error):
            if not self.has_guids:
                raise
            self.has_guids = False
            answers = self.ask("FETCH", numbers, "(%s)" % (wanted % ""))
        for one in answers:
            if isinstance(one, tuple):
                yield mail_of(one[0].decode("utf-8", "replace"), one[1])
            elif isinstance(one, bytes) and b'BODY[] ""' in one:
                yield mail_of(one.decode("utf-8", "replace"), b"")


def mail_of(head, body):
    flags = re.search(r"FLAGS \(([^)]*)\)", head).group(1).split()
    guid = re.search(r'X-GUID ("(?:\\.|[^"])*"|[^ )]+)', head)
    # A storage may have to end a mail that has no newline at its end.
    ended = body if body.endswith(b"\n") else body + b"\r\n"
    return {
        "uid": int(re.search(r"\bUID (\d+)", head).group(1)),
        "flags": sorted(flag for flag in flags if flag != "\\Recent"),
        "received": re.search(r'INTERNALDATE "([^"]*)"', head).group(1).strip(),
        "size": int(re.search(r"RFC822\.SIZE (\d+)", head).group(1)),
        "sha256": hashlib.sha256(body).hexdigest(),
        "sha256Ended": hashlib.sha256(ended).hexdigest(),
        "guid": None if guid is None else unquoted(guid.group(1)),
        # So that a difference can be told in words.
        "about": about(body),
    }


def about(body):
    found = re.search(rb"^(?:Subject|Message-ID):[ \t]*([^\r\n]*)", body, re.I | re.M)
    return (found.group(1) if found else body[:40]).decode("latin-1")


def read_imap(account):
    imap = Imap(account)
    try:
        boxes = {}
        for name, flags in imap.mailboxes().items():
            selectable = not {"\\Noselect", "\\NonExistent"} & set(flags)
            box = {"selectable": selectable, "specialUse": sorted(SPECIAL & set(flags))}
            if selectable:
                status = imap.status(name, "MESSAGES UIDNEXT UIDVALIDITY")
                box["uidValidity"] = int(status["UIDVALIDITY"])
                box["mails"] = list(imap.mails(name))
                # Of a mailbox that nobody has opened, a server may not know yet what is in it.
                status = imap.status(name, "MESSAGES UIDNEXT UIDVALIDITY")
                box["uidNext"] = int(status["UIDNEXT"])
                box["uidValidity"] = int(status["UIDVALIDITY"])
                if int(status["MESSAGES"]) != len(box["mails"]):
                    raise Refused("%s: STATUS tells of %s mails, FETCH of %d"
                                  % (name, status["MESSAGES"], len(box["mails"])))
                try:
                    box["guid"] = imap.status(name, "X-GUID")["X-GUID"]
                except (Refused, imaplib.IMAP4.error):
                    box["guid"] = None
            boxes[name] = box
        return {"mailboxes": boxes, "subscribed": sorted(name for name, _ in imap.list("LSUB"))}
    finally:
        imap.close()


def read_pop3(account):
    connection = poplib.POP3("127.0.0.1", account["pop3Port"], timeout=60)
    try:
        connection.user(account["username"])
        connection.pass_(account["password"])
        told = [line.decode().split(" ", 1) for line in connection.uidl()[1]]
        sizes = dict(line.decode().split(" ", 1) for line in connection.list()[1])
        return [
            {"uidl": uidl, "size": int(sizes[number]), "sha256": retrieved(connection, number)}
            for number, uidl in told
        ]
    finally:
        connection.quit()


def retrieved(connection, number):
    """poplib's own retr changes lines that begin with a bare CR."""
    connection._shortcmd("RETR %s" % number)
    digest = hashlib.sha256()
    start = True
    while True:
        line = connection.file.readline()
        if line == b"":
            raise Refused("RETR %s was cut short" % number)
        if start and line == b".\r\n":
            return digest.hexdigest()
        digest.update(line[1:] if start and line.startswith(b".") else line)
        start = line.endswith(b"\r\n")
