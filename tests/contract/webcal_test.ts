import { openSinglefile } from "../../adapters/singlefile/mod.ts";
import { openWebcal } from "../../adapters/webcal/mod.ts";
import { withReadOnly } from "../../adapters/with_read_only.ts";
import { etag, type Href } from "../../lib/model/names.ts";
import type { Action, Collection, Storage } from "../../lib/model/storage.ts";
import { serveFeed } from "../support/feed_server.ts";
import { contract } from "./contract.ts";
import { list, never } from "./context.ts";
import { calendarKit } from "./kit.ts";

/** Writes go to single files, and everything is read from the feeds that a web server makes of them. */
function feedsOf(folder: string, origin: string): Storage {
  const files = openSinglefile({
    name: "files",
    path: `${folder}/%s.ics`,
    kind: "calendar",
    read: calendarKit.read,
  });
  const feeds = new Map<Href, Storage>();
  const feedOf = ({ href, id }: Collection): Storage => {
    const known = feeds.get(href);
    if (known !== undefined) return known;
    const url = `${origin}/${encodeURIComponent(href)}`;
    const feed = openWebcal({ name: "feed", url, collectionId: id });
    feeds.set(href, feed);
    return feed;
  };
  const inFeed = async (collection: Collection, signal: AbortSignal): Promise<Collection> => {
    const [only] = await feedOf(collection).collections(signal);
    if (only === undefined) throw new Error("a feed is one collection");
    return only;
  };
  /** The same action with the file's own etag, where the one it names is that of the feed. */
  async function translated(collection: Collection, action: Action): Promise<Action> {
    if (action.kind === "create") return action;
    const theirs = await list(feedOf(collection), await inFeed(collection, never));
    const ours = (await list(files, collection)).etags.get(action.href);
    const meant = theirs.etags.get(action.href) === action.etag;
    return { ...action, etag: (meant ? ours : undefined) ?? etag("none") };
  }
  return {
    ...files,
    async *changes(collection, _cursor, signal) {
      // A feed that is gone stops its storage; that the collection is gone is for the files to say.
      await list(files, collection, undefined, signal);
      const feed = feedOf(collection);
      for await (const part of feed.changes(await inFeed(collection, signal), undefined, signal)) {
        yield part.type === "end" ? { type: "end", mode: part.mode } : part;
      }
    },
    async *fetch(collection, hrefs, options) {
      // What was listed is what is fetched, until it is listed again.
      await list(feedOf(collection), await inFeed(collection, options.signal));
      yield* feedOf(collection).fetch(await inFeed(collection, options.signal), hrefs, options);
    },
    async *apply(collection, actions, signal) {
      const source = async function* (): AsyncGenerator<Action> {
        for await (const action of actions) yield await translated(collection, action);
      };
      for await (const result of files.apply(collection, source(), signal)) {
        if (result.outcome === "done") {
          const { etag: _, ...rest } = result;
          yield rest;
        } else yield result;
      }
    },
    close: async () => {
      for (const feed of feeds.values()) await feed.close();
      feeds.clear();
      await files.close();
    },
  };
}

contract("webcal, as a view of single files", async () => {
  const folder = await Deno.makeTempDir({ prefix: "webcal-contract-" });
  const server = serveFeed(async (request) => {
    try {
      const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
      return new Response(await Deno.readFile(`${folder}/${name}`));
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      return new Response(null, { status: 404 });
    }
  });
  const opened: Storage[] = [];
  const open = () => {
    const storage = feedsOf(folder, server.origin);
    opened.push(storage);
    return storage;
  };
  return {
    storage: open(),
    kit: calendarKit,
    another: () => Promise.resolve(open()),
    readOnly: () => Promise.resolve(withReadOnly(open())),
    dispose: async () => {
      for (const storage of opened) await storage.close();
      await server.close();
      await Deno.remove(folder, { recursive: true });
    },
    many: 500,
    keepsBytes: false,
  };
});
