import { deepEqual, equal, throws } from "node:assert/strict";
import type { Mail } from "../../../adapters/mbox/mail.ts";
import { Mails, mailsOf } from "../../../adapters/mbox/mails.ts";
import { digest } from "../../../lib/model/names.ts";

const FLAGS = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"];

/** Mails that differ in all that they have. */
const mail = (n: number): Mail => ({
  from: n * 1e10,
  header: n * 1e10 + 40,
  body: n * 1e10 + 400,
  end: n * 1e10 + 4000,
  next: n * 1e10 + 4001,
  parted: n % 3 === 0,
  received: n - 5_000_000_000_000,
  hidden: Array.from({ length: n % 4 }, (_, at) => [n + at, n + at + 1]),
  said: {
    flags: FLAGS.filter((_, bit) => (n >> bit & 1) === 1),
    keywords: n % 7 === 0 ? [] : n % 7 === 1 ? [""] : [`a${n % 5}`, "b c"].slice(n % 2),
    ...(n % 2 === 0 ? {} : { uid: 0xffff_fff0 - n }),
  },
  size: n * 3,
  crlfSize: n * 4,
  digest: digest(n.toString(16).padStart(64, "f0")),
});

const COUNT = 5000;
const all = (mails: Mails): readonly Mail[] =>
  Array.from({ length: mails.length }, (_, index) => mails.at(index));
const wanted = Array.from({ length: COUNT }, (_, n) => mail(n));

Deno.test("mails come back as they were put there", () => {
  const mails = mailsOf(wanted);
  deepEqual(all(mails), wanted);
  deepEqual(
    wanted.map((_, index) => mails.toldOf(index)),
    wanted.map(({ crlfSize, received }) => ({ size: crlfSize, received })),
  );
  deepEqual([5, 6].map((n) => mails.saidUid(n)), [0xffff_ffeb, 0]);
  equal(mails.saidFlags(3), mails.saidFlags(3 + 7 * 5 * 32 * 2));
  equal(new Set([0, 1, 2, 3, 4, 5].map((n) => mails.saidFlags(n))).size, 6);
  for (const index of [-1, COUNT]) throws(() => mails.at(index), RangeError);
});

Deno.test("what becomes of some of them changes nothing in those that were known before", () => {
  const before = mailsOf(wanted);
  for (const length of [0, 1, 2047, 2048, 2049, COUNT - 1, COUNT]) {
    const now = before.upTo(length);
    const expected = wanted.slice(0, length);
    for (const index of [0, 4, 2044]) {
      if (index >= length) continue;
      expected[index] = mail(index + 8 * 1000);
      now.put(index, mail(index + 8 * 1000));
    }
    for (let n = 0; n < 3000; n++) {
      expected.push(mail(n));
      now.add(mail(n));
    }
    deepEqual(all(now), expected);
  }
  deepEqual(all(before), wanted);
});

Deno.test("a mail that is hidden in other ranges is not put in the place of one", () => {
  const mails = mailsOf(wanted.slice(0, 10));
  throws(() => mails.put(4, mail(5)), RangeError);
  throws(() => mails.put(10, mail(10)), RangeError);
  deepEqual(all(mails), wanted.slice(0, 10));
});
