/**
 * A process of its own for the tests: it opens a status and does as it is told, and tells what has
 * resolved, a line for each. It is killed at some moment, or closes the status at the end.
 */

import { collectionId, pairName } from "../../../lib/model/names.ts";
import { openStatus } from "../../../lib/status/mod.ts";
import { bytes, intent, item, KEY, set } from "./harness.ts";

const [directory = "", task = "", argument = ""] = Deno.args;
const encoder = new TextEncoder();
const say = (line: string) => Deno.stdout.writeSync(encoder.encode(`${line}\n`));

/** Settles one item after the other, many at a time, for as long as it lives. */
async function settleForEver(): Promise<void> {
  const status = await openStatus({
    directory,
    pair: pairName("calendars"),
    mode: "read-write",
    now: () => new Date(),
    version: "0.0.1",
  });
  say("open");
  const collection = status.collection(KEY);
  const other = status.collection({ ...KEY, id: collectionId("other") });
  const first = await collection.nextIntent();
  for (let id = first;; id += 8) {
    const words = Array.from({ length: 8 }, (_, at) => [id + at, `${argument}${id + at}`] as const);
    await collection.begin(words.map(([at, word]) => intent(at, word)));
    for (const [at] of words) say(`begun ${at}`);
    const settled = words.map(async ([at, word]) => {
      await collection.settle([{ ...set(item(word), { a: bytes(word) }), intent: at }]);
      say(`settled ${at}`);
    });
    await Promise.all([...settled, other.settle([set(item(`other${id}`))])]);
    await collection.conclude({ a: { observations: [] }, b: { observations: [] } });
  }
}

/** Holds the lock for so many milliseconds, if it can be had. */
async function hold(milliseconds: number): Promise<void> {
  try {
    const status = await openStatus({
      directory,
      pair: pairName("calendars"),
      mode: "read-write",
      now: () => new Date(),
      version: "0.0.1",
    });
    say(`held from ${Date.now()}`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    say(`held to ${Date.now()}`);
    await status.close();
  } catch (error) {
    say(`refused ${Reflect.get(Object(error), "kind")} ${error}`);
  }
}

if (task === "settle") await settleForEver();
else await hold(Number(argument));
