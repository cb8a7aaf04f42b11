import { deepStrictEqual } from "node:assert/strict";
import { checkSecretFiles, secretFilesOf } from "../../../lib/cli/checks/secret_files.ts";
import { shellWord } from "../../../lib/cli/shell_word.ts";
import { loadConfig } from "../../../lib/config/load.ts";

/** A configuration of one storage with this block. */
async function loadedOf(type: string, block: string, global = "", file = "/etc/test.conf") {
  const text = `${global}
storage tested {
  type ${type}
${block}
}
status_path /nowhere
`;
  const readFile = () => Promise.resolve(new TextEncoder().encode(text));
  return await loadConfig({ file, env: { get: () => undefined }, readFile });
}

Deno.test("files that hold secrets are found, whatever holds them", async () => {
  const dav = "url https://dav.example.com/\n";
  const cases: readonly (readonly [string, string, string?])[] = [
    ["caldav", `${dav}username u\npassword p`],
    ["caldav", "url https://u:p@dav.example.com/"],
    ["carddav", `${dav}auth shared`, "auth shared {\nusername u\npassword p\n}"],
    ["caldav", `${dav}auth_method bearer\ntoken abc`],
    ["webcal", "url https://feeds.example.com/x.ics?key=1\ncollection_id x"],
    ["webcal", "url https://feeds.example.com/x.ics\ncollection_id x"],
    ["caldav", `${dav}username u\npassword {\ncmd pass show dav\n}`],
    ["caldav", `${dav}username u\npassword {\nprompt\n}`],
    ["caldav", `${dav}auth_cert /certs/me.pem /certs/me.key`],
    ["caldav", `${dav}auth_cert /certs/both.pem`],
    [
      "caldav",
      `${dav}auth_method oauth2 {\nprovider google\nclient_id x\nclient_secret s\n` +
      "token_file /tokens/google.json\n}",
    ],
  ];
  const found = [];
  for (const [type, block, global] of cases) {
    const { config } = await loadedOf(type, block, global);
    found.push(secretFilesOf(config).map(({ path, what }) => `${path}: ${what}`));
  }
  const inConfiguration = ["/etc/test.conf: a password or a token"];
  deepStrictEqual(found, [
    inConfiguration,
    inConfiguration,
    inConfiguration,
    inConfiguration,
    ["/etc/test.conf: the secret address of a feed"],
    [],
    [],
    [],
    ["/certs/me.key: a private key"],
    ["/certs/both.pem: a private key"],
    [...inConfiguration, "/tokens/google.json: tokens"],
  ]);
});

Deno.test("a file that only its owner may read is as it should be", async () => {
  const folder = await Deno.makeTempDir({ prefix: "dovetail-check-" });
  try {
    const key = `${folder}/my key`;
    const block = `url https://dav.example.com/\nauth_cert /certs/me.pem "${key}"`;
    const loaded = await loadedOf("caldav", block);
    const told = async () =>
      (await checkSecretFiles(loaded)).map(({ message, hint }) => `${message}: ${hint}`);
    deepStrictEqual(await told(), [], "what is not there has no permissions");
    await Deno.writeTextFile(key, "", { mode: 0o600 });
    for (
      const [mode, who] of [[0o600], [0o640, "its group"], [
        0o604,
        "everybody on this machine",
      ]] as const
    ) {
      await Deno.chmod(key, mode);
      const warning = `${who} may read it, and it holds a private key: chmod 600 '${key}'`;
      deepStrictEqual(await told(), who === undefined ? [] : [warning]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a path is a word for the shell", () => {
  deepStrictEqual(["/a/b-c_d.e", "/a b", "/it's", "/$x"].map(shellWord), [
    "/a/b-c_d.e",
    "'/a b'",
    "'/it'\\''s'",
    "'/$x'",
  ]);
});
