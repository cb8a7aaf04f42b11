import assert from "node:assert/strict";
import type { AuthConfig } from "../../../lib/config/config.ts";
import { complaints, load, meaning } from "./support.ts";

const storage = (lines: string, type = "caldav") =>
  `storage s {\n  type ${type}\n  url https://dav.example.com/\n${lines}\n}\n`;

async function auth(lines: string, more = "", type?: string): Promise<unknown> {
  const { config } = await load(storage(lines, type) + more);
  const [first] = config.storages.values();
  assert.ok(first !== undefined && "url" in first);
  const all = meaning({ ...config, storages: new Map(), pairs: [first.auth] as never }) as {
    readonly pairs: readonly (AuthConfig | undefined)[];
  };
  return all.pairs[0];
}

async function said(lines: string, more = ""): Promise<readonly string[]> {
  const all = await complaints(storage(lines) + more);
  return all.filter((each) => !each.startsWith("warning: no pair is defined"));
}

const textOf = (value: string) => ({ kind: "text", value });
const secretOf = (secret: string) => ({ kind: "text", value: { secret } });

Deno.test("a login is Basic unless another method is named", async () => {
  const login = { username: textOf("u"), password: secretOf("p") };
  const lines = "username u\npassword p\n";
  assert.deepEqual(await auth(lines), { method: "basic", ...login });
  assert.deepEqual(await auth(`${lines}auth_method basic`), { method: "basic", ...login });
  assert.deepEqual(await auth(`${lines}auth_method digest`), { method: "digest", ...login });
  assert.deepEqual(await auth(`${lines}auth basic`), { method: "basic", ...login });
  assert.deepEqual(await auth(`${lines}auth digest`), { method: "digest", ...login });
  assert.deepEqual(await auth(""), undefined);
});

Deno.test("a token is sent as it is, and may come from a command", async () => {
  assert.deepEqual(await auth("token t"), { method: "bearer", token: secretOf("t") });
  assert.deepEqual(await auth("auth_method bearer\ntoken {\n  cmd print token\n}"), {
    method: "bearer",
    token: { kind: "cmd", argv: ["print", "token"] },
  });
});

Deno.test("Google's endpoints and scope are known, and the rest is as it is written", async () => {
  const google = (type: string) =>
    auth(
      "auth_method oauth2 {\n  provider google\n  client_id i\n  client_secret c\n}",
      "",
      type,
    );
  const known = {
    method: "oauth2",
    provider: "google",
    authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    deviceUrl: "https://oauth2.googleapis.com/device/code",
    clientId: textOf("i"),
    clientSecret: secretOf("c"),
    scopes: ["https://www.googleapis.com/auth/calendar"],
    tokenFile: "/home/u/.local/share/dovetail/tokens/storage-s.json",
  };
  assert.deepEqual(await google("caldav"), known);
  assert.deepEqual(await google("carddav"), {
    ...known,
    scopes: ["https://www.googleapis.com/auth/carddav"],
  });
  const own = "auth_method oauth2 {\n  token_url https://x/t\n  device_url https://x/d\n" +
    "  client_id {\n    cmd id\n  }\n  scope a b\n  token_file ~/t\n}";
  assert.deepEqual(await auth(own), {
    method: "oauth2",
    tokenUrl: "https://x/t",
    deviceUrl: "https://x/d",
    clientId: { kind: "cmd", argv: ["id"] },
    scopes: ["a", "b"],
    tokenFile: "/home/u/t",
  });
});

Deno.test("storages share the login of an auth block, wherever it stands", async () => {
  const block = "auth work {\n  username u\n  password p\n  auth_method digest\n}\n";
  const login = { method: "digest", username: textOf("u"), password: secretOf("p") };
  assert.deepEqual(await auth("auth work", block), login);
  const { config, warnings } = await load(block + storage("auth work"));
  assert.equal(config.storages.size, 1);
  assert.deepEqual(warnings.map(({ message }) => message), [
    "no pair is defined, so there is nothing to do",
  ]);
  const google = "auth g {\n  auth_method oauth2 {\n    provider google\n    client_id i\n  }\n}\n";
  const read = await auth("auth g", google, "carddav") as {
    readonly scopes: readonly string[];
    readonly tokenFile: string;
  };
  assert.deepEqual([read.scopes, read.tokenFile], [
    ["https://www.googleapis.com/auth/calendar", "https://www.googleapis.com/auth/carddav"],
    "/home/u/.local/share/dovetail/tokens/auth-g.json",
  ]);
});

