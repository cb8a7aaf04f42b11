import { openImap } from "../../adapters/imap/mod.ts";
import { dovecotTools, isDovecotInstalled } from "../support/servers/dovecot.ts";
import { contract } from "./contract.ts";
import type { Place } from "./context.ts";
import { mailKit } from "./kit.ts";

/** A mailbox of nobody's, which Dovecot's IMAP server reads from an mdbox, where names may hold dots. */
async function place(without: readonly string[] = []): Promise<Place> {
  const folder = await Deno.makeTempDir({ prefix: "imap-" });
  const tools = await dovecotTools(folder);
  await Deno.mkdir(`${folder}/Maildir`);
  await tools.adopt(folder);
  const argv = tools.imapTunnel(`mdbox:${folder}/Maildir`);
  const open = (readOnly = false) =>
    openImap({
      name: "imap",
      place: { kind: "tunnel", argv },
      readOnly,
      without: new Set(without),
    });
  const opened = [open()];
  const again = (readOnly: boolean) => {
    const storage = open(readOnly);
    opened.push(storage);
    return Promise.resolve(storage);
  };
  return {
    storage: opened[0] ?? open(),
    kit: mailKit,
    another: () => again(false),
    readOnly: () => again(true),
    dispose: async () => {
      await Promise.all(opened.map((it) => it.close()));
      await Deno.remove(folder, { recursive: true });
    },
    many: 500,
    keepsBytes: true,
  };
}

const EXTENSIONS = [
  ...["UIDPLUS", "MULTIAPPEND", "CONDSTORE", "QRESYNC", "LIST-EXTENDED", "LIST-STATUS"],
  ...["LITERAL+", "NAMESPACE", "SPECIAL-USE", "UNSELECT", "SAVEDATE"],
];

const options = { ignore: !isDovecotInstalled() };

contract("imap on Dovecot", () => place(), options);
contract("imap on Dovecot without extensions", () => place(EXTENSIONS), options);
