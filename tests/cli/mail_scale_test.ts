/** Large mails, and many mailboxes. What it takes is measured by the benchmark, and not here. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { inMailWorld, maildirAt, makeMaildir } from "./mail_kit.ts";

const MEGABYTES = 100;

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}

async function largeMail(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  await writer.write(encoder.encode("Subject: large\nMessage-ID: <large@example.com>\n\n"));
  const line = `${"From somebody, at the beginning of a line\n"}${"x".repeat(983)}\n`;
  const piece = encoder.encode(line.repeat(1024));
  for (let count = 0; count < MEGABYTES; count++) await writer.write(piece);
  writer.releaseLock();
}

Deno.test(`a mail of ${MEGABYTES} MB comes over with every byte, into a Maildir and an mbox`, () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: [] });
    const source = world.path("A/cur/1700000000.M1P1.large:2,S");
    await largeMail(source);
    const digest = await digestOf(source);
    const from = ["-o", `mail_location=maildir:${world.folder}/A`];
    const outcome = await world.dovetail("mirror", `maildir:${world.folder}/B`, ...from);
    strictEqual(outcome.code, 0, outcome.stderr);
    const [copy] = [...Deno.readDirSync(world.path("B/cur"))];
    strictEqual(await digestOf(world.path(`B/cur/${copy?.name}`)), digest);

    await Deno.mkdir(world.path("M"));
    const toMbox = await world.dovetail("mirror", `mbox:${world.folder}/M`, ...from);
    strictEqual(toMbox.code, 0, toMbox.stderr);
    const back = await world.dovetail(
      "mirror",
      `mbox:${world.folder}/M`,
      "-o",
      `mail_location=maildir:${world.folder}/C`,
    );
    strictEqual(back.code, 0, back.stderr);
    const [again] = [...Deno.readDirSync(world.path("C/cur"))];
    strictEqual(await digestOf(world.path(`C/cur/${again?.name}`)), digest);
  }));

Deno.test("a thousand mailboxes come over, and then there is nothing to do", () =>
  inMailWorld(async (world) => {
    const boxes = Object.fromEntries(
      Array.from(
        { length: 1_000 },
        (_, at) => [`box${at % 40}.in${at}`, at % 50 === 0 ? ["m"] : []],
      ),
    );
    await makeMaildir(world.path("A"), { INBOX: ["one"], ...boxes });
    const args = [
      "mirror",
      `maildir:${world.folder}/B`,
      "-o",
      `mail_location=maildir:${world.folder}/A`,
    ];
    const outcome = await world.dovetail(...args);
    strictEqual(outcome.code, 0, outcome.stderr);
    const sorted = (of: object) => Object.entries(of).sort(([one], [two]) => one < two ? -1 : 1);
    deepStrictEqual(
      sorted(await maildirAt(world.path("B"))),
      sorted(await maildirAt(world.path("A"))),
    );
    const again = await world.dovetail(...args);
    deepStrictEqual([again.code, /in step/.test(again.stdout)], [0, true], again.stdout);
  }));

Deno.test("what is held ends with 2, and the name dsync has the same statuses", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"], Work: ["two"] });
    const args = ["-v", "-o", `mail_location=maildir:${world.folder}/A`, "mirror"];
    const location = `maildir:${world.folder}/B`;
    strictEqual((await world.dsync(...args, location)).code, 0);
    // Somebody deletes a mailbox in which mail has come that its other side never had.
    await Deno.remove(world.path("A/.Work"), { recursive: true });
    await Deno.writeTextFile(world.path("B/.Work/new/9.M1P1.new"), "Subject: new\n\nHello.\n");
    const held = await world.dsync(...args, location);
    strictEqual(held.code, 2, held.stdout + held.stderr);
    deepStrictEqual((await maildirAt(world.path("B")))["Work"], ["new", "two"]);
    strictEqual((await world.dsync(...args, "user@host")).code, 3);
    strictEqual((await world.dsync(...args)).code, 3);
  }));
