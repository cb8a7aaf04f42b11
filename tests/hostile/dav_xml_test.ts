/** XML that is meant to do harm, or that came only in part. */

import assert from "node:assert/strict";
import { SyncError } from "../../lib/model/error.ts";
import { type HttpAnswer, openHttp } from "../../lib/net/http/client.ts";
import { type Multistatus, wholeMultistatus } from "../../lib/net/dav/multistatus.ts";
import { XmlError, xmlReader } from "../../lib/net/xml/reader.ts";
import { fakeEnvironment, ics, never } from "../support/dav_world.ts";

/** Reads a document as a multistatus, in chunks of so many bytes. */
function parse(document: Uint8Array, size = 16_384): Promise<Multistatus> {
  const chunks = ReadableStream.from((function* () {
    for (let at = 0; at < document.length; at += size) yield document.subarray(at, at + size);
  })());
  const http = openHttp({
    home: new URL("https://dav.example.org/"),
    userAgent: "test",
    environment: fakeEnvironment(),
    fetch: () => Promise.resolve(new Response(chunks, { status: 207 })),
  });
  const url = new URL("https://dav.example.org/x");
  return http.exchange(
    { method: "PROPFIND", url, repeat: "undone", signal: never },
    (answer: HttpAnswer) => wholeMultistatus(answer, { strict: true }),
  );
}

const encode = (text: string) => new TextEncoder().encode(text);
const isMalformed = (thrown: unknown) =>
  thrown instanceof SyncError && thrown.kind === "malformed" && thrown.message.length < 1_024;

/** Runs `body` and fails if it takes longer than it may. */
async function within(ms: number, body: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  await body();
  const took = performance.now() - begun;
  assert(took < ms, `it took ${took} ms`);
}

const lol = Array.from(
  { length: 9 },
  (_, n) => `<!ENTITY lol${n + 1} "${`&lol${n};`.repeat(10)}">`,
);

const BOMBS: Readonly<Record<string, string>> = {
  "a billion laughs": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY lol0 "lol">${
    lol.join("")
  }]><x>&lol9;</x>`,
  "one large entity, many times": `<!DOCTYPE x [<!ENTITY a "${"a".repeat(100_000)}">]><x>${
    "&a;".repeat(10_000)
  }</x>`,
  "a file as an entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
  "an url as an entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:1/">]><x>&a;</x>',
  "a parameter entity": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:1/">%a;]><x/>',
  "an external DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
  "a DOCTYPE that does nothing": "<!DOCTYPE multistatus><multistatus xmlns='DAV:'/>",
  "an entity that nobody declared": "<multistatus xmlns='DAV:'>&lol;</multistatus>",
};

for (const [what, document] of Object.entries(BOMBS)) {
  Deno.test(`${what} is refused at once`, async () => {
    await within(1_000, async () => {
      await assert.rejects(parse(encode(document)), isMalformed);
    });
  });
}

Deno.test("a hundred thousand elements in one another are refused at the sixty-fifth", async () => {
  const depth = 100_000;
  const document = `<multistatus xmlns="DAV:">${"<a>".repeat(depth)}${
    "</a>".repeat(depth)
  }</multistatus>`;
  await within(1_000, async () => {
    await assert.rejects(parse(encode(document)), isMalformed);
  });
});

Deno.test("a namespace on each of them makes it no slower", async () => {
  const open = Array.from({ length: 20_000 }, (_, n) => `<a${n}:b xmlns:a${n}="urn:${n}">`).join(
    "",
  );
  await within(1_000, async () => {
    await assert.rejects(parse(encode(`<multistatus xmlns="DAV:">${open}`)), isMalformed);
  });
});

Deno.test("an element with a hundred thousand attributes takes no time worth mentioning", async () => {
  const attributes = Array.from({ length: 100_000 }, (_, n) => `a${n}="x"`).join(" ");
  await within(3_000, async () => {
    await parse(encode(`<multistatus xmlns="DAV:"><x ${attributes}/></multistatus>`));
  });
});

Deno.test("an answer of endless small elements is cut off at the limit of one answer", async () => {
  await within(3_000, async () => {
    const inner = "<x/>".repeat(1_000_000);
    await assert.rejects(
      parse(encode(`<multistatus xmlns="DAV:"><response>${inner}</response></multistatus>`)),
      isMalformed,
    );
  });
});

Deno.test("more answers than the limit are refused", () => {
  const reader = xmlReader({ children: 1_000 });
  reader.write("<r>");
  assert.throws(() => reader.write("<c/>".repeat(1_001)), XmlError);
});

Deno.test("names that objects have by themselves are names like others", async () => {
  const { responses } = await parse(encode(
    '<multistatus xmlns="DAV:"><response><href>/x</href><propstat><prop><constructor/>' +
      '<__proto__ __proto__="x" constructor="y">z</__proto__></prop><status>HTTP/1.1 200 OK</status>' +
      "</propstat></response></multistatus>",
  ));
  assert.deepEqual([...(responses[0]?.props.keys() ?? [])], [
    "{DAV:}constructor",
    "{DAV:}__proto__",
  ]);
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

/** A listing of some three thousand bytes, with everything in it that a listing can have. */
const LISTING = `<?xml version="1.0" encoding="utf-8"?>
<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
${
  Array.from({ length: 6 }, (_, n) =>
    `<d:response><d:href>/user/w%C3%B6rk/${n}.ics</d:href><d:propstat><d:prop><d:getetag>"${n}"</d:getetag>` +
    (n % 2 === 0
      ? `<c:calendar-data>${ics(`ä😀-${n}`).replaceAll("\r", "&#13;")}</c:calendar-data>`
      : `<c:calendar-data><![CDATA[${ics(`<${n}>`)}]]></c:calendar-data>`) +
    "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>").join("\n")
}
<d:response><d:href>/user/w%C3%B6rk/gone.ics</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>
<!-- a comment -->
<d:sync-token>http://dav.example.org/ns/sync/42</d:sync-token>
</d:multistatus>`;

Deno.test("a listing that is cut after any of its bytes is an error, and whole it is a listing", async () => {
  const document = encode(LISTING);
  assert(document.length > 2_500, String(document.length));
  const whole = await parse(document);
  assert.equal(whole.responses.length, 7);
  assert.equal(whole.token, "http://dav.example.org/ns/sync/42");
  for (let length = 0; length < document.length; length++) {
    await assert.rejects(parse(document.subarray(0, length), 512), isMalformed, `cut at ${length}`);
  }
});

Deno.test("a listing says the same however the network cuts it into chunks", async () => {
  const document = encode(LISTING);
  const whole = await parse(document);
  for (const size of [1, 2, 3, 7, 64, 1_000]) assert.deepEqual(await parse(document, size), whole);
});

Deno.test("a listing that the server breaks off by closing the connection is an error", async () => {
  const body = LISTING.slice(0, LISTING.lastIndexOf("<d:response>"));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4_096));
      // No length and no chunks: the end of the connection is all that says that this is the end.
      const head = "HTTP/1.1 207 Multi-Status\r\nConnection: close\r\n\r\n";
      await connection.write(encode(head + body));
      connection.close();
    }
  })();
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/`);
  const http = openHttp({ home: url, userAgent: "test", environment: fakeEnvironment() });
  await assert.rejects(
    http.exchange(
      { method: "PROPFIND", url, repeat: "safe", signal: never },
      (answer) => wholeMultistatus(answer),
    ),
    isMalformed,
  );
  http.close();
  listener.close();
  await serving;
});
