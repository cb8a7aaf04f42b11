import assert from "node:assert/strict";
import fc from "fast-check";
import { readDateBound, writeDateBound } from "../../../lib/config/date_bound.ts";
import { readDateExpression } from "../../../lib/import/date_expression.ts";
import { isWritable, quote, writeScfg } from "../../../lib/import/write_scfg.ts";
import { Secret } from "../../../lib/model/secret.ts";
import { parse } from "../config/support.ts";

Deno.test("Python's expressions of days are understood as people write them, and no others", () => {
  const cases: readonly (readonly [expression: string, day: string | undefined])[] = [
    ["datetime.now()", "today"],
    ["date.today()", "today"],
    ["datetime.now() - timedelta(days=365)", "-365d"],
    ["datetime.now()-timedelta(30)", "-30d"],
    ["datetime.now() + timedelta(weeks=4)", "+28d"],
    ["datetime.now() + timedelta(days=365*2)", "+730d"],
    ["datetime.now() - timedelta(weeks=1) + timedelta(days=2)", "-5d"],
    ["datetime.now(timezone.utc) - timedelta(hours=48)", "-2d"],
    ["datetime.datetime.now() - datetime.timedelta(days=1)", "-1d"],
    ["datetime(2020, 1, 31)", "2020-01-31"],
    ["date(2020,2,28) + timedelta(days=2)", "2020-03-01"],
    ["start_date + timedelta(days=7)", undefined],
    ["datetime.now() * 2", undefined],
    ["timedelta(days=3)", undefined],
    ["datetime.now() - timedelta(months=1)", undefined],
    ["__import__('os').system('x')", undefined],
    ["datetime(2020, 13, 1)", undefined],
    ["datetime.now() + timedelta(days=999999*999)", undefined],
    ["", undefined],
  ];
  for (const [expression, day] of cases) {
    const bound = readDateExpression(expression);
    assert.equal(bound && writeDateBound(bound), day, expression);
  }
  const start = readDateBound("-3d");
  const end = readDateExpression("start_date + timedelta(days=10)", start);
  assert.equal(end && writeDateBound(end), "+7d");
});

Deno.test("every word that can be written is read as the same word", () => {
  const words = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }).filter(isWritable), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(words, (all) => {
      const written = writeScfg([{ words: ["name", ...all], block: [{ words: all }] }], "revealed");
      const { tree, problems } = parse(written);
      assert.deepEqual(problems, []);
      assert.deepEqual(tree, [["name", ...all, [all]]]);
    }),
    { numRuns: 500 },
  );
});

Deno.test("secrets are shown only where they are meant to be", () => {
  const entries = [{ words: ["password", new Secret("x y")] }, { remark: "z" }, { remark: "" }];
  assert.equal(writeScfg(entries, "revealed"), "password 'x y'\n# z\n\n");
  assert.equal(writeScfg(entries, "hidden"), "password [redacted]\n# z\n\n");
});

Deno.test("quote() leaves alone what needs no quotes", () => {
  for (const word of ["a", "https://x/y?z=1#f", "-365d", "~/x", "a@b", "50%", "VEVENT", "a$b"]) {
    assert.equal(quote(word), word);
  }
  assert.equal(quote("#a"), "'#a'");
  assert.equal(quote(""), "''");
  assert.equal(quote('it\'s "\\"'), '"it\'s \\"\\\\\\""');
});
