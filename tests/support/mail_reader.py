"""Prints what a client sees of mail accounts, as JSON. Reads a JSON list of accounts."""

import json
import sys

from mail_account import read_imap, read_pop3

json.dump([{**read_imap(it), "pop3": read_pop3(it)} for it in json.load(sys.stdin)], sys.stdout)
