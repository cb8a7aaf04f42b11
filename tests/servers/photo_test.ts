/**
 * A card whose photo Radicale destroys: of `PHOTO:data:image/jpeg;base64,…` it keeps what stands
 * before the comma, and answers an ETag all the same (3.1.8).
 */

import assert from "node:assert/strict";
import {
  filesBelow,
  insertBefore,
  isAccountInstalled,
  newDesk,
  onlyFile,
  openAccount,
  pair,
  proxyBefore,
  replaced,
  server,
  vdir,
  writesIn,
} from "../support/acceptance_account.ts";

/** A JPEG's beginning and 3,000 bytes that mean nothing, in base64. */
const photoOf = (seed: number) =>
  btoa(String.fromCharCode(
    ...[0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70],
    ...Array.from({ length: 3_000 }, (_, at) => (at * 31 + seed) % 256),
  ));

/** Folded as clients do (RFC 6350, 3.2). */
const folded = (line: string) => line.replace(/.{74}(?=.)/g, "$&\r\n ");
const unfolded = (text: string) => text.replace(/\r?\n[ \t]/g, "");

const card = (photo: string) =>
  [
    "BEGIN:VCARD",
    "VERSION:4.0",
    "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
    "FN:Grace Hopper",
    "N:Hopper;Grace;;;",
    "TEL;VALUE=uri;TYPE=cell:tel:+49-170-1234567",
    folded(`PHOTO:data:image/jpeg;base64,${photo}`),
    "NOTE:Likes clocks",
    "END:VCARD",
    "",
  ].join("\r\n");

Deno.test("a photo that the server destroys stays where it is, whoever edits the card", {
  ignore: !isAccountInstalled("Radicale"),
}, async (t) => {
  await using account = await openAccount("Radicale");
  await using proxy = proxyBefore(account);
  await using desk = await newDesk();
  const photo = photoOf(1);
  const collection = await account.makeAddressbook("friends");
  const folder = `${desk.root}/home/friends`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/grace.vcf`, card(photo));
  await desk.configure(
    vdir("home", `${desk.root}/home`, "vcard"),
    server("there", account, "carddav", { origin: proxy.origin }),
    pair("friends", "home", "there", "collection friends"),
  );
  const member = async () => {
    const [path = "", ...more] = await account.members(collection);
    assert.deepEqual(more, []);
    return path;
  };
  const here = async () => (await onlyFile(folder)).text;
  const there = async () => await account.get(await member());
  const hasPhoto = (text: string, which = photo) =>
    assert.ok(unfolded(text).includes(`PHOTO:data:image/jpeg;base64,${which}`), text.slice(0, 500));
  const isQuiet = async () => {
    proxy.forget();
    const files = await filesBelow(folder);
    const { said } = await desk.expect(0, "sync");
    assert.match(said, /everything is in step/);
    assert.doesNotMatch(said, /did not keep/);
    assert.deepEqual(writesIn(proxy), []);
    assert.deepEqual(await filesBelow(folder), files);
  };

  await t.step("what the server did not keep is told, once", async () => {
    const { stderr } = await desk.expect(0, "sync");
    assert.match(stderr, /there did not keep all of "urn:uuid:4fbe8971.*PHOTO/);
    assert.equal(stderr.split("did not keep").length, 2);
    assert.ok(!(await there()).includes(photo.slice(0, 60)), "the server keeps photos now");
    assert.equal(await here(), card(photo));
    await isQuiet();
  });

  await t.step("an edit on the server arrives, and the photo stays", async () => {
    const text = replaced(await there(), "Likes clocks", "Likes clocks and ships");
    await account.put(await member(), insertBefore(text, "END:VCARD", "NICKNAME:Amazing"));
    const { said } = await desk.expect(0, "sync");
    assert.match(said, /1 updated/);
    const text2 = await here();
    assert.match(text2, /Likes clocks and ships/);
    assert.match(text2, /NICKNAME:Amazing/);
    assert.match(text2, /^VERSION:4\.0\r?$/m);
    hasPhoto(text2);
    await isQuiet();
  });

  await t.step("an edit in the folder arrives there, and the photo stays", async () => {
    const { path, text } = await onlyFile(folder);
    await Deno.writeTextFile(path, replaced(text, "+49-170-1234567", "+49-171-7654321"));
    await desk.expect(0, "sync");
    assert.match(await there(), /\+49-171-7654321/);
    assert.match(await there(), /NICKNAME:Amazing/);
    hasPhoto(await here());
    await isQuiet();
  });

  await t.step("both edit the card, and the photo stays", async () => {
    const { path, text } = await onlyFile(folder);
    await Deno.writeTextFile(path, replaced(text, "NICKNAME:Amazing", "NICKNAME:Amazing Grace"));
    await account.put(
      await member(),
      replaced(await there(), "FN:Grace Hopper", "FN:Grace M. Hopper"),
    );
    await desk.expect(0, "sync");
    for (const text of [await here(), await there()]) {
      assert.match(text, /NICKNAME:Amazing Grace/);
      assert.match(text, /FN:Grace M\. Hopper/);
    }
    hasPhoto(await here());
    await isQuiet();
  });

  await t.step("another photo in the folder stays too", async () => {
    const other = photoOf(7);
    const { path, text } = await onlyFile(folder);
    await Deno.writeTextFile(path, replaced(unfolded(text), photo, other));
    await desk.expect(0, "sync");
    hasPhoto(await here(), other);
    await isQuiet();
  });

  await t.step("without the status nothing is lost either", async () => {
    const before = await here();
    await Deno.remove(desk.statusPath, { recursive: true });
    await desk.expect(2, "sync");
    assert.equal(await here(), before);
  });
});
