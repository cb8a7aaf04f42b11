/** What pimsync and vdirsyncer have on their command lines and dovetail has not: what to do instead. */

/** By the word that was typed. Each is the sentence that is shown as help. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["metasync", '"dovetail sync" keeps properties in step too.'],
  [
    "showconfig",
    '"dovetail list storages --json" names them, "dovetail check --json" tells of each.',
  ],
  ["--force-delete", "--allow-empty lets pass what was emptied, --allow-delete any deletions."],
  ["--repair-unsafe-uid", "--unsafe replaces them."],
  ["--list", '"dovetail discover" always lists.'],
  ["--no-list", '"dovetail discover" always lists.'],
  ["--verbosity", "-v says more, -vv most; it takes no level."],
]);

/** The levels of a log, which `-v` takes elsewhere. */
const LEVEL = /^(?:trace|debug|info|warn|warning|error|critical)$/i;

/** What to do instead of `args[at]`, if another program knows it; a sentence. */
export function insteadOf(args: readonly string[], at: number): string | undefined {
  const [word = ""] = (args[at] ?? "").split("=");
  const before = args[at - 1];
  if (LEVEL.test(word) && (before === "-v" || before === "--verbose")) {
    return "-v says more, -vv most; it takes no level.";
  }
  return INSTEAD.get(word);
}
