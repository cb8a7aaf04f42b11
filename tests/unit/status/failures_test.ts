import { strictEqual } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import type { ErrorKind } from "../../../lib/model/error.ts";
import { failure } from "../../../lib/status/failures.ts";

/** As the driver throws it. */
const sqlite = (code: string, message = "something", extendedCode = code): Error =>
  Object.assign(new Error(`${code}: ${message}`), { code, extendedCode });

const CASES: readonly (readonly [Error, ErrorKind])[] = [
  [sqlite("SQLITE_CORRUPT"), "malformed"],
  [sqlite("SQLITE_NOTADB"), "malformed"],
  [sqlite("SQLITE_IOERR", "disk I/O error", "SQLITE_IOERR_SHORT_READ"), "malformed"],
  [sqlite("SQLITE_ERROR", "no such table: base"), "malformed"],
  [sqlite("SQLITE_ERROR", "JSON cannot hold BLOB values"), "malformed"],
  [sqlite("SQLITE_ERROR", 'near "SELEC": syntax error'), "internal"],
  [sqlite("SQLITE_CONSTRAINT"), "internal"],
  [sqlite("SQLITE_IOERR", "disk I/O error", "SQLITE_IOERR_FSYNC"), "refused"],
  [sqlite("SQLITE_FULL"), "quota"],
  [sqlite("SQLITE_BUSY"), "locked"],
  [sqlite("SQLITE_READONLY"), "forbidden"],
  [sqlite("SQLITE_CANTOPEN"), "forbidden"],
  [Object.assign(new Deno.errors.PermissionDenied("no"), { code: "EACCES" }), "forbidden"],
  [Object.assign(new Error("no"), { code: "EROFS" }), "forbidden"],
  [Object.assign(new Error("no"), { code: "ENOSPC" }), "quota"],
  [Object.assign(new Error("no"), { code: "ENOTDIR" }), "forbidden"],
  [new TypeError("x is not a function"), "internal"],
];

Deno.test("whatever the database throws becomes an error of the run, with its cause", () => {
  for (const [thrown, kind] of CASES) {
    const error = failure("/some/where.db", thrown);
    strictEqual(error.kind, kind, thrown.message);
    strictEqual(error.scope, "run");
    strictEqual(error.retry, kind === "locked");
    strictEqual(error.cause, thrown);
    strictEqual(error.message.includes("/some/where.db"), true);
  }
});

Deno.test("an error that is in our words already stays as it is", () => {
  const error = new SyncError("no", { scope: "collection", kind: "internal" });
  strictEqual(failure("/x", error), error);
});
