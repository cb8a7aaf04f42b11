/**
 * One wait for the disk for any number of files: Deno has no word for syncfs(2), so that the
 * system's library is asked.
 */

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // It waits for the disk, and others have things to do meanwhile.
  syncfs: { parameters: ["i32"], result: "i32", nonblocking: true },
} as const;

/** O_RDONLY and O_CLOEXEC, which are the same on every machine that Linux and Deno run on. */
const READ_ONLY = 0o2000000;

let library: Deno.DynamicLibrary<typeof SYMBOLS> | "none" | undefined;

/**
 * Waits until all that was written to the file system that `folder` lies on is on the disk. False
 * where that cannot be done here, or where it failed: then each file is to be synced by itself,
 * which also tells what is wrong. Before Linux 5.8 syncfs(2) does not report every fault.
 */
export async function syncFileSystem(folder: string): Promise<boolean> {
  library ??= loaded();
  if (library === "none") return false;
  const { open, close, syncfs } = library.symbols;
  const fd = open(new TextEncoder().encode(`${folder}\0`), READ_ONLY);
  if (fd < 0) return false;
  try {
    return await syncfs(fd) === 0;
  } finally {
    close(fd);
  }
}

function loaded(): Deno.DynamicLibrary<typeof SYMBOLS> | "none" {
  if (Deno.build.os !== "linux") return "none";
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS);
  } catch {
    // Another libc than GNU's, or no permission to call it: fsync does as well, only slower.
    return "none";
  }
}
