/** Mbsync's configuration as one of ours. */

import type { Problem } from "../config/problem.ts";
import type { Source } from "../config/tree.ts";
import { pairName } from "../model/names.ts";
import { safeText } from "../model/text.ts";
import type { Imported } from "./imported.ts";
import { type Pair, readChannel } from "./mbsync_channel.ts";
import { ourName } from "./mbsync_options.ts";
import { readStore, type Store } from "./mbsync_store.ts";
import { parseMbsyncrc, type Section } from "./mbsyncrc.ts";
import { writeScfg, type Written } from "./write_scfg.ts";

/**
 * Turns mbsync's configuration (of versions 1.3 to 1.5) into one of ours that does the same, as far
 * as there is a way to say it; the rest is in the notes. Throws `ConfigError` where it is none.
 */
export function importMbsync(
  text: string,
  { file }: { readonly file: string },
): Imported & { readonly source: Source } {
  const notes: Problem[] = [];
  const note = (problem: Problem) => void notes.push(problem);
  const { global, sections, source } = parseMbsyncrc(text, file);
  const of = (...kinds: readonly string[]) => sections.filter(({ kind }) => kinds.includes(kind));
  const accounts = new Map(of("imapaccount").map((section) => [section.name, section]));
  const stores = new Map(
    of("imapstore", "maildirstore").map((section) =>
      [section.name, readStore(section, accounts, note)] as const
    ),
  );
  const pairs = of("channel").flatMap((section) =>
    readChannel(section, global, stores, note) ?? []
  );
  const written: readonly Written[] = [
    { remark: "Made from mbsync's configuration." },
    ...[...stores.values()].flatMap((store) => [{ remark: "" }, storageEntry(store, pairs)]),
    ...pairs.flatMap(({ name, entries }) => [
      { remark: "" },
      { words: ["pair", name], block: entries },
    ]),
    ...of("group").flatMap(groupRemark),
  ];
  return {
    config: writeScfg(written, "revealed"),
    shown: writeScfg(written, "hidden"),
    notes: unique(notes),
    source,
    pairs: pairs.map(({ name }) => ({ name: pairName(name), renamed: [] })),
  };
}

function storageEntry({ name, entries }: Store, pairs: readonly Pair[]): Written {
  const keeps = pairs.some(({ noDelete }) => noDelete.includes(name));
  return {
    words: ["storage", name],
    block: [...entries, ...(keeps ? [{ words: ["no_delete"] }] : [])],
  };
}

/** A group is what is written on the command line. */
function groupRemark({ name, options }: Section): readonly Written[] {
  const channels = options.filter(({ key }) => key === "channel" || key === "channels")
    .flatMap(({ words }) => words);
  const targets = channels.flatMap((it) => {
    const [channel = "", boxes = ""] = it.split(":");
    return boxes === ""
      ? [ourName(channel)]
      : boxes.split(",").map((box) => `${ourName(channel)}/${box}`);
  });
  if (targets.length === 0) return [];
  const text = `The group ${name}: dovetail sync ${targets.join(" ")}`;
  return [{ remark: "" }, { remark: safeText(text) }];
}

/** A note of an option that holds for all channels is one. */
function unique(notes: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return notes.filter(({ message, at }) => {
    const key = `${at?.line} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Where mbsync looks for its configuration: from 1.5 on in the XDG directory first. */
export function mbsyncCandidates(
  env: { get(name: string): string | undefined },
): readonly string[] {
  const home = env.get("HOME");
  const config = env.get("XDG_CONFIG_HOME") || (home === undefined ? undefined : `${home}/.config`);
  return [
    ...(home === undefined ? [] : [`${home}/.mbsyncrc`]),
    ...(config === undefined ? [] : [`${config}/isyncrc`]),
  ];
}
