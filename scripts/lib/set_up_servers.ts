/** The real servers that tests, demo and benchmark run against, from Debian's packages. */

import { CYRUS_PROGRAMS } from "../../tests/support/servers/cyrus.ts";
import { DAVICAL_PROGRAMS } from "../../tests/support/servers/davical.ts";
import { DOVECOT_PROGRAMS } from "../../tests/support/servers/dovecot.ts";
import { LIGHTTPD } from "../../tests/support/servers/lighttpd.ts";
import { NGINX } from "../../tests/support/servers/nginx.ts";
import { isInstalled } from "../../tests/support/servers/programs.ts";

/** Programs that must be there, and the packages that bring them. */
export interface Needed {
  /** Each by its name or its path, as `findProgram` takes it. */
  readonly programs: readonly string[];
  readonly packages: readonly string[];
  /** What is left out where they cannot be had. Default: nothing can be done without them. */
  readonly optional?: string;
}

export const RADICALE: Needed = {
  programs: ["radicale"],
  packages: ["radicale", "python3-passlib", "python3-bcrypt"],
};
export const XANDIKOS: Needed = { programs: ["xandikos"], packages: ["xandikos"] };
/** Debian's cyrus-imapd stands in the way of dovecot-imapd; for CalDAV and CardDAV this is enough. */
export const CYRUS: Needed = {
  programs: CYRUS_PROGRAMS,
  packages: ["cyrus-caldav", "cyrus-common", "sasl2-bin", "libsasl2-modules-db"],
  optional: "the tests on Cyrus",
};
export const DAVICAL: Needed = {
  programs: DAVICAL_PROGRAMS,
  // PHP comes first, so that it brings no Apache.
  packages: ["php-fpm", "php-pgsql", "nginx-light", "postgresql", "davical"],
  optional: "the tests on DAViCal",
};
/** What stands before Radicale where the ways to connect and to log in are tested. */
export const FRONTS: Needed = {
  programs: [NGINX, LIGHTTPD],
  packages: ["nginx-light", "lighttpd"],
  optional: "the tests of ways to connect",
};
/** What reads and writes mailboxes beside us. */
export const DOVECOT: Needed = {
  programs: DOVECOT_PROGRAMS,
  packages: ["dovecot-core", "dovecot-imapd", "dovecot-pop3d"],
  optional: "the tests on Dovecot",
};
/** mbsync, for the benchmark. */
export const ISYNC: Needed = { programs: ["mbsync"], packages: ["isync"] };
/** Makes fsync cheap for servers whose durability is not what is tested. */
export const EATMYDATA: Needed = { programs: ["eatmydata"], packages: ["eatmydata"] };
/** Makes the certificates that do not fit. */
export const OPENSSL: Needed = { programs: ["openssl"], packages: ["openssl"] };
export const VDIRSYNCER: Needed = { programs: ["vdirsyncer"], packages: ["vdirsyncer"] };

const USUAL = [RADICALE, XANDIKOS, EATMYDATA, OPENSSL, CYRUS, DAVICAL, FRONTS, DOVECOT];

/**
 * Installs what is missing, as root. Where it cannot, it exits with a message that names the packages,
 * unless they are optional: then it says what is left out.
 */
export async function setUpServers(
  needed: readonly Needed[] = USUAL,
): Promise<void> {
  const missing = needed.filter(({ programs }) => !programs.every(isInstalled));
  if (missing.length === 0) return;
  const must = missing.filter(({ optional }) => optional === undefined);
  const may = missing.filter(({ optional }) => optional !== undefined);
  if (Deno.uid() !== 0 || !isInstalled("apt-get")) {
    for (const one of may) leftOut(one);
    if (must.length === 0) return;
    const programs = must.flatMap((one) => one.programs).join(", ");
    console.error(`These programs are needed and missing: ${programs}.\nOn Debian: ${by(must)}`);
    Deno.exit(1);
  }
  console.error(`Installing ${missing.flatMap(({ packages }) => packages).join(" ")} …`);
  const updated = await apt("update");
  if (must.length > 0 && !(updated && await install(must))) Deno.exit(1);
  for (const one of may) if (!await install([one])) leftOut(one);
}

function leftOut(one: Needed): void {
  console.error(`${one.optional} are left out. On Debian: ${by([one])}`);
}

function by(needed: readonly Needed[]): string {
  return `sudo apt-get install ${needed.flatMap(({ packages }) => packages).join(" ")}`;
}

function install(needed: readonly Needed[]): Promise<boolean> {
  const packages = needed.flatMap((one) => one.packages);
  return apt("install", "-y", "--no-install-recommends", ...packages);
}

/** Runs apt-get; where it fails, says so and gives false. */
async function apt(...args: readonly string[]): Promise<boolean> {
  const { success, stdout, stderr } = await new Deno.Command("apt-get", {
    args: ["-q", ...args],
    // The run level keeps it from starting the daemons that it installs.
    env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return true;
  const decoder = new TextDecoder();
  console.error(decoder.decode(stdout) + decoder.decode(stderr));
  console.error(`apt-get ${args[0]} failed; see above.`);
  return false;
}
