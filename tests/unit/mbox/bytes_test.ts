import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { Collection, Storage } from "../../../lib/model/storage.ts";
import {
  apply,
  box,
  bytesOf,
  contents,
  creation,
  deletion,
  flagging,
  list,
  never,
  outcomes,
  world,
} from "./support.ts";

const FROM = "From a@b  Mon Feb 03 04:05:06 2020\n";

/** Pieces that have a meaning in an mbox, and any bytes. */
const piece = fc.oneof(
  fc.constantFrom("\n", "\n\n", "\r\n", "\r", " ", "a: b\n", "a: b", FROM, `\n${FROM}`, "From x\n"),
  fc.constantFrom("Content-Length: 3\n", "X-UID: 9\n", "X-IMAPbase: 1 2 3\n", "Status: RO", ":"),
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((it) => String.fromCharCode(it)) }),
);
const mail = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

/** The same without what no mail keeps in an mbox, and how `From ` lines stand in headers. */
function kept(text: string): string {
  const found = /^\r?\n|\n\r?\n/.exec(text);
  const end = found === null
    ? text.length
    : found.index + (found[0].startsWith("\n") && found[0] !== "\n" ? 1 : 0);
  const lines = text.slice(0, end).split(/(?<=\n)/);
  const out: string[] = [];
  let hidden = false;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || !/^[ \t]/.test(line)) {
      hidden = /^(content-length|status|x-(imap|imapbase|keywords|status|uid)) *:/i.test(line);
    }
    if (!hidden) out.push(line.startsWith(FROM.trim()) ? `>${line}` : line);
  }
  const header = out.join("");
  const unended = header !== "" && !header.endsWith("\n") && /^[ \t]/.test(header);
  return `${header}${unended ? "\n" : ""}${text.slice(end)}`;
}

Deno.test("any bytes come back as they were, whatever stands beside them and is changed", () =>
  world(async ({ storage, open }) => {
    let boxes = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(mail, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom("delete", "flag", "keyword", "put back")), {
          maxLength: 4,
        }),
        async (texts, edits) => {
          const name = `box${++boxes}`;
          const made = await storage.createCollection(box(name), {}, never);
          const results = await apply(
            storage,
            made,
            texts.map((text, index) => creation(index + 1, text)),
          );
          deepEqual(outcomes(results), texts.map(() => "done"));
          for (const [index, result] of results.entries()) {
            const isAltered = result.outcome === "done" && result.altered === true;
            equal(isAltered, kept(texts[index] ?? "") !== texts[index], texts[index] ?? "");
          }
          const expected = new Map(
            texts.map((text, index) => [String(index + 1), kept(text)] as const),
          );
          await same(storage, made, expected);
          for (const [which, edit] of edits) {
            await carryOut(storage, made, expected, texts, which, edit);
          }
          // As somebody else reads it, who knows nothing.
          await same(open(), made, expected);
        },
      ),
      { numRuns: 60 },
    );
  }));

async function same(storage: Storage, made: Collection, expected: ReadonlyMap<string, string>) {
  const found = (await contents(storage, made)).map(([uid, , text]) => [uid, text]);
  deepEqual(found, [...expected].sort(([one], [other]) => Number(one) - Number(other)));
}

async function carryOut(
  storage: Storage,
  made: Collection,
  expected: Map<string, string>,
  texts: readonly string[],
  which: number,
  edit: string,
): Promise<void> {
  const all = await list(storage, made);
  const one = all[which % Math.max(1, all.length)];
  if (edit === "put back") {
    const gone = texts.findIndex((_, index) => !expected.has(String(index + 1)));
    if (gone === -1) return;
    deepEqual(outcomes(await apply(storage, made, [creation(gone + 1, texts[gone] ?? "")])), [
      "done",
    ]);
    expected.set(String(gone + 1), kept(texts[gone] ?? ""));
  } else if (one !== undefined) {
    const action = edit === "delete"
      ? deletion(one)
      : flagging(one, edit === "flag" ? ["\\Seen", "\\Flagged"] : [`Word${which}`.padEnd(60, "x")]);
    deepEqual(outcomes(await apply(storage, made, [action])), ["done"]);
    if (edit === "delete") expected.delete(one.href);
  }
  await same(storage, made, expected);
}

Deno.test("whatever a file holds, a change to one of its mails leaves all others as they are", () =>
  world(async ({ storage, write, box, read, open }) => {
    const lines = fc.array(piece, { maxLength: 25 }).map((pieces) => `${FROM}${pieces.join("")}`);
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(), async (text, which) => {
        await write("work", bytesOf(text));
        // A listing that writes nothing sees what the one that does sees.
        const pretended = open({ assign: "pretend" });
        const before = await contents(pretended, await box("work", pretended));
        equal(read("work"), text);
        const work = await box("work");
        const assigned = await contents(storage, work);
        deepEqual(assigned.map(bare), before.map(bare));
        const all = await list(storage, work);
        const one = all[which % Math.max(1, all.length)];
        if (one === undefined) return;
        const action = which % 2 === 0 ? deletion(one) : flagging(one, ["\\Seen", "Keyword"]);
        deepEqual(outcomes(await apply(storage, work, [action])), ["done"]);
        const after = await contents(open(), work);
        const expected = which % 2 === 0 ? assigned.filter(([uid]) => uid !== one.href) : assigned;
        deepEqual(after.map(bare), expected.map(bare));
      }),
      { numRuns: 60 },
    );
  }));

/**
 * A mail without flags. Where nothing of the mailbox can stand before a header that is cut short, its
 * last line gets an end.
 */
const bare = ([uid, , text]: readonly [string, string, string]) => [
  uid,
  /^[ \t]|^From /.test(text) ? text.replace(/[\r\n]*$/, "") : text,
];
