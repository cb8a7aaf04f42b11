/** Opens a connection that may be worked with: greeted, secured, and logged in. */

import { cancelled, SyncError } from "../../model/error.ts";
import { type Connection, connectionOver } from "./connection.ts";
import { dial, type DialOptions } from "./dial.ts";
import { type Credentials, login } from "./login.ts";
import { labelOf, portOf } from "./place.ts";
import { textOf } from "./value.ts";

export interface OpenOptions extends DialOptions {
  readonly credentials?: Credentials | undefined;
  /** The longest time without any answer while one is awaited, in milliseconds. */
  readonly timeout: number;
  /** Capabilities that are not used although the server says it has them. */
  readonly without?: ReadonlySet<string> | undefined;
}

/** Throws `unreachable`, `forbidden` or `unauthorised`, with the reason. */
export async function openConnection(
  options: OpenOptions,
  outer: AbortSignal,
): Promise<Connection> {
  const { place, timeout, without } = options;
  const server = labelOf(place);
  const late = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([outer, late]);
  const dialled = await dial(options, signal).catch((thrown) => {
    throw !outer.aborted && late.aborted ? tooSlow(server, timeout) : thrown;
  });
  const connection = connectionOver(dialled.wire, dialled.reader, { server, timeout });
  try {
    const { code, status } = dialled.greeting;
    if (!dialled.upgraded && code?.name === "CAPABILITY") {
      connection.capabilities = new Set(
        code.values.flatMap((it) => textOf(it)?.toUpperCase() ?? []),
      );
    }
    if (connection.capabilities.size === 0) await askCapabilities(connection, outer);
    if (status !== "PREAUTH") {
      const before = connection.capabilities;
      const where = place.kind === "host"
        ? { host: place.host, port: portOf(place) }
        : { host: "localhost", port: 143 };
      await login(connection, options.credentials, where, outer);
      // They change with the login; most servers say so with its answer.
      if (connection.capabilities === before) await askCapabilities(connection, outer);
    }
    if (without !== undefined) {
      connection.capabilities = new Set(
        [...connection.capabilities].filter((it) => !without.has(it)),
      );
    }
    return connection;
  } catch (thrown) {
    connection.destroy();
    await dialled.wire.ended();
    throw outer.aborted ? cancelled(outer.reason) : thrown;
  }
}

const askCapabilities = (connection: Connection, signal: AbortSignal) =>
  connection.run(["CAPABILITY"], { doing: "to say what it can do", signal });

function tooSlow(server: string, timeout: number): SyncError {
  return new SyncError(`${server} did not answer for ${Math.round(timeout / 1_000)} seconds`, {
    scope: "storage",
    kind: "unreachable",
    retry: true,
    hint: "It is down or busy. A larger timeout may help.",
  });
}
