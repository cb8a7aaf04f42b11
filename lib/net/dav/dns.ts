/** Finding a server by its domain: SRV and TXT records (RFC 6764, RFC 2782). */

/** An SRV record. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** Looks names up. A name without such records gives none; whatever else happens throws. */
export interface DnsResolver {
  srv(name: string, signal: AbortSignal): Promise<readonly SrvRecord[]>;
  txt(name: string, signal: AbortSignal): Promise<readonly string[]>;
}

async function orNone<Value>(lookup: Promise<Value[]>): Promise<Value[]> {
  try {
    return await lookup;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
}

/** A resolver that asks this machine's name servers, or the one that is named. */
export function dnsResolver(
  nameServer?: { readonly ipAddr: string; readonly port: number },
): DnsResolver {
  const options = nameServer === undefined ? {} : { nameServer };
  return {
    srv: (name, signal) => orNone(Deno.resolveDns(name, "SRV", { ...options, signal })),
    async txt(name, signal) {
      const records = await orNone(Deno.resolveDns(name, "TXT", { ...options, signal }));
      // The strings of one record are one text that was too long for one string.
      return records.map((strings) => strings.join(""));
    },
  };
}

/**
 * The order in which the records are to be tried: by priority, and among equals by chance, so that
 * one of twice the weight comes first twice as often (RFC 2782).
 */
export function srvOrder(
  records: readonly SrvRecord[],
  random: () => number,
): readonly SrvRecord[] {
  const left = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight);
  const order: SrvRecord[] = [];
  while (left.length > 0) {
    const priority = left[0]?.priority;
    const equals = left.filter((record) => record.priority === priority);
    const total = equals.reduce((sum, { weight }) => sum + weight, 0);
    let draw = random() * total;
    const chosen = equals.find(({ weight }) => (draw -= weight) <= 0) ?? equals.at(-1);
    if (chosen === undefined) break;
    left.splice(left.indexOf(chosen), 1);
    order.push(chosen);
  }
  return order;
}

/** Whether these records say that the domain has no such service (RFC 2782: a target of "."). */
export function saysNone(records: readonly SrvRecord[]): boolean {
  return records.length === 1 && (records[0]?.target === "." || records[0]?.target === "");
}

/** The context path that TXT records name with `path=`, if one does (RFC 6764 section 4). */
export function pathIn(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const match = /^path=(\/.{0,1000})$/i.exec(text.trim());
    if (match !== null) return match[1];
  }
  return undefined;
}
