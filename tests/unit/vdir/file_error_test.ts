import assert from "node:assert/strict";
import { codeOf, fileError } from "../../../lib/files/file_error.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { systemError } from "../../support/vdir.ts";

Deno.test("what the system says becomes an error with its kind, scope and a way out", () => {
  const rows: readonly (readonly [code: string, kind: string, scope: string, hint: RegExp])[] = [
    ["ENOENT", "missing", "item", /^$/],
    ["EEXIST", "exists", "item", /^$/],
    ["EACCES", "forbidden", "item", /owner and permissions/],
    ["EROFS", "forbidden", "collection", /read_only/],
    ["ENOSPC", "quota", "collection", /room/],
    ["EDQUOT", "quota", "collection", /room/],
    ["EMFILE", "refused", "collection", /ulimit/],
    ["ELOOP", "refused", "item", /file itself/],
    ["EIO", "refused", "item", /disk/],
    ["EWEIRD", "internal", "item", /^$/],
  ];
  for (const [code, kind, scope, hint] of rows) {
    const cause = systemError(code);
    const error = fileError(cause, "item", "/some/file");
    assert.deepEqual([error.kind, error.scope], [kind, scope], code);
    assert.match(error.hint ?? "", hint);
    assert.match(error.message, /^\/some\/file/);
    assert.equal(error.cause, cause);
    assert.equal(error.retry, code === "EMFILE");
  }
});

Deno.test("a scope wider than an item stays as wide as it is", () => {
  assert.equal(fileError(systemError("ENOSPC"), "storage", "/x").scope, "storage");
  assert.equal(fileError(systemError("EACCES"), "storage", "/x").scope, "storage");
});

Deno.test("an error that is one already is not wrapped again", () => {
  const error = new SyncError("no", { scope: "item", kind: "changed" });
  assert.equal(fileError(error, "collection", "/x"), error);
  assert.equal(codeOf(error), undefined);
});

Deno.test("the runtime's own errors have the system's codes", () => {
  assert.equal(codeOf(new Deno.errors.NotFound("x")), "ENOENT");
  assert.equal(codeOf(new Deno.errors.AlreadyExists("x")), "EEXIST");
  assert.equal(codeOf(new Deno.errors.NotADirectory("x")), "ENOTDIR");
  assert.equal(codeOf(new Deno.errors.PermissionDenied("x")), "EACCES");
  for (const other of [new TypeError("x"), "ENOENT", undefined, null, { code: "ENOENT" }]) {
    assert.equal(codeOf(other), undefined);
  }
});

Deno.test("a permission that the runtime was not given is not the file's fault", () => {
  const error = fileError(new Deno.errors.NotCapable("Requires read access"), "item", "/x");
  assert.deepEqual([error.kind, error.scope], ["forbidden", "storage"]);
});
