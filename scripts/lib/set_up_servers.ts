/** The real servers that tests, demo and benchmark run against, from Debian's packages. */

/** A program that must be there, and the packages that bring it. */
export interface Needed {
  readonly program: string;
  readonly packages: readonly string[];
}

export const RADICALE: Needed = {
  program: "radicale",
  packages: ["radicale", "python3-passlib", "python3-bcrypt"],
};
export const XANDIKOS: Needed = { program: "xandikos", packages: ["xandikos"] };
/** Makes fsync cheap for servers whose durability is not what is tested. */
export const EATMYDATA: Needed = { program: "eatmydata", packages: ["eatmydata"] };
/** Makes the certificates that do not fit. */
export const OPENSSL: Needed = { program: "openssl", packages: ["openssl"] };
export const VDIRSYNCER: Needed = { program: "vdirsyncer", packages: ["vdirsyncer"] };

/**
 * Installs what is missing, as root; exits with a message that names the packages where it cannot.
 */
export async function setUpServers(
  needed: readonly Needed[] = [RADICALE, XANDIKOS, EATMYDATA, OPENSSL],
): Promise<void> {
  const missing = [];
  for (const it of needed) if (!await onPath(it.program)) missing.push(it);
  if (missing.length === 0) return;
  const packages = missing.flatMap((it) => it.packages);
  const command = `apt-get install -y ${packages.join(" ")}`;
  if (Deno.uid() !== 0 || !await onPath("apt-get")) {
    console.error(
      `These programs are needed and missing: ${missing.map((it) => it.program).join(", ")}.\n` +
        `On Debian: sudo ${command}`,
    );
    Deno.exit(1);
  }
  console.error(`Installing ${packages.join(" ")} …`);
  await apt("update");
  await apt("install", "-y", "--no-install-recommends", ...packages);
}

async function onPath(program: string): Promise<boolean> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if ((await Deno.stat(`${folder}/${program}`)).isFile) return true;
    } catch (thrown) {
      if (
        !(thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory)
      ) {
        throw thrown;
      }
    }
  }
  return false;
}

async function apt(...args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("apt-get", {
    args: ["-q", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return;
  const decoder = new TextDecoder();
  console.error(decoder.decode(stdout) + decoder.decode(stderr));
  console.error(`apt-get ${args[0]} failed; see above.`);
  Deno.exit(1);
}
