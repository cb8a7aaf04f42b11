import assert from "node:assert/strict";
import fc from "fast-check";
import { concealWord, isSecretName, secretFrom } from "../../../lib/config/conceal.ts";
import { ConfigError } from "../../../lib/config/problem.ts";
import { plainText, renderError, renderProblems } from "../../../lib/config/report.ts";
import { complaints, load, parse, said } from "./support.ts";

/** Stands for a password; the tests look for any piece of it that would be enough to notice. */
const CANARY = "hunter2Kanarie";

Deno.test("isSecretName() knows a password's directive however it is mistyped", () => {
  const secret =
    "password Password pasword passwrod psswd passwd pass pw pwd pswd passord passphrase " +
    "client_secret api_token password_command credentials";
  for (const name of secret.split(" ")) assert.ok(isSecretName(name), name);
  const plain =
    "url username path type fileext storage pair insecure timeout connections collections " +
    "collection on_empty status_path read_only storage_a cmd shell user_agent tls_root auth " +
    "token_file token_url";
  for (const name of plain.split(" ")) assert.ok(!isSecretName(name), name);
});

Deno.test("secretFrom() leaves a command its program, and a secret nothing", () => {
  const cases: readonly (readonly [words: string, inSecret: boolean, shown: number])[] = [
    ["url https://x", false, 2],
    ["password x y", false, 1],
    ["url https://x password y", false, 3],
    ["cmd pass show x", true, 2],
    ["cmd pass show x", false, 2],
    ["cmd", true, 1],
    ["shell pass show x", true, 1],
    ["shel pass show x", true, 1],
    ["cdm pass show x", true, 1],
    ["path /x", true, 1],
    ["hunter2", true, 0],
    ["colectons all", false, 2],
    ["hook notify x", false, 2],
    ["post_hook notify x", false, 2],
    ["filter write cmd strip x", false, 4],
    ["conflict_resolution cmd merge x", false, 3],
    ["conflict_resolution keep a", false, 3],
    ["token_url https://x", false, 2],
    ["token x", false, 1],
    ["pa ssword x", false, 1],
    ["pas sword x", false, 1],
  ];
  for (const [words, inSecret, shown] of cases) {
    assert.equal(secretFrom(words.split(" "), inSecret), shown, words);
  }
});

Deno.test("concealWord() hides what an URL carries, and nothing of a plain one", () => {
  const cases: readonly (readonly [text: string, shown: string | undefined])[] = [
    ["https://dav.example.com/cal/", undefined],
    ["https://dav.example.com:5232/hugo@example.com/", undefined],
    ["https://u@x/", "https://[redacted]@x/"],
    ["https://u:p@x/y", "https://[redacted]@x/y"],
    ["https://u:p@q@x/y", "https://[redacted]@x/y"],
    ["https://u:p/q@x/y", "https://[redacted]@x/y"],
    ["https://u:p?q@x/y", "https://[redacted]?[redacted]"],
    ["https://u:p#q@x/y", "https://[redacted]?[redacted]"],
    ["https://x/feed.ics?key=1", "https://x/feed.ics?[redacted]"],
    ["https://x/#y", "https://x/?[redacted]"],
    ["://u:p@x", "://[redacted]@x"],
    ["unix:///run/x", undefined],
    ["hugo@example.com", undefined],
  ];
  for (const [text, shown] of cases) assert.equal(concealWord(text, false), shown, text);
});

Deno.test("concealWord() hides a password that is written as in another language", () => {
  const cases: readonly (readonly [text: string, shown: string | undefined])[] = [
    ["password", undefined],
    ["password=x", "password=[redacted]"],
    ["password:x", "password:[redacted]"],
    ["password x", "password [redacted]"],
    ["passwordxyz", "pass[redacted]"],
    ["asswordxyzz", "assword[redacted]"],
    ["url=https://x/", "url=[redacted]"],
    ["größe", undefined],
  ];
  for (const [text, shown] of cases) assert.equal(concealWord(text, true), shown, text);
});

