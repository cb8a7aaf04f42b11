/** What every storage of mail promises of the names of mailboxes. */

import assert from "node:assert/strict";
import { type Case, never } from "../context.ts";
import { localIdIn, now, ofMail, putText, saidIn } from "./mail_kit.ts";

const NAMES: Readonly<Record<string, string>> = {
  "dots": "v1.2.3",
  "a dot at its beginning": ".hidden",
  "a slash within a part": "Arch%2Five",
  "a percent sign": "100% sure",
  "a percent sign and digits": "100%2541",
  "an ampersand": "Bits & Pieces",
  "an ampersand that looks like UTF-7": "&AOQ-",
  "umlauts": "Entwürfe",
  "combining letters": "Entwu\u0308rfe",
  "Chinese letters": "已发送",
  "an emoji": "🎂 birthday",
  "quotes and a backslash": `a "b" \\c`,
  "an asterisk and a question mark": "what*?",
  "brackets and braces": "[Gmail]{x}(y)",
  "a tilde": "~jane",
  "a blank at its end": "work ",
  "a hash": "#news",
  "a colon, a semicolon and a pipe": "a:b;c|d",
  "a control character": "tab\there",
  "a name that Maildir uses": "cur",
  "a name that Dovecot uses": "dovecot-uidlist",
  "the inbox within": "sub/INBOX",
  "180 letters": "n".repeat(180),
  "letters that another has in another case": "Work",
};

export const mailboxNameCases: readonly Case[] = ofMail(
  Object.entries(NAMES).flatMap(([what, name]): Case[] =>
    [name, `parent/${name}/child`].map((path, at) => ({
      name: at === 0
        ? `a mailbox whose name has ${what} is made under its local id, and found there`
        : `a mailbox is made under one whose name has ${what}, and found there`,
      run: async (context) => {
        const { storage, freshId, another } = context;
        const wanted = `${freshId()}/${path}`;
        const id = localIdIn(storage, wanted);
        assert.equal(localIdIn(storage, id), id, "the local id of a local id is itself");
        assert.equal(localIdIn(await another(), wanted), id, "it is the same for all");
        const made = await storage.createCollection(id, {}, never);
        assert.equal(made.id, id);
        await putText(context, made, what);
        const found = await now(await another(), { id });
        assert.deepEqual([found.href, found.identity], [made.href, made.identity]);
        assert.deepEqual(await saidIn({ ...context, storage: await another() }, found), [what]);
        await assert.rejects(storage.createCollection(id, {}, never), { kind: "exists" });
      },
    }))
  ),
);
