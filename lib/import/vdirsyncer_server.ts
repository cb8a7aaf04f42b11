/** How vdirsyncer reaches a server, and who it is there. */

import { expand, type Options } from "./options.ts";
import { entriesOf, type Entry } from "./write_scfg.ts";

/** The directives of what every storage on a server may have. */
export function readServer(options: Options, home: string | undefined): readonly Entry[] {
  return entriesOf(
    options.dynamic("username", "username"),
    options.dynamic("password", "password", "secret"),
    readAuth(options),
    readVerify(options, home),
    readFingerprint(options),
    readCertificate(options, home),
    userAgent(options),
  );
}

function readAuth(options: Options): Entry | undefined {
  const auth = options.text("auth");
  if (auth === "digest") return { words: ["auth_method", "digest"] };
  if (auth !== undefined && auth !== "basic") {
    options.note("auth", `"auth": "${auth}" is not known; basic is used`);
  }
  return undefined;
}

function readVerify(options: Options, home: string | undefined): Entry | undefined {
  const verify = options.json("verify");
  if (verify === undefined || verify === true) return undefined;
  if (typeof verify === "string" && verify !== "") {
    return { words: ["tls_root", expand(verify, home)] };
  }
  options.note(
    "verify",
    "certificates are always checked",
    "pin the server's with tls_fingerprint, or name its root with tls_root",
  );
  return undefined;
}

function readFingerprint(options: Options): Entry | undefined {
  const print = options.text("verify_fingerprint");
  if (print === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(print.replaceAll(":", ""))) {
    return { words: ["tls_fingerprint", print] };
  }
  options.note("verify_fingerprint", "a fingerprint is a SHA-256 here; this one was left out");
  return undefined;
}

function readCertificate(options: Options, home: string | undefined): Entry | undefined {
  const value = options.json("auth_cert");
  if (value === undefined) return undefined;
  const paths = typeof value === "string" ? [value] : options.texts("auth_cert");
  if (paths === undefined || paths.length === 0) return undefined;
  return { words: ["auth_cert", ...paths.map((path) => expand(path, home))] };
}

function userAgent(options: Options): Entry | undefined {
  const agent = options.text("useragent");
  return agent === undefined ? undefined : { words: ["user_agent", agent] };
}