const MISTAKES: readonly (readonly [lines: string, said: readonly string[], more?: string])[] = [
  ["auth wrk", [
    'error 4:6+3: the storage "s" names the auth block "wrk", which is not defined (did you mean "work"?)',
    'warning 6:6+4: no storage uses the auth block "work"',
  ], "auth work {\n}\n"],
  ["auth x", [
    'error 4:6+1: the storage "s" names the auth block "x", which is not defined (no auth block is defined; write one, or: auth_method basic)',
  ]],
  ["auth work\nusername u", [
    'error 4:6+4: the storage "s" has a login of its own and the auth block "work" (leave out "auth" or "username")',
  ], "auth work {\n}\n"],
  ["auth work\nauth_method oauth2 {\n  provider nobody\n  scope\n}", [
    'error 4:6+4: the storage "s" has a login of its own and the auth block "work" (leave out "auth" or "auth_method")',
    'error 5:13+6: the oauth2 of the storage "s" has no "client_id" (add a line like this: client_id TEXT)',
    'error 6:12+6: "provider" takes google, not "nobody"',
    'error 7:3+5: "scope" needs a value (write it like this: scope SCOPE...)',
  ], "auth work {\n}\n"],
  ["auth basic\nauth_method basic", [
    'error 4:6+5: "auth basic" and "auth_method" say the same (leave one of them out)',
  ]],
  ["auth_method guess", [
    'error 4:13+5: "auth_method" takes basic, digest, bearer or oauth2, not "guess"',
  ]],
  ["auth_method bearer", [
    'error 4:13+6: the storage "s" has no "token" to send (add "token", with the token itself or with a block whose "cmd" names what prints it)',
  ]],
  ["auth_method digest\ntoken x", [
    'error 5:1+5: "token" is of no use with auth_method digest (leave one of them out)',
  ]],
  ["auth_method oauth2", [
    'error 4:13+6: "auth_method oauth2" needs a block (write it like this: auth_method basic | digest | bearer | oauth2 { ... })',
  ]],
  ["auth_method basic {\n}", [
    'error 4:1+11: "auth_method" takes no block (write it like this: auth_method basic | digest | bearer | oauth2 { ... })',
  ]],
  ["auth_method oauth2 {\n  provider google\n}", [
    'error 4:13+6: the oauth2 of the storage "s" has no "client_id" (add a line like this: client_id TEXT)',
  ]],
  ["auth_method oauth2 {\n  client_id x\n}", [
    'error 4:13+6: the oauth2 of the storage "s" has no "token_url" (add it, or a provider that is known: provider google)',
  ]],
  ["auth_method oauth2 {\n  client_id x\n  token_url https://x/\n}", [
    'error 4:13+6: the oauth2 of the storage "s" has no "authorization_url" and no "device_url" (add it, or a provider that is known: provider google)',
  ]],
  ["auth_method oauth2 {\n  client_id x\n  provider google\n  token_url http://x/\n}", [
    'error 7:13+9: "token_url" takes an https URL',
  ]],
  ["auth_method oauth2 {\n  client_id x\n  provider microsoft\n}", [
    'error 6:12+9: "provider" takes google, not "microsoft"',
  ]],
  ["password x", [
    'warning 1:9+1: the storage "s" has a password and no username, so nobody is logged in',
  ]],
];

for (const [lines, problems, more] of MISTAKES) {
  Deno.test(`auth: what is said of ${JSON.stringify(lines)}`, async () => {
    const all = await said(lines, more);
    assert.deepEqual(all.filter((each) => !each.includes("no pair uses")), problems);
  });
}
