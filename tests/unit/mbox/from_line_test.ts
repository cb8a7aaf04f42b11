import { equal, match } from "node:assert/strict";
import fc from "fast-check";
import { fromLine, parseFromLine } from "../../../adapters/mbox/from_line.ts";
import { encode } from "./support.ts";

const local = (...parts: readonly [number, number, number, number, number, number]) =>
  new Date(...parts).getTime();
const parse = (line: string) => parseFromLine(encode(line));

Deno.test("a line that begins a mail has a date that can be read", () => {
  const noon = local(2001, 10, 9, 22, 33, 52);
  for (
    const [line, expected] of [
      ["From a@b  Fri Nov  9 22:33:52 2001\n", noon],
      ["From a@b Fri Nov 09 22:33:52 2001\r\n", noon],
      ["From a@b Fri Nov 9 22:33:52 2001", noon],
      ["From a@b Fri nov  9 22:33 2001\n", local(2001, 10, 9, 22, 33, 0)],
      ["From  Fri Nov  9 22:33:52 2001\n", noon],
      ['From "a b c"@d Fri Nov  9 22:33:52 2001\n', noon],
      ['From "a \\" b"@d Fri Nov  9 22:33:52 2001\n', noon],
      ["From a@b Fri Nov  9 22:33:52 EET 2001\n", noon],
      ["From a@b Fri Nov  9 22:33:52 2001 EET\n", noon],
      ["From a@b Fri Nov  9 22:33:52 2001 +0130\n", Date.UTC(2001, 10, 9, 21, 3, 52)],
      [
        "From a@b Fri Nov  9 22:33:52 2001 -0100 remote from x\n",
        Date.UTC(2001, 10, 9, 23, 33, 52),
      ],
      ["From a@b Fri, 9 Nov 2001 22:33:52\n", noon],
      ["From a@b Fri, 9 Nov 2001 22:33:52 +0000\n", Date.UTC(2001, 10, 9, 22, 33, 52)],
      ["From a@b Fri ??? 00 22:33:52 2001\n", local(2001, 0, 1, 22, 33, 52)],
      ["From here on\n", undefined],
      ["From a@b\n", undefined],
      ["From a@b Fri Nof  9 22:33:52 2001\n", undefined],
      ["From a@b Fri Nov  9 22h33:52 2001\n", undefined],
      ["From a@b Fri Nov  9 22:33:52 01\n", undefined],
      ["From: a@b Fri Nov  9 22:33:52 2001\n", undefined],
      [">From a@b Fri Nov  9 22:33:52 2001\n", undefined],
      ["from a@b Fri Nov  9 22:33:52 2001\n", undefined],
      ["", undefined],
    ] as const
  ) equal(parse(line), expected, line);
});

Deno.test("the time of a mail comes back from its line, to the second", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), (received) => {
    equal(parse(fromLine(received)), Math.floor(received / 1000) * 1000);
  }));
});

Deno.test("the hour that is there twice comes back as the one that it was", async () => {
  const program = `
    import { fromLine, parseFromLine } from ${
    JSON.stringify(new URL("../../../adapters/mbox/from_line.ts", import.meta.url).href)
  };
    const times = [Date.UTC(2024, 9, 27, 0, 30), Date.UTC(2024, 9, 27, 1, 30), Date.UTC(2024, 5, 1)];
    for (const time of times) {
      const line = fromLine(time);
      console.log(parseFromLine(new TextEncoder().encode(line)) === time, line.trim());
    }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    env: { TZ: "Europe/Berlin" },
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  equal(lines.length, 3);
  for (const line of lines) match(line, /^true From /);
  match(lines[2] ?? "", /Sat Jun 01 02:00:00 2024$/);
});
