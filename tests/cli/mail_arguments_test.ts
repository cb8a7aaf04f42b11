/** How the arguments of mirror and backup are understood; no mail is touched. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readArguments } from "../../lib/cli/parse.ts";
import { dsyncArguments } from "../../lib/cli/dsync/arguments.ts";
import { destinationOf } from "../../lib/cli/dsync/destination.ts";
import { isDovecotConfig } from "../../lib/cli/dsync/first_location.ts";
import { mailboxNamed } from "../../lib/cli/dsync/mailbox.ts";
import { readSettings } from "../../lib/cli/dsync/settings.ts";
import { storageOf } from "../../lib/cli/dsync/storages.ts";
import { userOfDoveadm, userOfPasswd } from "../../lib/cli/dsync/user.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { expandLocation } from "../../lib/config/expand_location.ts";
import { readLocation } from "../../lib/config/mail_location.ts";
import { runInside, withFolder } from "./inside.ts";

/** What is not as it is without any options. */
function understood(words: string): unknown {
  const reading = readArguments(words.split(" "));
  if (reading.kind === "mistake") return reading.message;
  const usual = {
    config: undefined,
    verbose: 0,
    json: false,
    color: "auto",
    help: false,
    version: false,
    dryRun: false,
    altChar: undefined,
    allowEmpty: false,
    debug: false,
    full: false,
    mailbox: undefined,
    settings: [],
    reverse: false,
    user: undefined,
    location: [],
  };
  const isUsual = ([key, value]: readonly [string, unknown]) =>
    JSON.stringify(value) === JSON.stringify((usual as Record<string, unknown>)[key]);
  return Object.fromEntries(
    Object.entries(reading.invocation).filter((it) => !isUsual(it)),
  );
}

const READ: readonly (readonly [words: string, unknown])[] = [
  ["mirror maildir:x", { command: "mirror", location: ["maildir:x"] }],
  ["backup maildir:x", { command: "backup", location: ["maildir:x"] }],
  ["-v mirror maildir:x", { command: "mirror", verbose: 1, location: ["maildir:x"] }],
  ["mirror -D maildir:x", { command: "mirror", debug: true, location: ["maildir:x"] }],
  ["-f mirror maildir:x", { command: "mirror", full: true, location: ["maildir:x"] }],
  ["-R backup maildir:x", { command: "backup", reverse: true, location: ["maildir:x"] }],
  ["-C - mirror maildir:x", { command: "mirror", altChar: "-", location: ["maildir:x"] }],
  ["-C_ mirror maildir:x", { command: "mirror", altChar: "_", location: ["maildir:x"] }],
  ["-m INBOX mirror maildir:x", { command: "mirror", mailbox: "INBOX", location: ["maildir:x"] }],
  ["-u hugo mirror maildir:x", { command: "mirror", user: "hugo", location: ["maildir:x"] }],
  ["-c /d.conf mirror maildir:x", {
    command: "mirror",
    config: "/d.conf",
    location: ["maildir:x"],
  }],
  ["-n mirror maildir:x", { command: "mirror", dryRun: true, location: ["maildir:x"] }],
  ["mirror maildir:x --json", { command: "mirror", json: true, location: ["maildir:x"] }],
  [
    "-vm INBOX mirror maildir:x",
    { command: "mirror", verbose: 1, mailbox: "INBOX", location: ["maildir:x"] },
  ],
  [
    "-fRvmINBOX backup maildir:x",
    {
      command: "backup",
      full: true,
      reverse: true,
      verbose: 1,
      mailbox: "INBOX",
      location: ["maildir:x"],
    },
  ],
  [
    "-o mail_location=maildir:a -o dsync_alt_char=- mirror maildir:x",
    {
      command: "mirror",
      settings: ["mail_location=maildir:a", "dsync_alt_char=-"],
      location: ["maildir:x"],
    },
  ],
  [
    "mirror maildir:x -o mail_location=maildir:a",
    { command: "mirror", settings: ["mail_location=maildir:a"], location: ["maildir:x"] },
  ],
  // What follows a command belongs to that.
  [
    "-u me mirror ssh -i id_dsa.dovecot mailuser@example.com dsync -u me",
    {
      command: "mirror",
      user: "me",
      location: ["ssh", "-i", "id_dsa.dovecot", "mailuser@example.com", "dsync", "-u", "me"],
    },
  ],
  ["-m mirror mirror maildir:x", {
    command: "mirror",
    mailbox: "mirror",
    location: ["maildir:x"],
  }],
  ["mirror -x maildir:x", 'Unexpected option or argument: "-x".'],
  ["mirror -vx maildir:x", 'Unexpected option or argument: "-x".'],
  ["mirror -m", "-m requires MAILBOX."],
];

