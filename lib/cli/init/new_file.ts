/** Writes the configuration to a file that was not there. */

import { dirname } from "node:path";

/**
 * Writes the text for this user alone, and makes the folders above it where they lack. Throws
 * `Deno.errors.AlreadyExists` where there is anything of that name, and leaves that as it is.
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    await file.sync();
  } catch (thrown) {
    // Half a configuration is none, and would be in the way of the next attempt.
    await Deno.remove(path);
    throw thrown;
  } finally {
    file.close();
  }
  using parent = await Deno.open(folder);
  await parent.sync();
}