/** Every way to print what has to do with a text. */
async function printed(text: string, file: string): Promise<string> {
  const syntax = file.endsWith(".toml") ? "toml" : "scfg";
  const shown = [await said(text, file), ...await complaints(text, file)];
  const { parsed } = parse(text, syntax);
  shown.push(Deno.inspect(parsed, { depth: 20 }), JSON.stringify(parsed));
  try {
    const { config, warnings, source } = await load(text, file);
    // The arguments of commands are part of the configuration, so it is not printed with any.
    if (!/cmd|shell/.test(text)) {
      shown.push(Deno.inspect(config, { depth: 20 }), JSON.stringify([...config.storages]));
    }
    shown.push(plainText(renderProblems(warnings, source)));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    shown.push(String(error), Deno.inspect(error, { depth: 20 }), plainText(renderError(error)));
    shown.push(JSON.stringify(error));
  }
  return shown.join("\n");
}

async function assertHidden(text: string, file: string): Promise<void> {
  const all = await printed(text, file);
  const at = all.indexOf(CANARY);
  assert.equal(at, -1, `${text}\n---\n${all.slice(Math.max(0, at - 200), at + 50)}`);
}

const STORAGE = (lines: string) =>
  `storage s {\n  type caldav\n  url https://dav.example.com/\n${lines}\n}\n`;

/** Lines with the password in them, right and wrong in every way that came to mind. */
const LINES: readonly string[] = [
  `password ${CANARY}`,
  `token ${CANARY}`,
  `tokn ${CANARY}`,
  `password {\n  prompt ${CANARY}\n  cmd x\n}`,
  `auth_method oauth2 {\n  client_secret ${CANARY}\n}`,
  `auth_method oauth2 {\n  client_secrt ${CANARY}\n}`,
  `auth_method oauth2 {\n  client_secret {\n    cmd echo ${CANARY}\n    shell x\n  }\n}`,
  `auth_method basic {\n  password ${CANARY}\n}`,
  `post_hook curl ${CANARY}`,
  `filter cmd strip ${CANARY}\nfilter cmdd strip`,
  `password "${CANARY}"`,
  `password '${CANARY}'`,
  `password "${CANARY}`,
  `password '${CANARY}`,
  `password ${CANARY} ${CANARY}`,
  `password x ${CANARY}`,
  `password ${CANARY} # ${CANARY}`,
  `password # ${CANARY}`,
  `password = ${CANARY}`,
  `password=${CANARY}`,
  `password = "${CANARY}"`,
  `password: ${CANARY}`,
  `password:${CANARY}`,
  `"password ${CANARY}"`,
  `"password" "${CANARY}"`,
  `"password ${CANARY}`,
  `password"${CANARY}"`,
  `password${CANARY}`,
  `password\n${CANARY}`,
  `password\n  ${CANARY} x {\n}`,
  `password {\n  ${CANARY}\n}`,
  `password {\n  cmd echo ${CANARY}\n  cmd echo ${CANARY}\n}`,
  `password {\n  cmd echo ${CANARY}\n  shell echo ${CANARY}\n}`,
  `password {\n  cmdd echo ${CANARY}\n}`,
  `password {\n  shell echo ${CANARY} {\n}\n}`,
  `password {\n  shel ${CANARY}\n}`,
  `password {\n  cmd echo "${CANARY}\n}`,
  `password { ${CANARY} }`,
  `password {\n  x y {\n    path ${CANARY}\n  }\n}`,
  `shell echo ${CANARY}`,
  `cmd echo ${CANARY}`,
  `password {${CANARY}}`,
  `password } ${CANARY}`,
  `password cmd echo ${CANARY}`,
  `password ${CANARY} {\n}`,
  `password ${CANARY}{`,
  `password it's${CANARY}`,
  `password ${CANARY}"x`,
  `password a\\${CANARY}\\`,
  `password "\\${CANARY}"\u0007`,
  `password ${CANARY}\npassword ${CANARY}`,
  `Password ${CANARY}`,
  `PASSWORD ${CANARY}`,
  `pasword ${CANARY}`,
  `passwd ${CANARY}`,
  `pw ${CANARY}`,
  `secret ${CANARY}`,
  `username x password ${CANARY}`,
  `url https://u:${CANARY}@dav.example.com/`,
  `url http://u:${CANARY}@dav.example.com/`,
  `url https://u:a/${CANARY}@dav.example.com/`,
  `url https://u:a@${CANARY}@dav.example.com:port/`,
  `url https://dav.example.com/?key=${CANARY}`,
  `url ftp://u:${CANARY}@dav.example.com/`,
  `url https://u:${CANARY}@dav.example.com/ x`,
  `url "https://u:${CANARY}@dav.example.com/`,
  `url {\n  cmd echo https://u:${CANARY}@x\n  x ${CANARY}\n}`,
  `uri https://u:${CANARY}@dav.example.com/`,
  `interval https://u:${CANARY}@dav.example.com/`,
];

