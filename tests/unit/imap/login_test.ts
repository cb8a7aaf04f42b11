import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { Secret } from "../../../lib/model/secret.ts";
import { openConnection } from "../../../lib/net/imap/open.ts";
import { type Credentials, login } from "../../../lib/net/imap/login.ts";
import { placeUrl, urlOf } from "../../../lib/net/imap/place.ts";
import { fakeConnection, fakeServer } from "./fake_server.ts";

const never = new AbortController().signal;
const WHERE = { host: "imap.example.org", port: 993 };
const password = { username: "me", password: new Secret('p"a') };
const basic = btoa('\0me\0p"a');

async function written(
  capabilities: string,
  credentials: Credentials,
  answers: (command: string) => string = () => "@ OK in\r\n",
): Promise<readonly string[]> {
  const { connection, wire } = fakeConnection(answers, capabilities);
  try {
    await login(connection, credentials, WHERE, never);
    return wire.written().split("\r\n").slice(0, -1);
  } finally {
    connection.destroy();
  }
}

Deno.test("a password is sent as the server likes it", async () => {
  deepStrictEqual(await written("AUTH=PLAIN SASL-IR", password), [
    `d1 AUTHENTICATE PLAIN ${basic}`,
  ]);
  deepStrictEqual(
    await written(
      "AUTH=PLAIN",
      password,
      (command) =>
        command === "PLAIN" || command.startsWith("AUTHENTICATE") ? "+ \r\n" : "d1 OK in\r\n",
    ),
    ["d1 AUTHENTICATE PLAIN", basic],
  );
  deepStrictEqual(await written("IMAP4REV1", password), ['d1 LOGIN "me" "p\\"a"']);
  await rejects(written("LOGINDISABLED", password), { kind: "unauthorised" });
});

Deno.test("a token is sent, and another one where it was refused", async () => {
  const asked: (string | undefined)[] = [];
  const credentials: Credentials = {
    method: "oauth",
    username: "me@example.org",
    token: (_signal, refused) => {
      asked.push(refused?.reveal());
      return Promise.resolve(new Secret(refused === undefined ? "old" : "new"));
    },
  };
  let step = 0;
  const lines = await written(
    "AUTH=XOAUTH2 SASL-IR",
    credentials,
    () => ["+ eyJ9\r\n", "d1 NO [AUTHENTICATIONFAILED] no\r\n", "@ OK in\r\n"][step++] ?? "",
  );
  deepStrictEqual(lines, [
    `d1 AUTHENTICATE XOAUTH2 ${btoa("user=me@example.org\x01auth=Bearer old\x01\x01")}`,
    "",
    `d2 AUTHENTICATE XOAUTH2 ${btoa("user=me@example.org\x01auth=Bearer new\x01\x01")}`,
  ]);
  deepStrictEqual(asked, [undefined, "old"]);
  const [bearer] = await written("AUTH=OAUTHBEARER AUTH=XOAUTH2 SASL-IR", credentials);
  strictEqual(
    atob(bearer?.split(" ")[3] ?? ""),
    "n,a=me@example.org,\x01host=imap.example.org\x01port=993\x01auth=Bearer old\x01\x01",
  );
});

Deno.test("what a server sends back of a password is not shown", async () => {
  const { connection } = fakeConnection(() => '@ NO bad password p"a\r\n', "IMAP4REV1");
  await rejects(login(connection, password, WHERE, never), (thrown) => {
    ok(thrown instanceof SyncError);
    strictEqual(thrown.kind, "unauthorised");
    return !thrown.message.includes('p"a');
  });
  connection.destroy();
});

Deno.test("nothing is sent to another machine in the clear", async () => {
  const place = { kind: "host", host: "imap.example.org", security: "none" } as const;
  await rejects(
    openConnection({ place, credentials: password, timeout: 1_000 }, never),
    { kind: "forbidden" },
  );
});

Deno.test("capabilities are asked for where the greeting does not say them, and after the login", async () => {
  let logged = false;
  await using server = await fakeServer((command) => {
    if (command.startsWith("LOGIN")) {
      logged = true;
      return "@ OK in\r\n";
    }
    return `* CAPABILITY IMAP4rev1 ${logged ? "IDLE" : "ID"}\r\n@ OK x\r\n`;
  }, { greeting: "* OK hello" });
  const connection = await openConnection({
    place: { kind: "host", host: "localhost", security: "none", socket: server.path },
    credentials: password,
    timeout: 2_000,
  }, never);
  deepStrictEqual([...connection.capabilities], ["IMAP4REV1", "IDLE"]);
  deepStrictEqual(server.commands.map((it) => it.split(" ")[0]), [
    "CAPABILITY",
    "LOGIN",
    "CAPABILITY",
  ]);
  await connection.close();
});

Deno.test("a server that greets nobody is given up after the time-out", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const place = {
    kind: "host",
    host: "127.0.0.1",
    port: listener.addr.port,
    security: "none",
  } as const;
  try {
    await rejects(openConnection({ place, timeout: 100 }, never), {
      kind: "unreachable",
      retry: true,
    });
  } finally {
    (await accepted).close();
    listener.close();
  }
});

Deno.test("a place is called the same whichever of its usual ports is used", () => {
  const host = "IMAP.example.org";
  strictEqual(placeUrl({ kind: "host", host }, "me@x"), "imap://me%40x@imap.example.org");
  strictEqual(
    placeUrl({ kind: "host", host, security: "starttls" }, "me@x"),
    "imap://me%40x@imap.example.org",
  );
  strictEqual(placeUrl({ kind: "host", host: "::1", port: 1143 }, undefined), "imap://[::1]:1143");
  for (const bad of ["a/b", "u@h", "", "a b", "h:1"]) {
    let thrown: unknown;
    try {
      urlOf({ kind: "host", host: bad });
    } catch (error) {
      thrown = error;
    }
    ok(thrown instanceof SyncError, bad);
  }
});
