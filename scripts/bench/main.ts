/**
 * Measures dovetail against vdirsyncer, as whole processes, in turn, in one run:
 * `deno task bench [--items N] [--server memory|radicale|xandikos] [--latency MS] [--runs N]`, and
 * against `doveadm sync` and mbsync: `deno task bench --mails N [--runs N] [--alone]`.
 *
 * The ratios are what counts: absolute times are those of the machine. With DOVETAIL_BIN in the
 * environment that binary is measured, without it the sources. Without arguments it takes some five
 * minutes: the servers need half a minute of their own for 1,000 uploads. With --alone the other
 * programs for mail are left out.
 */

import { parseArgs } from "node:util";
import { generateEvents } from "../../tests/support/events.ts";
import { setUpServers, VDIRSYNCER } from "../lib/set_up_servers.ts";
import { benchMail } from "./mail.ts";
import type { Measured } from "./measure.ts";
import { median } from "./measure.ts";
import type { Peer } from "./peers.ts";
import { dovetail, vdirsyncer } from "./peers.ts";
import type { BenchServer, ServerName } from "./servers.ts";
import { SERVER_NAMES, startBenchServer } from "./servers.ts";

const PHASES = ["upload", "nothing to do", "download", "nothing, again"] as const;
type Phase = (typeof PHASES)[number];
type Times = Readonly<Record<Phase, Measured>>;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    items: { type: "string" },
    server: { type: "string" },
    latency: { type: "string", default: "0" },
    runs: { type: "string", default: "3" },
    mails: { type: "string" },
    alone: { type: "boolean", default: false },
  },
});

/** What is measured when nothing is asked for. */
const USUAL: readonly { readonly server: ServerName; readonly items: number }[] = [
  { server: "memory", items: 5_000 },
  { server: "radicale", items: 300 },
];

const chosen = SERVER_NAMES.find((it) => it === values.server);
if (values.server !== undefined && chosen === undefined) {
  console.error(`--server is one of ${SERVER_NAMES.join(", ")}`);
  Deno.exit(3);
}
const usual = values.items === undefined && chosen === undefined;
const benches = values.mails !== undefined
  ? []
  : usual
  ? USUAL
  : [{ server: chosen ?? "memory", items: Number(values.items ?? 1_000) }];

if (benches.length > 0) await setUpServers([VDIRSYNCER]);
for (const { server, items } of benches) {
  await bench(server, items, Number(values.latency), Number(values.runs));
}
if (usual || values.mails !== undefined) {
  await benchMail(Number(values.mails ?? 10_000), Number(values.runs), values.alone);
}

async function bench(
  name: ServerName,
  items: number,
  latency: number,
  runs: number,
): Promise<void> {
  console.log(`\n${name}, ${items} events, ${latency} ms of latency, median of ${runs}`);
  console.log("phase              dovetail   vdirsyncer        ratio   memory (MiB)");
  const folder = await Deno.makeTempDir({ prefix: "dovetail-bench-" });
  try {
    const full = `${folder}/full`;
    await Deno.mkdir(`${full}`, { recursive: true });
    for (const event of generateEvents(items, 1)) {
      await Deno.writeFile(`${full}/${event.name}`, event.bytes);
    }
    const rounds: Round[] = [];
    for (let at = 0; at < runs; at++) {
      await using server = await startBenchServer(name, latency);
      rounds.push({
        dovetail: await measurePeer(dovetail, `${folder}/${at}-d`, full, server, "dovetail"),
        vdirsyncer: await measurePeer(vdirsyncer, `${folder}/${at}-v`, full, server, "vdirsyncer"),
      });
    }
    for (const phase of PHASES) console.log(row(phase, rounds));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Round {
  readonly dovetail: Times;
  readonly vdirsyncer: Times;
}

/** A folder to an empty account; then that account to an empty folder. */
async function measurePeer(
  make: (input: Parameters<typeof dovetail>[0]) => Promise<Peer>,
  work: string,
  full: string,
  server: BenchServer,
  collection: string,
): Promise<Times> {
  const account = await server.account(collection);
  const peerOn = async (name: string) => {
    const vdir = `${work}/${name}/vdir`;
    await Deno.mkdir(`${vdir}/${collection}`, { recursive: true });
    return {
      folder: `${vdir}/${collection}`,
      peer: await make({ work: `${work}/${name}`, vdir, account, collection }),
    };
  };
  const { folder, peer: up } = await peerOn("up");
  for await (const { name } of Deno.readDir(full)) {
    await Deno.copyFile(`${full}/${name}`, `${folder}/${name}`);
  }
  const upload = await up.sync();
  const nothing = await up.sync();
  const { peer: down } = await peerOn("down");
  const download = await down.sync();
  const again = await down.sync();
  return { upload, "nothing to do": nothing, download, "nothing, again": again };
}

function row(phase: Phase, rounds: readonly Round[]): string {
  const of = (peer: keyof Round, figure: keyof Measured) =>
    median(rounds.map((round) => round[peer][phase][figure]));
  const ratios = rounds.map((it) => it.vdirsyncer[phase].seconds / it.dovetail[phase].seconds);
  const seconds = (value: number) => `${value.toFixed(2)} s`.padStart(9);
  const mib = (value: number) => value.toFixed(0).padStart(4);
  return [
    phase.padEnd(16),
    seconds(of("dovetail", "seconds")),
    "  ",
    seconds(of("vdirsyncer", "seconds")),
    `${median(ratios).toFixed(2)}x`.padStart(12),
    `   ${mib(of("dovetail", "peakMiB"))} / ${mib(of("vdirsyncer", "peakMiB"))}`,
  ].join(" ");
}
