/** How to log in: what stands in a storage, or in the `auth` block that it names. */

import { type Block, type CheckContext, readBlock } from "./block.ts";
import type { AuthConfig, StorageKind } from "./config.ts";
import { directiveOf, secretOf, textOf, valueOf } from "./given.ts";
import { listed } from "./listed.ts";
import { didYouMean } from "./near.ts";
import { readOauth } from "./oauth.ts";
import { quotedWord } from "./problem.ts";
import type { Section, Sections } from "./section.ts";
import type { Word } from "./tree.ts";

/** A shared login. */
export interface AuthBlock {
  readonly word: Word;
  /** Undefined where an error was reported of it, or nothing stands in it. */
  readonly login: AuthConfig | undefined;
}

/** The shared logins of a file. */
export interface AuthBlocks {
  readonly names: readonly string[];
  /** The block of this name, which counts as used from now on. */
  use(name: string): AuthBlock | undefined;
  unused(): readonly AuthBlock[];
}

/** The names that mean a method where a shared login is named, as pimsync had it before 0.6. */
const METHODS = ["basic", "digest"];

/** Reads the shared logins. */
export function readAuthBlocks(sections: Sections, context: CheckContext): AuthBlocks {
  const names = [...sections.names.keys()];
  const blocks = new Map<string, AuthBlock>();
  for (const section of [...sections.sound, ...sections.misnamed]) {
    const { name, word } = section;
    const title = `the auth block ${quotedWord(word)}`;
    if (METHODS.includes(name)) {
      const message = `${quotedWord(word)} cannot be the name of an auth block: it is a method`;
      context.report({ severity: "error", message, at: word.span });
    }
    const block = readBlock(section.block, { place: "auth", owner: word, title }, context);
    const own = `auth-${name}`;
    // One permission for all storages that share it, whichever they are.
    const kinds = ["calendar", "contacts"] as const;
    const login = readMethod(block, { title, own, owner: word, kinds, ...context });
    if (sections.sound.includes(section)) blocks.set(name, { word, login });
  }
  const used = new Set<string>();
  return {
    names,
    use(name) {
      used.add(name);
      return blocks.get(name);
    },
    unused: () => [...blocks].flatMap(([name, block]) => used.has(name) ? [] : [block]),
  };
}

interface LoginContext extends CheckContext {
  /** What the storage's items are. */
  readonly kinds: readonly StorageKind[];
  readonly auths: AuthBlocks;
}

/** How a storage logs in; undefined where nothing is said of it, or that is not sound. */
export function readLogin(
  { name, word }: Section,
  block: Block,
  context: LoginContext,
): AuthConfig | undefined {
  const { auths, report } = context;
  const title = `the storage ${quotedWord(word)}`;
  const own = `storage-${name}`;
  const named = directiveOf(block, "auth");
  const reference = textOf(block, "auth");
  const at = named?.params[0]?.span ?? named?.name.span;
  const owned = ["auth_method", "username", "password", "token"].find((each) => block.has(each));
  if (reference === undefined || at === undefined) {
    return readMethod(block, { title, own, owner: word, ...context });
  }
  // What is wrong with it is to be known as well, whichever of the two is then left out.
  const isTwo = owned !== undefined && !METHODS.includes(reference);
  if (isTwo) readMethod(block, { title, own, owner: word, ...context });
  if (METHODS.includes(reference)) {
    if (!block.has("auth_method")) {
      const method = reference === "digest" ? "digest" : "basic";
      return readMethod(block, { title, own, owner: word, method, ...context });
    }
    const message = `"auth ${reference}" and "auth_method" say the same`;
    report({ severity: "error", message, at, help: "leave one of them out" });
    return undefined;
  }
  if (isTwo) {
    const message = `${title} has a login of its own and the auth block "${reference}"`;
    report({ severity: "error", message, at, help: `leave out "auth" or "${owned}"` });
  }
  if (!auths.names.includes(reference)) {
    const { names } = auths;
    const known = names.length === 0
      ? "no auth block is defined; write one, or: auth_method basic"
      : `defined ${names.length === 1 ? "is" : "are"} ${listed(names, "and")}`;
    const message = `${title} names the auth block "${reference}", which is not defined`;
    report({
      severity: "error",
      message,
      at,
      help: didYouMean(reference, [...names, ...METHODS]) ?? known,
    });
    return undefined;
  }
  return auths.use(reference)?.login;
}

/** What is needed to read a login. */
export interface MethodContext extends CheckContext {
  readonly title: string;
  readonly owner: Word;
  /** What a file of its own is called. */
  readonly own: string;
  readonly kinds: readonly StorageKind[];
  readonly method?: "basic" | "digest";
}

function readMethod(block: Block, context: MethodContext): AuthConfig | undefined {
  const given = context.method ?? textOf(block, "auth_method");
  if (given === undefined && block.has("auth_method")) return undefined;
  const method = given ?? (block.has("token") ? "bearer" : "basic");
  // IMAP wants to know who a token is for (RFC 7628 section 3.1).
  const named = context.kinds.includes("mail") ? [] : ["username"];
  const useless = (method === "basic" || method === "digest" ? ["token"] : [...named, "password"])
    .concat(method === "oauth2" ? ["token"] : [])
    .find((each) => block.has(each));
  const at = useless === undefined ? undefined : directiveOf(block, useless)?.name.span;
  if (at !== undefined) {
    const message = `"${useless}" is of no use with auth_method ${method}`;
    context.report({ severity: "error", message, at, help: "leave one of them out" });
  }
  switch (method) {
    case "basic":
    case "digest": {
      const username = valueOf(block, "username");
      const password = secretOf(block, "password");
      if (given === undefined && username === undefined && password === undefined) return undefined;
      return { method, ...(username && { username }), ...(password && { password }) };
    }
    case "bearer":
      return readBearer(block, context);
    default: {
      const directive = directiveOf(block, "auth_method");
      return directive && readOauth(directive, context);
    }
  }
}

function readBearer(
  block: Block,
  { title, owner, report }: MethodContext,
): AuthConfig | undefined {
  const token = secretOf(block, "token");
  if (token !== undefined) return { method: "bearer", token };
  if (!block.has("token")) {
    const method = directiveOf(block, "auth_method")?.params[0] ?? owner;
    report({
      severity: "error",
      message: `${title} has no "token" to send`,
      at: method.span,
      help: 'add "token", with the token itself or with a block whose "cmd" names what prints it',
    });
  }
  return undefined;
}
