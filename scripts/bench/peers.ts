/** The programs that are compared, each with a configuration of its own for the same work. */

import type { Measured } from "./measure.ts";
import { measure } from "./measure.ts";

/** A calendar account that is empty when a peer first sees it. */
export interface Account {
  /** The calendar home, ending in a slash. */
  readonly home: string;
  readonly username: string;
  readonly password: string;
}

/** One program, one account and one folder; `sync` may be run again and again. */
export interface Peer {
  readonly name: string;
  sync(): Promise<Measured>;
}

export interface PeerInput {
  /** An empty folder for configuration and status. */
  readonly work: string;
  /** A folder of calendars. */
  readonly vdir: string;
  readonly account: Account;
  /** The one calendar that is kept in step. It is on both sides already. */
  readonly collection: string;
}

/** dovetail: the binary that DOVETAIL_BIN names, or the sources. */
export async function dovetail(input: PeerInput): Promise<Peer> {
  const { work, vdir, account, collection } = input;
  const config = `${work}/dovetail.conf`;
  await Deno.writeTextFile(
    config,
    `status_path ${work}/status
storage local {
  type vdir/icalendar
  path ${vdir}
}
storage remote {
  type caldav
  url ${account.home}
  username ${account.username}
  password ${account.password}
}
pair bench {
  storage_a local
  storage_b remote
  collection ${collection}
}
`,
    { mode: 0o600 },
  );
  const binary = Deno.env.get("DOVETAIL_BIN");
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const [program, before] = binary === undefined
    ? [Deno.execPath(), ["run", "--allow-all", "--no-check", main]]
    : [binary, []];
  return {
    name: binary === undefined ? "dovetail (sources)" : "dovetail",
    sync: () => measure(program, [...before, "-c", config, "sync"]),
  };
}

/** vdirsyncer, from Debian. Its discovery is done beforehand, and not measured. */
export async function vdirsyncer(input: PeerInput): Promise<Peer> {
  const { work, vdir, account, collection } = input;
  const config = `${work}/vdirsyncer.conf`;
  await Deno.writeTextFile(
    config,
    `[general]
status_path = "${work}/status"
[pair bench]
a = "local"
b = "remote"
collections = ["${collection}"]
[storage local]
type = "filesystem"
path = "${vdir}"
fileext = ".ics"
[storage remote]
type = "caldav"
url = "${account.home}"
username = "${account.username}"
password = "${account.password}"
`,
    { mode: 0o600 },
  );
  await measure("vdirsyncer", ["-c", config, "discover", "--no-list"]);
  return { name: "vdirsyncer", sync: () => measure("vdirsyncer", ["-c", config, "sync"]) };
}
