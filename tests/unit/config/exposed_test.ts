import assert from "node:assert/strict";
import { exposedSecrets } from "../../../lib/config/exposed.ts";
import { load } from "./support.ts";

const TEXT = `auth shared {
  username u
  password x
}
storage a {
  type caldav
  url https://dav.example.com/
  auth shared
}
storage b {
  type caldav
  url https://dav.example.com/
  auth shared
}
storage c {
  type caldav
  url https://u:y@dav.example.com/
}
storage d {
  type caldav
  url https://dav.example.com/
  username u
  password {
    cmd pass show
  }
}
storage e {
  type carddav
  url https://dav.example.com/
  token z
}
storage f {
  type webcal
  url https://example.com/feed.ics?key=w
  collection_id feed
}
storage g {
  type webcal
  url https://example.com/feed.ics
  collection_id feed
}
`;

Deno.test("secrets in a file that others can read are warned of, each once and none by its value", async () => {
  const { config } = await load(TEXT);
  const exposed = async (mode: number | undefined) =>
    (await exposedSecrets(config, () => Promise.resolve(mode)))
      .map(({ at, message }) => `${at?.line}: ${message.split(", ").at(-1)}`);
  const all = [
    '3: and in it the password of the storage "a"',
    '17: and in it the password of the storage "c"',
    '30: and in it the token of the storage "e"',
    '34: and in it the URL of the storage "f"',
  ];
  assert.deepEqual(await exposed(0o100644), all);
  assert.deepEqual(await exposed(0o100640), all);
  assert.deepEqual(await exposed(0o100600), []);
  assert.deepEqual(await exposed(0o100711), []);
  assert.deepEqual(await exposed(undefined), []);
});

Deno.test("the mode is that of the file itself", async () => {
  const file = await Deno.makeTempFile();
  try {
    const { config } = await load(TEXT);
    await Deno.chmod(file, 0o604);
    assert.equal((await exposedSecrets({ ...config, file })).length, 4);
    await Deno.chmod(file, 0o600);
    assert.deepEqual(await exposedSecrets({ ...config, file }), []);
  } finally {
    await Deno.remove(file);
  }
});
