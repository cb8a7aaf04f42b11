import assert from "node:assert/strict";
import dgram from "node:dgram";
import { dnsResolver } from "../../../lib/net/dav/dns.ts";
import { never } from "../../support/dav_world.ts";

const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
const SRV = [0, 5, 0, 7, 0x20, 0xfb, ...text("dav"), ...text("example"), 0];
const TXT = [...text("path=/"), ...text("dav")];

/** A name server that gives each name the same answer: a code, or the data of one record. */
async function withNameServer(
  answer: { readonly code: number } | { readonly data: readonly number[] },
  body: (port: number) => Promise<void>,
): Promise<void> {
  const socket = dgram.createSocket("udp4");
  socket.on("message", (query, from) => {
    let end = 12;
    while ((query[end] ?? 0) > 0) end += (query[end] ?? 0) + 1;
    const question = query.subarray(12, end + 5);
    const type = query[end + 2] ?? 0;
    const data = "data" in answer ? answer.data : undefined;
    const code = "code" in answer ? answer.code : 0;
    const head = [query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, data ? 1 : 0, 0, 0, 0, 0];
    const record = data ? [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data] : [];
    const reply = Uint8Array.from([...head.map((byte) => byte ?? 0), ...question, ...record]);
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  try {
    await body(socket.address().port);
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}

Deno.test("a service is read from its record", async () => {
  await withNameServer({ data: SRV }, async (port) => {
    const resolver = dnsResolver({ ipAddr: "127.0.0.1", port });
    const [record] = await resolver.srv("_caldavs._tcp.example.org", never);
    assert.deepEqual({ ...record }, { priority: 5, weight: 7, port: 8443, target: "dav.example." });
  });
});

Deno.test("the strings of a text are put together", async () => {
  await withNameServer({ data: TXT }, async (port) => {
    const resolver = dnsResolver({ ipAddr: "127.0.0.1", port });
    assert.deepEqual(await resolver.txt("_caldavs._tcp.example.org", never), ["path=/dav"]);
  });
});

for (const [what, code] of [["that does not exist", 3], ["without such records", 0]] as const) {
  Deno.test(`a name ${what} gives none`, async () => {
    await withNameServer({ code }, async (port) => {
      const resolver = dnsResolver({ ipAddr: "127.0.0.1", port });
      assert.deepEqual(await resolver.srv("_caldavs._tcp.example.org", never), []);
      assert.deepEqual(await resolver.txt("_caldavs._tcp.example.org", never), []);
    });
  });
}

Deno.test("a look-up that is stopped throws", async () => {
  const resolver = dnsResolver({ ipAddr: "127.0.0.1", port: 9 });
  await assert.rejects(resolver.srv("_caldavs._tcp.example.org", AbortSignal.abort()));
});
