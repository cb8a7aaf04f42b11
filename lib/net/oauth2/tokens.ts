/** Tokens for a storage: got once with the person's help, kept in a file, and renewed from then on. */

import { generateRandomCodeVerifier, generateRandomState } from "oauth4webapi";
import { SyncError } from "../../model/error.ts";
import type { Secret } from "../../model/secret.ts";
import { REAL_ENVIRONMENT } from "../environment.ts";
import type { TokenSource } from "../http/auth.ts";
import { notLoggedIn } from "./errors.ts";
import { openLoopback } from "./loopback.ts";
import type { Instruction, LoginWay, OauthOptions } from "./options.ts";
import { openProvider } from "./provider.ts";
import { readTokens, type Tokens, withTokenLock, writeTokens } from "./token_file.ts";

export type { Instruction, LoginWay, OauthOptions };

export interface OauthTokens {
  /**
   * A token that is good for another minute at least: the one in the file, or a new one. Throws
   * `unauthorised` with a hint where the person has to log in.
   */
  readonly token: TokenSource;
  /**
   * Gets the first tokens with the help of a person, who is told by `talk` what to do, and keeps
   * them. Throws where it is not allowed, takes too long, or the signal fires.
   */
  authorise(
    how: LoginWay,
    talk: (instruction: Instruction) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** A token that is good for less than this is renewed, in milliseconds. */
const MARGIN = 60_000;
/** How much longer to wait after a `slow_down` (RFC 8628 section 3.5), in milliseconds. */
const SLOWER = 5_000;

const NEVER = new AbortController().signal;

/** Opens the tokens. Nothing is read or asked before it is wanted. */
export function openTokens(options: OauthOptions): OauthTokens {
  const { tokenFile, storage, environment = REAL_ENVIRONMENT } = options;
  const provider = openProvider(options);

  const isGood = (tokens: Tokens, refused: Secret | undefined): boolean =>
    tokens.access.reveal() !== refused?.reveal() &&
    (tokens.until === undefined || tokens.until - MARGIN > environment.now());

  async function withCode(
    talk: (instruction: Instruction) => void,
    signal: AbortSignal,
  ): Promise<Tokens> {
    const [state, verifier] = [generateRandomState(), generateRandomCodeVerifier()];
    const loopback = openLoopback(state);
    try {
      const { redirectUri } = loopback;
      const url = await provider.authorizationUrl(redirectUri, verifier, state);
      talk({ type: "open", url: url.href });
      const parameters = await loopback.comeBack(signal);
      return await provider.exchange({ parameters, redirectUri, verifier, state }, signal);
    } finally {
      await loopback.close();
    }
  }

  async function withDevice(
    talk: (instruction: Instruction) => void,
    signal: AbortSignal,
  ): Promise<Tokens> {
    const grant = await provider.startDevice(signal);
    const { url, userCode: code, complete, lasts } = grant;
    talk({ type: "code", url, code, lasts, ...(complete === undefined ? {} : { complete }) });
    const end = environment.now() + lasts;
    for (let interval = grant.interval; environment.now() < end;) {
      await environment.sleep(interval, signal);
      try {
        const polled = await provider.pollDevice(grant, signal);
        if (typeof polled === "object") return polled;
        if (polled === "slow down") interval += SLOWER;
      } catch (thrown) {
        // The network may come back while the person types.
        if (!(thrown instanceof SyncError) || !thrown.retry) throw thrown;
        interval *= 2;
      }
    }
    throw notLoggedIn("the code was not used in time", storage);
  }

  return {
    async token(signal, refused) {
      const kept = await readTokens(tokenFile);
      if (kept === undefined) {
        throw notLoggedIn(`nobody has logged in to ${storage} yet`, storage);
      }
      if (isGood(kept, refused)) return kept.access;
      return await withTokenLock(tokenFile, signal, async () => {
        // Somebody else may have renewed it meanwhile.
        const now = await readTokens(tokenFile) ?? kept;
        if (isGood(now, refused)) return now.access;
        if (now.refresh === undefined) {
          throw notLoggedIn("the token has run out, and there is none to renew it with", storage);
        }
        // Not to be stopped: the provider may have taken the old one back when it answers.
        const next = await provider.refresh(now.refresh, NEVER);
        await writeTokens(tokenFile, next);
        return next.access;
      });
    },

    async authorise(how, talk, signal) {
      const tokens = await (how === "device" ? withDevice : withCode)(talk, signal);
      await withTokenLock(tokenFile, signal, () => writeTokens(tokenFile, tokens));
    },
  };
}