for (const [words, wanted] of READ) {
  Deno.test(`dsync's arguments: ${words}`, () => deepStrictEqual(understood(words), wanted));
}

Deno.test("arguments of other commands are not taken for dsync's", () => {
  for (const words of ["sync mirror", "help mirror", "-c mirror sync", "status", ""]) {
    strictEqual(dsyncArguments(words.split(" ")), undefined, words);
  }
});

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return [error.message, ...error.help].join(" ");
    throw error;
  }
  throw new Error("it was taken");
};

Deno.test("a destination is decided in dsync's order: command, location, script, host", () => {
  const of = (...words: readonly string[]) => refusal(() => destinationOf(words));
  match(of("ssh", "mailuser@host", "dsync"), /the command "ssh mailuser@host dsync"/);
  match(of("maildir:x", "y"), /the command "maildir:x y".* written in quotes/);
  match(of("ssh host dsync"), /the command "ssh host dsync"/);
  match(of("/usr/local/bin/far"), /the script "\/usr\/local\/bin\/far".*maildir:\/usr\/local/);
  match(of("host"), /the host "host".*imaps:\/\/host/);
  match(of("username@example.com"), /the host "example.com".*imaps:\/\/username@example.com/);
  for (const words of [["host"], ["a b"], ["/a"], ["a", "b"]]) {
    match(of(...words), /Dovecot's own protocol.*does not speak it yet/);
  }
  match(of(), /There is no LOCATION/);
  match(of(""), /There is no LOCATION/);
  deepStrictEqual(destinationOf(["maildir:~/M"]), {
    driver: "maildir",
    path: "~/M",
    layout: "maildir++",
    ignored: [],
  });
});

const LOCATIONS: readonly (readonly [text: string, unknown])[] = [
  ["maildir:~/Maildir:LAYOUT=fs", { driver: "maildir", path: "~/Maildir", layout: "fs" }],
  ["maildir:/m:LAYOUT=Maildir++", { driver: "maildir", path: "/m", layout: "maildir++" }],
  [
    "maildir:/m:INBOX=/i:CONTROL=/c:INDEX=/x",
    {
      driver: "maildir",
      path: "/m",
      layout: "maildir++",
      inbox: "/i",
      control: "/c",
      index: "/x",
    },
  ],
  ["maildir:/m:INDEX=MEMORY", { driver: "maildir", path: "/m", layout: "maildir++" }],
  ["maildir:/a::b", { driver: "maildir", path: "/a:b", layout: "maildir++" }],
  [
    "maildir:/m:VOLATILEDIR=/v:NO-NOSELECT",
    { driver: "maildir", path: "/m", layout: "maildir++", ignored: ["VOLATILEDIR", "NO-NOSELECT"] },
  ],
  ["mbox:~/mail:INBOX=/var/mail/%u", { driver: "mbox", path: "~/mail", inbox: "/var/mail/%u" }],
  ["imaps://hugo@example.com", { driver: "imap", url: "imaps://example.com", username: "hugo" }],
  ["imap://example.com:1143/", { driver: "imap", url: "imap://example.com:1143" }],
  ["storage:work", { driver: "storage", name: "work" }],
  ["maildir:", "there is no path behind maildir:"],
  ["maildir:/m:DIRNAME=x", 'a location with "DIRNAME" is not understood'],
  ["maildir:/m:UTF-8", 'a location with "UTF-8" is not understood'],
  ["maildir:/m:LAYOUT=index", 'the layout "index" is not supported'],
  ["maildir:/m:INBOX", '"INBOX" needs a value'],
  ["mbox:/m:CONTROL=/c", 'a location with "CONTROL" is not understood'],
  ["mbox:/m:LAYOUT=maildir++", 'the layout "maildir++" of mbox is not supported'],
  ["mdbox:~/mdbox", "mdbox: can be read by Dovecot alone, and this version does not ask it yet"],
  ["sdbox:~/sdbox", "sdbox: can be read by Dovecot alone, and this version does not ask it yet"],
  ["imapc:", "imapc: can be read by Dovecot alone, and this version does not ask it yet"],
  ["pop3c:", "pop3c: can be read by Dovecot alone, and this version does not ask it yet"],
  ["imaps://u:secret@h", "a password does not belong into a location, which others can see"],
  ["imaps://h/INBOX", "the URL of an IMAP server ends behind its host"],
  ["nntp:x", 'mail of the kind "nntp:" is not known'],
  ["~/Maildir", '"~/Maildir" does not say what kind of mail it is'],
];

for (const [text, wanted] of LOCATIONS) {
  Deno.test(`the location ${text}`, () => {
    const read = readLocation(text);
    if ("problem" in read) return strictEqual(read.problem, wanted);
    const { ignored, ...rest } = { ignored: [], ...read };
    deepStrictEqual(ignored.length === 0 ? rest : { ...rest, ignored }, wanted);
  });
}

Deno.test("~ and Dovecot's variables are replaced in the paths of a location", () => {
  const owner = { home: "/home/h", user: "Ada@Example.com" };
  const path = (text: string) => {
    const location = readLocation(`maildir:${text}`);
    if ("problem" in location) return location.problem;
    const expanded = expandLocation(location, owner, "/here");
    return "problem" in expanded ? expanded.problem : "path" in expanded && expanded.path;
  };
  strictEqual(path("~/Maildir"), "/home/h/Maildir");
  strictEqual(path("~"), "/home/h");
  strictEqual(path("Maildir"), "/here/Maildir");
  strictEqual(path("%h/m"), "/home/h/m");
  strictEqual(path("/m/%u"), "/m/Ada@Example.com");
  strictEqual(path("/m/%Lu"), "/m/ada@example.com");
  strictEqual(path("/m/%d/%n"), "/m/Example.com/Ada");
  strictEqual(path("/m/%{domain}/%{username}/%{user}"), "/m/Example.com/Ada/Ada@Example.com");
  strictEqual(path("/100%%"), "/100%");
  strictEqual(path("/m/%s"), '"%s" is not known here');
  strictEqual(path("~hugo/m"), 'only "~/" is replaced');
});

Deno.test("settings are read, the last of each, and no password is taken", () => {
  deepStrictEqual(
    readSettings(["mail_location=maildir:a", "mail_location=maildir:b=c", "mail_debug=yes"]),
    { mailLocation: "maildir:b=c", ignored: ["mail_debug"] },
  );
  // As Dovecot 2.4 writes them.
  deepStrictEqual(readSettings(["mail_driver=mbox", "mail_path=~/mail"]), {
    mailLocation: "mbox:~/mail",
    ignored: [],
  });
  match(refusal(() => readSettings(["imapc_password=hunter2"])), /can be seen by everybody/);
  ok(!refusal(() => readSettings(["imapc_password=hunter2"])).includes("hunter2"));
  match(refusal(() => readSettings(["namespace/x/location=a"])), /namespaces are not supported/);
  match(refusal(() => readSettings(["mail_location"])), /-o takes SETTING=VALUE/);
});

Deno.test("an IMAP server's password comes from a command or is asked for, and is no argument", () => {
  const input = {
    text: "imaps://hugo@example.com",
    what: "LOCATION",
    owner: {},
    config: undefined,
    altChar: undefined,
  };
  const password = (passwordCommand: string | undefined) => {
    const location = readLocation(input.text);
    if ("problem" in location) throw new Error(location.problem);
    const storage = storageOf({ ...input, location, passwordCommand });
    return storage.type === "imap" && storage.auth?.method === "basic"
      ? storage.auth.password
      : undefined;
  };
  strictEqual(password("pass show mail")?.kind, "shell");
  const asked = password(undefined);
  strictEqual(asked?.kind === "prompt" && asked.text, "Password of hugo at example.com");
});

Deno.test("a mailbox is named with the first location's separators", () => {
  const input = { text: "", what: "", owner: {}, config: undefined, altChar: undefined };
  const named = (name: string, text: string) => {
    const location = readLocation(text);
    if ("problem" in location) throw new Error(location.problem);
    return mailboxNamed(name, storageOf({ ...input, location, passwordCommand: undefined }));
  };
  strictEqual(named("Lists.deno", "maildir:/m"), "Lists/deno");
  strictEqual(named("Lists/deno", "maildir:/m"), "Lists/deno");
  strictEqual(named("Lists/v1.2", "maildir:/m:LAYOUT=fs"), "Lists/v1.2");
  strictEqual(named("v1.2", "mbox:/m"), "v1.2");
  strictEqual(named("inbox", "maildir:/m"), "INBOX");
});

Deno.test("users are read from passwd and from doveadm", () => {
  deepStrictEqual(
    userOfPasswd("hugo", "x:x:1:1::/x:/sh\nhugo:x:1000:100:Hugo:/home/hugo:/bin/sh\n"),
    {
      name: "hugo",
      uid: 1000,
      gid: 100,
      home: "/home/hugo",
    },
  );
  strictEqual(userOfPasswd("hug", "hugo:x:1000:100:Hugo:/home/hugo:/bin/sh\n"), undefined);
  const told = "field\tvalue\nuid\t5000\ngid\t5000\nhome\t/vmail/ada\nmail\tmaildir:~/Maildir\n";
  deepStrictEqual(userOfDoveadm("ada@example.com", told), {
    name: "ada@example.com",
    uid: 5000,
    gid: 5000,
    home: "/vmail/ada",
    mailLocation: "maildir:~/Maildir",
  });
  strictEqual(userOfDoveadm("ada", "userdb lookup: user ada doesn't exist\n"), undefined);
});

Deno.test("Dovecot's configuration is told from ours", () => {
  for (
    const text of [
      "# a\n\nmail_location = maildir:~/Maildir\n",
      "!include conf.d/*.conf\n",
      "protocols=imap",
      "namespace inbox {\n}\n",
    ]
  ) strictEqual(isDovecotConfig(text), true, text);
  for (const text of ["", "mail_location maildir:~/Maildir\n", "storage a {\n}\n", "pair x {"]) {
    strictEqual(isDovecotConfig(text), false, text);
  }
});

/** What a command line ends with, and the first thing that it says. */
async function said(
  args: readonly string[],
  options: { readonly calledAs?: "dsync"; readonly home?: string } = {},
): Promise<readonly [number, string]> {
  const { home = "/nowhere", ...rest } = options;
  const { code, err } = await runInside(args, { ...rest, env: { HOME: home, USER: "hugo" } });
  return [code, (err.split("\n")[0] ?? "").replace(/^error: /, "")];
}

Deno.test("hosts, commands, scripts and formats of Dovecot's are refused with 3, by either name", async () => {
  for (const calledAs of ["dsync", undefined] as const) {
    const options = calledAs === undefined ? {} : { calledAs };
    for (
      const words of [
        ["-u", "username", "mirror", "username@example.com"],
        ["mirror", "ssh", "-i", "id_dsa.dovecot", "mailuser@example.com", "dsync", "-u", "me"],
        ["backup", "/usr/local/bin/far-dsync"],
        ["mirror", "mdbox:~/mdbox"],
        ["mirror"],
        ["mirror", "-C", "ab", "-o", "mail_location=maildir:/a", "maildir:/b"],
        ["mirror", "-o", "imapc_password=x", "maildir:/b"],
        ["mirror", "-o", "mail_location=maildir:/a", "maildir:/a/./"],
        ["mirror", "-u", "nobody-of-this-name", "maildir:/a"],
        ["mirror", "-c", "/nowhere/d.conf", "maildir:/a"],
        ["mirror", "-o", "mail_location=maildir:/a", "storage:work"],
      ]
    ) {
      const [code, message] = await said(words, options);
      strictEqual(code, 3, `${words.join(" ")}: ${message}`);
      ok(message.length > 20, message);
    }
  }
});

Deno.test("called dsync, it knows dsync's two commands and no others", async () => {
  for (const args of [[], ["sync"], ["status"], ["-v"]]) {
    deepStrictEqual(await said(args, { calledAs: "dsync" }), [
      3,
      "dsync needs a command: mirror LOCATION, or backup LOCATION.",
    ]);
  }
  for (const args of [["mirror", "--help"], ["--help"], ["-h"]]) {
    const { code, out } = await runInside(args, { calledAs: "dsync" });
    strictEqual(code, 0);
    match(out, /^dovetail mirror/);
  }
});

const BINARY = Deno.env.get("DOVETAIL_BIN");

Deno.test({
  name: "the executable knows by which name it was started",
  ignore: BINARY === undefined,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.symlink(await Deno.realPath(BINARY ?? ""), `${folder}/dsync`);
      for (const [program, path] of [[`${folder}/dsync`, "/"], ["dsync", folder]] as const) {
        const { code, stderr } = await new Deno.Command(program, {
          args: ["sync"],
          clearEnv: true,
          env: { HOME: folder, PATH: path },
          stdout: "null",
          stderr: "piped",
        }).output();
        strictEqual(code, 3);
        match(new TextDecoder().decode(stderr), /dsync needs a command/);
      }
    }),
});

Deno.test("where nobody says where the mail is, that is said with what to do", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/dovecot.conf`, "mail_location =\n");
    const [code, message] = await said(["mirror", "-c", `${folder}/dovecot.conf`, "maildir:/b"], {
      home: folder,
    });
    strictEqual(code, 3);
    match(message, /It is not known where your mail is; .*dovecot.conf does not say it/);
  }));

Deno.test("what is wrong with a password of the command line names no line of a file", () =>
  withFolder(async (home) => {
    await Deno.mkdir(`${home}/Maildir/cur`, { recursive: true });
    const first = ["-o", `mail_location=maildir:${home}/Maildir`];
    for (
      const [settings, wanted] of [
        [["-o", "imap_password_cmd=exit 7"], /^error: the password of .* ended with status 7\n$/],
        [[], /^error: .* is asked for on a terminal, and there is none\nhelp: .*\n$/],
      ] as const
    ) {
      const args = ["mirror", ...first, ...settings, "imaps://hugo@example.invalid"];
      const { code, err } = await runInside(args, { env: { HOME: home } });
      strictEqual(code, 3);
      match(err, wanted);
    }
  }));
