import assert from "node:assert/strict";
import { readIdentity, readRoots } from "../../../lib/net/http/pem.ts";
import { GOOD, OTHER_NAME, ROOT } from "../../support/dav_tls.ts";

async function withFiles(
  files: Readonly<Record<string, string>>,
  body: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await body((name) => `${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function openssl(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [...args],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

const ENCRYPTED =
  "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";

Deno.test("all roots of a file are read, whatever stands around them", async () => {
  await withFiles({ two: `a comment\n${ROOT}\nanother\n${GOOD.cert}` }, async (path) => {
    const roots = await readRoots(path("two"));
    assert.deepEqual(roots.map((pem) => `${pem}\n`), [ROOT, GOOD.cert]);
  });
});

Deno.test("what is wrong with a file of roots is said, and which file it is", async () => {
  const cut = ROOT.replace(/\n.{64}\n/, "\n");
  await withFiles({ none: "hello", key: GOOD.key, cut }, async (path) => {
    const rejects = (name: string, expected: Record<string, unknown>) =>
      assert.rejects(readRoots(path(name)), expected);
    await rejects("nowhere", { kind: "missing", message: /nowhere does not exist/ });
    await rejects("none/x", { kind: "missing" });
    await rejects("none", { kind: "malformed", message: /none has no certificate in it/ });
    await rejects("key", { kind: "malformed", hint: /BEGIN CERTIFICATE/ });
    await rejects("cut", { kind: "malformed", message: /certificate 1 in .*cut cannot be read/ });
    await assert.rejects(readRoots(path("")), { kind: "malformed" });
  });
});

Deno.test("a certificate and its key come from two files, or from one in any order", async () => {
  const files = {
    cert: GOOD.cert,
    key: GOOD.key,
    bundle: GOOD.key + GOOD.cert + ROOT,
    other: OTHER_NAME.key,
    encrypted: ENCRYPTED,
    broken: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
  };
  await withFiles(files, async (path) => {
    const { cert: certificate, key } = GOOD;
    assert.deepEqual(await readIdentity(path("cert"), path("key")), { certificate, key });
    const bundle = await readIdentity(path("bundle"));
    assert.equal(bundle.key, key);
    assert(bundle.certificate.startsWith(certificate) && bundle.certificate.endsWith(ROOT));
    const rejects = (paths: readonly [string, string?], expected: Record<string, unknown>) =>
      assert.rejects(readIdentity(path(paths[0]), paths[1] && path(paths[1])), expected);
    await rejects(["cert"], {
      message: /no private key in/,
      hint: /after that of the certificate/,
    });
    await rejects(["cert", "cert"], { message: /no private key in/ });
    await rejects(["cert", "other"], { message: /is not that of the certificate/ });
    await rejects(["cert", "encrypted"], { message: /is encrypted/, hint: /openssl pkey/ });
    await rejects(["cert", "broken"], { message: /cannot be read/ });
    await rejects(["cert", "none"], { kind: "missing" });
  });
});

Deno.test("keys of all usual kinds fit their certificates", async () => {
  await withFiles({}, async (path) => {
    for (const kind of [["rsa:2048"], ["ed25519"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]]) {
      const [cert, key] = [path("cert"), path("key")];
      const self = [
        "-x509",
        "-nodes",
        "-subj",
        "/CN=x",
        "-days",
        "2",
        "-out",
        cert,
        "-keyout",
        key,
      ];
      await openssl("req", "-newkey", ...kind, ...self);
      assert.match((await readIdentity(cert, key)).key, /PRIVATE KEY/);
    }
    // As `openssl rsa` and `openssl ec` write them.
    await openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("ec"));
    await openssl("req", "-x509", "-key", path("ec"), "-subj", "/CN=x", "-out", path("ec.pem"));
    assert.match((await readIdentity(path("ec.pem"), path("ec"))).key, /EC PRIVATE KEY/);
  });
});
