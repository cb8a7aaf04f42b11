/** `-u USER`: who that is, and how to be that user. */

import { userInfo } from "node:os";
import { UsageError } from "../usage_error.ts";
import { askFirst, askProgram } from "./ask_program.ts";

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** Where the mail of this user is, where Dovecot's userdb says so. */
  readonly mailLocation?: string;
}

/**
 * Looks a user up: in Dovecot's userdb where that answers, else among those of this machine. Throws
 * {@linkcode UsageError} where there is none. `config`: Dovecot's configuration.
 */
export async function findUser(
  name: string,
  config: string | undefined,
  signal: AbortSignal,
): Promise<User> {
  if (!/^[\w.+@$-]{1,128}$/.test(name) || name.startsWith("-")) {
    throw new UsageError(`-u takes the name of a user, and "${name}" is none.`, []);
  }
  const from = config === undefined ? [] : ["-c", config];
  const told = await askFirst(
    ["doveadm", "/usr/bin/doveadm"],
    [...from, "user", name],
    signal,
  );
  const known = userOfDoveadm(name, told ?? "") ??
    userOfPasswd(name, await passwdLine(name, signal));
  if (known !== undefined) return known;
  throw new UsageError(`There is no user "${name}", neither here nor in Dovecot's userdb.`, []);
}

async function passwdLine(name: string, signal: AbortSignal): Promise<string> {
  const told = await askProgram(["getent", "passwd", name], signal);
  if (told !== undefined) return told;
  try {
    return await Deno.readTextFile("/etc/passwd");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** From what `doveadm user` prints: a field and its value a line, with a tab between them. */
export function userOfDoveadm(name: string, text: string): User | undefined {
  const fields = new Map(
    text.split("\n").map((line) => {
      const [field = "", ...value] = line.split("\t");
      return [field, value.join("\t")] as const;
    }),
  );
  const [uid, gid] = [fields.get("uid"), fields.get("gid")].map((it) => Number(it || NaN));
  const home = fields.get("home");
  const mail = fields.get("mail");
  if (uid === undefined || gid === undefined || !(uid >= 0 && gid >= 0) || !home) return undefined;
  return { name, uid, gid, home, ...(mail ? { mailLocation: mail } : {}) };
}

/** From lines of passwd(5). */
export function userOfPasswd(name: string, text: string): User | undefined {
  for (const line of text.split("\n")) {
    const [who, , uid, gid, , home] = line.split(":");
    if (who !== name || !uid || !gid || !home) continue;
    return { name, uid: Number(uid), gid: Number(gid), home };
  }
  return undefined;
}

/** Who runs this, where the environment does not say it; undefined for a number without a name. */
export function ownName(): string | undefined {
  try {
    return userInfo().username;
  } catch (error) {
    // ENOENT: nobody of that number is known.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/**
 * Goes on as that user, for the rest of this process. Throws {@linkcode UsageError} where only that
 * user, or root, could.
 */
export function become({ name, uid, gid }: User): void {
  const own = Deno.uid();
  if (own === null || own === uid) return;
  const help = [`Run it as that user: sudo -u ${name} dovetail …`];
  if (own !== 0) {
    throw new UsageError(`The mail of "${name}" belongs to another user.`, help);
  }
  const libc = openLibc();
  if (libc === undefined) throw new UsageError(`This process cannot become "${name}".`, help);
  try {
    const bytes = new TextEncoder().encode(`${name}\0`);
    const done = libc.symbols.setgid(gid) === 0 &&
      libc.symbols.initgroups(bytes, gid) === 0 &&
      libc.symbols.setuid(uid) === 0;
    if (!done || Deno.uid() !== uid) {
      throw new UsageError(`This process may not become the user "${name}".`, help);
    }
  } finally {
    libc.close();
  }
}

const SYMBOLS = {
  setgid: { parameters: ["u32"], result: "i32" },
  initgroups: { parameters: ["buffer", "u32"], result: "i32" },
  setuid: { parameters: ["u32"], result: "i32" },
} as const;

/** Deno itself cannot: the C library can, for all threads of the process (setuid(2), nptl(7)). */
function openLibc(): Deno.DynamicLibrary<typeof SYMBOLS> | undefined {
  const path = Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
  try {
    return Deno.dlopen(path, SYMBOLS);
  } catch (error) {
    // Another C library, of another name.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
