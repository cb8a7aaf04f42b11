import assert from "node:assert/strict";
import { around, complaints } from "./support.ts";

/** What is said, without its help. */
const said = async (text: string, file?: string) =>
  (await complaints(text, file)).map((each) => each.replace(/ \(.*$/, ""));

Deno.test("what is wrong in a block is told although its name is wrong as well", async () => {
  const text = `storage \${x} {
  type vdir/icalendar
  path $HOME/cal
}
pair "a/b" {
  storage_a local
  storage_b server
  collection "../x"
}
auth "/" {
  auth_method guess
}
`;
  const found = await said(text + around("global", ""));
  for (const line of [1, 3, 5, 8, 10, 11]) {
    assert.ok(found.some((each) => each.startsWith(`error ${line}:`)), `${line}\n${found}`);
  }
  assert.equal(found.filter((each) => each.startsWith("error")).length, 6, found.join("\n"));
});

Deno.test("what is wrong in the second of two blocks of one name is told as well", async () => {
  const text = around("global", "storage server {\n  type caldav\n  url ftp://x/\n}");
  const found = await said(text);
  assert.ok(
    found.some((each) => /^error \d+:\d+\+\d+: the storage "server" is defined twice/.test(each)),
  );
  const second = "storage local {\n  type vdir/icalendar\n  path x\n}\n";
  const twice = await said(around("global", "") + second);
  assert.ok(twice.some((each) => each.includes("this path is relative")), twice.join("\n"));
});

Deno.test("days of which none is seen today are a warning", async () => {
  const days = (from: string, to: string) =>
    said(around("caldav", `start_date ${from}\nend_date ${to}`));
  const message = "today the end_date lies before the start_date, so that no item is seen";
  assert.deepEqual(await days("today", "2020-01-01"), [`warning 9:3+8: ${message}`]);
  assert.deepEqual(await days("+6m", "-1y"), [`warning 9:3+8: ${message}`]);
  assert.deepEqual(await days("today", "today"), []);
  assert.deepEqual(await days("-1y", "2999-01-01"), []);
});

Deno.test("a pair of two storages in the same place is an error, however that is written", async () => {
  const pair = (other: string) =>
    said(
      `storage one {\n  type vdir/icalendar\n  path ~/cal\n}\n` +
        `storage two {\n  type vdir/icalendar\n  path ${other}\n}\n` +
        `pair p {\n  storage_a one\n  storage_b two\n  collections all\n}\n`,
    );
  const message = 'both storages of the pair "p" are the same place: "/home/u/cal"';
  for (const same of ["~/cal/", "/home/u/cal", "/home/u//./cal"]) {
    assert.deepEqual(await pair(same), [`error 11:13+3: ${message}`], same);
  }
  assert.deepEqual(await pair("/home/u/calendar"), []);
});

Deno.test("toml: of a table in doubled brackets that has a name it is said what to write", async () => {
  const [first] = await complaints('[[pair.q]]\ncollections = "all"\n', "/etc/d.toml");
  assert.equal(first, "error 1:3+6: [[pair.q]] has no meaning here (write [pair.q])");
});
