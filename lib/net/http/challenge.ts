/** What a server wants to see: the WWW-Authenticate header (RFC 9110 section 11.6.1). */

/** One of the ways that a server offers. */
export interface Challenge {
  /** In small letters: `basic`, `digest`, `bearer`. */
  readonly scheme: string;
  /** By names in small letters. */
  readonly params: ReadonlyMap<string, string>;
}

/** More of the header than this is not read, in characters. */
const MAX_LENGTH = 16_384;

const CHAR = "[!#$%&'*+.^_`|~0-9A-Za-z-]";
const TOKEN = `${CHAR}+`;
// One of: a parameter, quoted or not; a scheme, perhaps with a token68 that no scheme of ours has.
const PART = new RegExp(
  `\\s*(?:,\\s*)*(?:(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))` +
    `|(${TOKEN})(?!${CHAR}|\\s*=)(?:[ \\t]+[A-Za-z0-9._~+/-]+=*(?=\\s*(?:,|$)))?)`,
  "y",
);

/** The challenges of a header, or of several that were joined by commas, in their order. */
export function parseChallenges(header: string | null): readonly Challenge[] {
  const text = (header ?? "").slice(0, MAX_LENGTH);
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  PART.lastIndex = 0;
  for (let part = PART.exec(text); part !== null; part = PART.exec(text)) {
    const [, name, quoted, plain, scheme] = part;
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
    } else if (name !== undefined) {
      const value = quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "";
      const { params } = challenges.at(-1) ?? { params: undefined };
      if (params !== undefined && !params.has(name.toLowerCase())) {
        params.set(name.toLowerCase(), value);
      }
    }
  }
  return challenges;
}

/** The parameters of a header that is only a list of them (Authentication-Info). */
export function parseParams(header: string | null): ReadonlyMap<string, string> {
  return parseChallenges(header === null ? null : `x ${header}`)[0]?.params ?? new Map();
}
