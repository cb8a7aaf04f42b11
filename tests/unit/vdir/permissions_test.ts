import assert from "node:assert/strict";
import { realFiles } from "../../../lib/files/files.ts";
import {
  apply,
  creation,
  etagOf,
  filesWith,
  never,
  replacement,
  withVdir,
} from "../../support/vdir.ts";

const permissions = (path: string) => ((Deno.lstatSync(path).mode ?? 0) & 0o777).toString(8);

Deno.test({
  name: "what is made is for its owner alone, whatever the umask",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const before = Deno.umask(0);
    try {
      await withVdir(async ({ storage, work, at }) => {
        await apply(storage, work, creation("a.ics", "text"));
        await storage.setProperty(work, "color", "#ff0000", never);
        assert.equal(permissions(work.identity), "700");
        assert.equal(permissions(at("a.ics")), "600");
        assert.equal(permissions(at("color")), "600");
      });
    } finally {
      Deno.umask(before);
    }
  },
});

Deno.test({
  name: "a temporary file is never readable for others, not for a moment",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withVdir(async ({ open, work, at }) => {
      const seen: string[] = [];
      const storage = open({
        files: filesWith({
          writeNew: async (path, bytes, mode) => {
            const stat = await realFiles.writeNew(path, bytes, mode);
            seen.push(permissions(path));
            return stat;
          },
        }),
      });
      Deno.writeTextFileSync(at("a.ics"), "text", { mode: 0o644 });
      await apply(storage, work, replacement("a.ics", await etagOf(storage, work, "a.ics"), "new"));
      await apply(storage, work, creation("b.ics", "text"));
      assert.deepEqual(seen, ["600", "600"]);
    }),
});

Deno.test({
  name: "a file that is updated keeps the permissions that its owner gave it",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withVdir(async ({ storage, work, at }) => {
      for (const mode of [0o644, 0o600, 0o660, 0o400]) {
        Deno.writeTextFileSync(at("a.ics"), "text");
        Deno.chmodSync(at("a.ics"), mode);
        const before = await etagOf(storage, work, "a.ics");
        const [result] = await apply(storage, work, replacement("a.ics", before, "other text"));
        assert.ok(result?.outcome === "done");
        assert.equal(permissions(at("a.ics")), mode.toString(8));
        assert.equal(result.etag, await etagOf(storage, work, "a.ics"));
      }
    }),
});
