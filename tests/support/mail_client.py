"""Does to a mail account what a person's mail program does. Reads {account, steps} as JSON, prints
one answer for each step: the UIDs that were given, where some were."""

import base64
import imaplib
import json
import re
import time
import sys

from mail_account import Imap, Refused, quoted


class Client:
    def __init__(self, account):
        self.account = account
        self.imap = Imap(account)
        self.selected = None

    def again(self):
        try:
            self.imap.close()
        except imaplib.IMAP4.error:
            # It is given up in any case.
            pass
        self.imap = Imap(self.account)
        self.selected = None

    def select(self, name):
        if self.selected != name:
            self.imap.select(name, write=True)
            self.selected = name

    def unselect(self):
        if self.selected is not None:
            self.imap.ask("UNSELECT")
            self.selected = None

    def uid(self, command, *args):
        status, text = self.imap.connection.uid(command, *args)
        if status != "OK":
            raise Refused("UID %s %s: %s" % (command, args, text))

    def append(self, mailbox, bytes, flags=[], date=None):
        body = base64.b64decode(bytes)
        rest = ["(%s)" % " ".join(flags)]
        if date is not None:
            rest.append('"%s"' % date)
        for _ in range(20):
            connection = self.imap.connection
            # imaplib's own append takes every LF for the end of a line, and a bare CR too.
            connection.literal = re.sub(rb"(?<!\r)\n", b"\r\n", body)
            status, text = connection._simple_command("APPEND", quoted(mailbox), *rest)
            # A session whose index was made anew takes no more mail: who delivers tries again.
            if status == "OK" or b"deleted under us" not in text[0]:
                break
            time.sleep(0.1)
            self.again()
        if status != "OK":
            raise Refused("APPEND %s: %s" % (mailbox, text))
        told = re.search(rb"\[APPENDUID \d+ ([0-9:,]+)\]", text[0])
        return expanded(told.group(1).decode()) if told else []

    def store(self, mailbox, uids, how, flags):
        self.select(mailbox)
        self.uid("STORE", sequence(uids), how + "FLAGS.SILENT", "(%s)" % " ".join(flags))

    def expunge(self, mailbox, uids):
        self.store(mailbox, uids, "+", ["\\Deleted"])
        self.uid("EXPUNGE", sequence(uids))

    def move(self, mailbox, uids, to):
        self.select(mailbox)
        self.uid("MOVE", sequence(uids), quoted(to))

    def copy(self, mailbox, uids, to):
        self.select(mailbox)
        self.uid("COPY", sequence(uids), quoted(to))

    def create(self, mailbox):
        self.simple("CREATE", mailbox)

    def delete(self, mailbox):
        self.simple("DELETE", mailbox)

    def rename(self, mailbox, to):
        self.simple("RENAME", mailbox, to)

    def subscribe(self, mailbox):
        self.simple("SUBSCRIBE", mailbox)

    def unsubscribe(self, mailbox):
        self.simple("UNSUBSCRIBE", mailbox)

    def simple(self, command, *names):
        self.unselect()
        self.imap.ask(command, *map(quoted, names), kind="NONE")

    def uids(self, mailbox):
        self.unselect()
        self.select(mailbox)
        status, found = self.imap.connection.uid("SEARCH", "ALL")
        return [int(uid) for uid in (found[0] or b"").split()]


def sequence(uids):
    return ",".join(map(str, uids))


def expanded(text):
    out = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        out.extend(range(int(first), int(last or first) + 1))
    return out


told = json.load(sys.stdin)
client = Client(told["account"])
answers = []
for step in told["steps"]:
    name = step.pop("do")
    try:
        answers.append(getattr(client, name)(**step))
    except (imaplib.IMAP4.error, Refused) as error:
        raise SystemExit("%s %s: %s" % (name, {k: v for k, v in step.items() if k != "bytes"}, error))
client.imap.close()
json.dump(answers, sys.stdout)