for (const [index, lines] of LINES.entries()) {
  Deno.test(`no error shows the password of ${JSON.stringify(lines)}`, async () => {
    await assertHidden(STORAGE(lines), "/etc/d.conf");
    await assertHidden(lines, "/etc/d.conf");
    await assertHidden(`${lines}\r\n`.replaceAll("\n", "\r\n"), `/etc/${index}.conf`);
    // Not vdir's at all, and the type unknown.
    await assertHidden(STORAGE(lines).replace("caldav", "vdir/icalendar"), "/etc/d.conf");
    await assertHidden(STORAGE(lines).replace("caldav", "imap"), "/etc/d.conf");
  });
}

const TOML: readonly string[] = [
  `password = "${CANARY}"`,
  `password = '${CANARY}'`,
  `password = """\n${CANARY}\nx"""`,
  `password = "${CANARY}`,
  `password = ${CANARY}`,
  `password ${CANARY}`,
  `password: "${CANARY}"`,
  `password = "${CANARY}" x`,
  `password = ["${CANARY}"]`,
  `password = ["x", "${CANARY}", ["${CANARY}"]]`,
  `password = { cmd = ["echo", "${CANARY}"], shell = "${CANARY}" }`,
  `password = { cmdd = ["echo", "${CANARY}"] }`,
  `password = { shel = "${CANARY}" }`,
  `password = { x = ["${CANARY}", 1979-05-27, {}] }`,
  `password = "x"\npassword = "${CANARY}"`,
  `pasword = "${CANARY}"`,
  `passwd.x.y = "${CANARY}"`,
  `x = 1 # password ${CANARY}`,
  `x = "password ${CANARY}"`,
  `url = "https://u:${CANARY}@x/" y`,
  `url = https://u:${CANARY}@x/`,
  `url = "http://u:${CANARY}@example.com/"`,
  `url = { shell = "${CANARY}", x = "${CANARY}" }`,
  `"password ${CANARY}" = 1`,
  `"password${CANARY}" = 1`,
  `password${CANARY} = 1`,
  `timeout = """\npassword = ${CANARY}\n""" x`,
];

for (const lines of TOML) {
  Deno.test(`no error shows the password of ${JSON.stringify(lines)} in TOML`, async () => {
    const storage = '[storage.s]\ntype = "caldav"\n';
    await assertHidden(`${storage}${lines}\n`, "/etc/d.toml");
    await assertHidden(`${storage}url = "https://x/"\n${lines}\n[pair.x]\n`, "/etc/d.toml");
    await assertHidden(`${storage}${lines}\ninterval = 3\n`, "/etc/d.toml");
    await assertHidden(`${lines}\n`, "/etc/d.toml");
    await assertHidden(`[[storage]]\n${lines}\n`, "/etc/d.toml");
  });
}

const SCFG_FILE = `# a file
storage s {
  type caldav
  url https://dav.example.com/
  username hugo
  password ${CANARY}
}
pair p {
  storage_a s
}
`;

const TOML_FILE = `# a file
[storage.s]
type = "caldav"
url = "https://dav.example.com/"
username = "hugo"
password = "${CANARY}"

[pair.p]
storage_a = "s"
`;

/** One slip of the finger: something put in, left out or replaced. */
const slip = fc.record({
  at: fc.nat({ max: 400 }),
  without: fc.nat({ max: 2 }),
  with: fc.constantFrom(
    "",
    " ",
    "\n",
    "{",
    "}",
    '"',
    "'",
    "\\",
    "#",
    "=",
    ".",
    "x",
    "\t",
    "\u0000",
    "é",
  ),
});

for (const [file, text] of [["/etc/d.conf", SCFG_FILE], ["/etc/d.toml", TOML_FILE]] as const) {
  Deno.test(`no slip of the finger makes an error show the password of ${file}`, async () => {
    await fc.assert(
      fc.asyncProperty(slip, async ({ at, without, with: added }) => {
        const place = at % text.length;
        const slipped = text.slice(0, place) + added + text.slice(place + without);
        fc.pre(slipped.includes(CANARY));
        await assertHidden(slipped, file);
      }),
      { numRuns: 400 },
    );
  });
}
