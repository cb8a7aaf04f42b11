/**
 * The one place that writes to standard output and standard error. It takes lines, which hold
 * nothing unsafe, and JSON; it keeps the live region, if there is one, below what is written.
 */

import { SyncError } from "../../model/error.ts";
import type { Look } from "./look.ts";
import { paint } from "./paint.ts";
import type { Line } from "./text.ts";

/** Writes all of the text. @throws Where nobody reads it any more, or nothing can be written. */
export type Write = (text: string) => void;

export interface Streams {
  readonly out: { readonly look: Look; readonly write: Write };
  readonly err: { readonly look: Look; readonly write: Write };
}

/** What belongs on the lower edge of a terminal: as many lines as it likes, each cut to fit. */
export type Region = (look: Look) => readonly Line[];

export interface ScreenOptions {
  /** Whether standard output is for programs: objects are written there, and lines are not. */
  readonly json: boolean;
}

/** How much text waits at most before it is written. */
const BUFFER = 32 * 1024;

export class Screen {
  readonly #streams: Streams;
  readonly #json: boolean;
  #pending = "";
  #outClosed = false;
  #region: Region | undefined;
  #drawn = 0;

  constructor(streams: Streams, options: ScreenOptions) {
    this.#streams = streams;
    this.#json = options.json;
  }

  /** Whether standard output is for programs. */
  get json(): boolean {
    return this.#json;
  }

  get outLook(): Look {
    return this.#streams.out.look;
  }

  get errLook(): Look {
    return this.#streams.err.look;
  }

  /** Whether whoever read standard output has gone: what is printed there is lost. */
  get outClosed(): boolean {
    return this.#outClosed;
  }

  /** Data: a line of what was asked for. Nothing where standard output is for programs. */
  print(line: Line): void {
    if (!this.#json) this.#out(`${paint(line, this.outLook)}\n`);
  }

  /** Data: one object on a line of its own. Nothing where standard output is for people. */
  object(value: JsonObject): void {
    if (this.#json) this.#out(`${jsonLine(value)}\n`);
  }

  /** Text that is data in itself, such as a script for a shell: it must come from us alone. */
  raw(ours: string): void {
    this.#out(ours);
  }

  /** Talk: a line about what is going on. */
  say(line: Line): void {
    this.flush();
    const drawn = this.#drawn;
    this.#clear();
    this.#err(`${paint(line, this.errLook)}\n`);
    if (drawn > 0) this.#draw();
  }

  /** Shows a live region below everything else; only on a terminal that can do that. */
  show(region: Region): void {
    if (!this.errLook.live || this.#json) return;
    this.flush();
    this.#region = region;
    this.refresh();
  }

  /** Draws the live region anew. */
  refresh(): void {
    if (this.#region === undefined) return;
    this.#clear();
    this.#draw();
  }

  /** Takes the live region away. */
  hide(): void {
    this.#clear();
    this.#region = undefined;
  }

  /** Writes what is waiting. */
  flush(): void {
    const text = this.#pending;
    if (text === "" || this.#outClosed) return;
    this.#pending = "";
    const drawn = this.#drawn;
    this.#clear();
    try {
      this.#streams.out.write(text);
    } catch (thrown) {
      this.#outClosed = true;
      if (!isClosed(thrown)) throw unwritable(thrown);
    }
    if (drawn > 0) this.#draw();
  }

  #out(text: string): void {
    if (this.#outClosed) return;
    this.#pending += text;
    if (this.#pending.length >= BUFFER) this.flush();
  }

  #err(text: string): void {
    try {
      this.#streams.err.write(text);
    } catch (thrown) {
      // There is nowhere left to say that talk cannot be written.
      if (!isClosed(thrown)) throw thrown;
    }
  }

  #draw(): void {
    const region = this.#region;
    if (region === undefined) return;
    const look = this.errLook;
    const lines = region(look);
    if (lines.length === 0) return;
    // A line that reaches the last column would leave the cursor where terminals disagree.
    const narrower = look.width === undefined ? look : { ...look, width: look.width - 1 };
    this.#err(lines.map((line) => `${paint(line, narrower, true)}\n`).join(""));
    this.#drawn = lines.length;
  }

  #clear(): void {
    if (this.#drawn === 0) return;
    this.#err(`\x1b[${this.#drawn}A\r\x1b[J`);
    this.#drawn = 0;
  }
}

/** What can be written as JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** An object with the `type` that says what it is. */
export type JsonObject = { readonly type: string; readonly [key: string]: Json | undefined };

// What JSON allows in a string and a terminal would obey or not show, as in lib/model/text.ts.
const UNSAFE =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** The value on one line. It means the same value, and is safe to show on a terminal as well. */
export function jsonLine(value: JsonObject): string {
  return JSON.stringify(value).replace(UNSAFE, (found) =>
    [...Array(found.length).keys()]
      .map((index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""));
}

/** A full disk, perhaps: no fault of ours, and nothing more can be said there. */
const unwritable = (cause: unknown): SyncError =>
  new SyncError("standard output cannot be written to", { scope: "run", kind: "refused", cause });

function isClosed(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.BrokenPipe ||
    thrown instanceof Deno.errors.BadResource ||
    thrown instanceof Deno.errors.ConnectionReset;
}
