import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import type { HttpAnswer } from "../../../lib/net/http/answer.ts";
import { davFailure, readErrorDocument } from "../../../lib/net/dav/conditions.ts";
import { statusCode, wholeMultistatus } from "../../../lib/net/dav/multistatus.ts";
import { caldav, dav, GETETAG } from "../../../lib/net/dav/names.ts";
import { openHttp } from "../../../lib/net/http/client.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

/** What `read` makes of an answer with this body. */
function answered<Value>(
  body: string,
  read: (answer: HttpAnswer) => Promise<Value>,
  init: ResponseInit = {},
): Promise<Value> {
  const http = openHttp({
    home: new URL("https://dav.example.org/"),
    userAgent: "test",
    environment: fakeEnvironment(),
    fetch: () => Promise.resolve(new Response(body, { status: 207, ...init })),
  });
  const url = new URL("https://dav.example.org/user/work/");
  return http.exchange({ method: "X", url, repeat: "undone", signal: never }, read);
}
const parse = (body: string) =>
  answered(
    `<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">${body}</D:multistatus>`,
    (answer) => wholeMultistatus(answer),
  );

const row = (inner: string) => `<D:response><D:href>/x.ics</D:href>${inner}</D:response>`;
const propstat = (status: string, props: string) =>
  `<D:propstat><D:prop>${props}</D:prop>${
    status === "" ? "" : `<D:status>${status}</D:status>`
  }</D:propstat>`;

Deno.test("the properties of several propstats are put together", async () => {
  const { responses } = await parse(row(
    propstat("HTTP/1.1 200 OK", "<D:getetag>1</D:getetag>") +
      propstat("HTTP/1.1 404 Not Found", "<D:displayname/><D:getctag/>") +
      propstat("HTTP/1.1 200 OK", "<D:getcontenttype>text/calendar</D:getcontenttype>") +
      propstat("HTTP/1.1 403 Forbidden", "<C:calendar-data/>"),
  ));
  const [response] = responses;
  assert.deepEqual([...(response?.props.keys() ?? [])], [GETETAG, dav("getcontenttype")]);
  assert.deepEqual(Object.fromEntries(response?.failed ?? []), {
    [dav("displayname")]: 404,
    [dav("getctag")]: 404,
    [caldav("calendar-data")]: 403,
  });
  assert.equal(response?.status, undefined);
});

Deno.test("a property that is both there and missing is there", async () => {
  const { responses } = await parse(row(
    propstat("HTTP/1.1 404 No", "<D:getetag/>") +
      propstat("HTTP/1.1 200 OK", "<D:getetag>1</D:getetag>"),
  ));
  assert.equal(responses[0]?.props.get(GETETAG)?.text, "1");
  assert.equal(responses[0]?.failed.size, 0);
});

Deno.test("a response with a status alone, and one that names several resources", async () => {
  const { responses } = await parse(
    "<D:response><D:href>/a</D:href><D:href>/b</D:href><D:status>HTTP/1.1 404 Gone fishing</D:status></D:response>",
  );
  assert.deepEqual(responses.map(({ href, status }) => [href, status]), [["/a", 404], ["/b", 404]]);
});

Deno.test("status lines are understood however they are written, and what is none counts as a fault", () => {
  const rows: readonly (readonly [string, number])[] = [
    ["HTTP/1.1 200 OK", 200],
    ["HTTP/1.0 404", 404],
    ["HTTP/2 207 ", 207],
    ["http/1.1 418 I'm a teapot", 418],
    ["\n  HTTP/1.1  403   No \n", 403],
    ["404 Not Found", 404],
    ["OK", 500],
    ["", 500],
    ["HTTP/1.1 2000 OK", 500],
  ];
  for (const [line, code] of rows) assert.equal(statusCode(line), code, line);
});

Deno.test("a propstat without a status counts as success", async () => {
  const { responses } = await parse(row(propstat("", "<D:getetag>1</D:getetag>")));
  assert.equal(responses[0]?.props.size, 1);
});

