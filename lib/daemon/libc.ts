/**
 * The few calls of the system that Deno has no words for: a descriptor that was handed over by
 * whoever started us cannot be written to or closed otherwise.
 */

const LIBRARIES: Readonly<Partial<Record<typeof Deno.build.os, string>>> = {
  linux: "libc.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
  freebsd: "libc.so.7",
};

const SYMBOLS = {
  fcntl: { parameters: ["i32", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
} as const;

export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Runs with the system's library. Throws where there is none that is known. */
export function withLibc<T>(use: (libc: Libc) => T): T {
  const name = LIBRARIES[Deno.build.os];
  if (name === undefined) throw new Deno.errors.NotSupported(`not on ${Deno.build.os}`);
  const library = Deno.dlopen(name, SYMBOLS);
  try {
    return use(library.symbols);
  } finally {
    library.close();
  }
}
