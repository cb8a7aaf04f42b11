/** Two folders of calendars, a configuration that keeps them in step, and a home to run in. */

import { type Outcome, run, type RunOptions } from "../support/dovetail.ts";

export interface World {
  readonly folder: string;
  readonly config: string;
  /** What a run needs to see this world and no other. */
  readonly env: Readonly<Record<string, string>>;
  dovetail(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  write(side: "home" | "server", path: string, text: string): Promise<void>;
  read(side: "home" | "server", path: string): Promise<string>;
  remove(side: "home" | "server", path: string): Promise<void>;
  configure(text: string): Promise<void>;
}

const TWO_FOLDERS = (folder: string) => `
storage home {
  type vdir/icalendar
  path ${folder}/home
}
storage server {
  type vdir/icalendar
  path ${folder}/server
}
pair calendars {
  storage_a home
  storage_b server
  collections all
}
`;

/** Makes a world for one test, and takes it away afterwards. */
export async function inWorld(test: (world: World) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "dovetail-cli-" });
  const config = `${folder}/.config/dovetail/dovetail.conf`;
  const env = { HOME: folder };
  const place = (side: string, path: string) => `${folder}/${side}/${path}`;
  const world: World = {
    folder,
    config,
    env,
    dovetail: (args, options) => run(args, { ...options, env: { ...env, ...options?.env } }),
    async write(side, path, text) {
      const file = place(side, path);
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    },
    read: (side, path) => Deno.readTextFile(place(side, path)),
    remove: (side, path) => Deno.remove(place(side, path)),
    configure: (text) => Deno.writeTextFile(config, text),
  };
  try {
    for (const path of [".config/dovetail", "home", "server"]) {
      await Deno.mkdir(`${folder}/${path}`, { recursive: true });
    }
    await world.configure(TWO_FOLDERS(folder));
    await test(world);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** An event on a day of March 2026, or a time of it in UTC. */
export const event = (uid: string, summary: string, day: number): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20260101T000000Z",
    `DTSTART:202603${String(day).padStart(2, "0")}T103000Z`,
    `SUMMARY:${summary}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