Deno.test("the sync-token is taken from its own place alone", async () => {
  const { token, responses } = await parse(
    row(propstat("HTTP/1.1 200 OK", "<D:sync-token>inner</D:sync-token>")) +
      "<D:sync-token> outer </D:sync-token>",
  );
  assert.equal(token, "outer");
  assert.equal(responses.length, 1);
});

Deno.test("an empty multistatus has nothing, and elements nobody knows are passed over", async () => {
  assert.deepEqual(await parse(""), { responses: [], token: undefined });
  const { responses } = await parse("<x xmlns='urn:x'><y/></x>" + row("<z xmlns='urn:z'/>"));
  assert.equal(responses.length, 1);
});

for (
  const [what, body] of [
    ["a web page", "<!DOCTYPE html><html><body>Welcome</body></html>"],
    ["a well-formed web page", "<html><body>Welcome</body></html>"],
    ["JSON", '{"ok":true}'],
    ["nothing", ""],
    ["other XML", '<prop xmlns="DAV:"/>'],
    ["half of one", '<multistatus xmlns="DAV:"><response><href>/x</href>'],
  ] as const
) {
  Deno.test(`${what} is no multistatus`, async () => {
    await assert.rejects(
      answered(body, (answer) => wholeMultistatus(answer)),
      (thrown) => thrown instanceof SyncError && thrown.kind === "malformed",
    );
  });
}

const refusal = (condition: string) =>
  `<?xml version="1.0"?><D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav">${condition}</D:error>`;

const CONDITIONS: readonly (readonly [string, string, RegExp])[] = [
  [
    "<C:no-uid-conflict><D:href>/user/work/other.ics</D:href></C:no-uid-conflict>",
    "refused",
    /same UID \(\/user\/work\/other\.ics\)/,
  ],
  ["<CR:no-uid-conflict/>", "refused", /same UID/],
  ["<C:valid-calendar-data/>", "refused", /invalid/],
  ["<C:valid-calendar-object-resource/>", "refused", /one UID/],
  ["<C:supported-calendar-component/>", "refused", /type of item/],
  ["<C:supported-calendar-data/>", "refused", /format/],
  ["<C:max-resource-size/>", "too large", /larger/],
  ["<C:max-instances/>", "refused", /recurs/],
  ["<C:max-attendees-per-instance/>", "refused", /attendees/],
  ["<C:min-date-time/>", "refused", /early/],
  ["<C:max-date-time/>", "refused", /late/],
  ["<C:calendar-collection-location-ok/>", "forbidden", /place/],
  ["<D:need-privileges/>", "forbidden", /rights/],
  ["<D:resource-must-be-null/>", "exists", /already/],
  ["<D:quota-not-exceeded/>", "quota", /space/],
  ["<x:odd xmlns:x='urn:x'/><C:max-resource-size/>", "too large", /larger/],
];

for (const [condition, kind, words] of CONDITIONS) {
  Deno.test(`${condition.slice(0, 60)} is put in words`, async () => {
    for (const status of [403, 409]) {
      await assert.rejects(
        answered(refusal(condition), async (answer) => {
          throw await davFailure(answer, "item");
        }, { status }),
        (thrown) => {
          assert(thrown instanceof SyncError);
          assert.equal(thrown.kind, kind);
          assert.equal(thrown.scope, "item");
          assert.match(thrown.message, words);
          return true;
        },
      );
    }
  });
}

Deno.test("an error that is no XML is shown as it is, and one that nobody knows with its status", async () => {
  const says = async (body: string) => {
    const error = await answered(body, (answer) => davFailure(answer, "item"), { status: 403 });
    return error.message;
  };
  assert.match(await says("<html><h1>Forbidden</h1></html>"), /403.*Forbidden/);
  assert.match(await says(refusal("<x:odd xmlns:x='urn:x'>because</x:odd>")), /403.*because/);
  assert.deepEqual(readErrorDocument("<error"), []);
  assert.deepEqual(readErrorDocument("plain"), []);
});
