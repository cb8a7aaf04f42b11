import { deepEqual, equal } from "node:assert/strict";
import { card, clashes, merged } from "./kit.ts";

const FN = "FN:Ann Example";
const BASE = card(FN, "TEL;TYPE=home:111", "EMAIL:ann@example.com");

function both(texts: Parameters<typeof merged>[0], expected: string): void {
  deepEqual(merged(texts), { a: expected, b: expected });
}

Deno.test("a photo that the server destroyed stays when the card is edited there", () => {
  const base = card(FN, "PHOTO:data:image/jpeg;base64,AAAA", "TEL:111");
  const baseB = card(FN, "PHOTO:data:image/jpeg\\;base64", "TEL:111");
  const b = card("FN:Ann Other", "PHOTO:data:image/jpeg\\;base64", "TEL:111", "TEL:222");
  deepEqual(merged({ base, baseB, b }), {
    a: card("FN:Ann Other", "PHOTO:data:image/jpeg;base64,AAAA", "TEL:111", "TEL:222"),
    b,
  });
});

Deno.test("a photo that was taken away on the server goes", () => {
  const base = card(FN, "PHOTO:data:image/jpeg;base64,AAAA");
  const baseB = card(FN, "PHOTO:data:image/jpeg\\;base64");
  both({ base, baseB, b: card(FN) }, card(FN));
});

Deno.test("a number edited on one side and another one added on the other combine", () => {
  deepEqual(
    merged({
      base: BASE,
      a: card(FN, "TEL;TYPE=home:112", "EMAIL:ann@example.com"),
      b: card(FN, "TEL;TYPE=home:111", "TEL;TYPE=home:999", "EMAIL:ann@example.com"),
    }),
    {
      a: card(FN, "TEL;TYPE=home:112", "TEL;TYPE=home:999", "EMAIL:ann@example.com"),
      b: card(FN, "TEL;TYPE=home:112", "TEL;TYPE=home:999", "EMAIL:ann@example.com"),
    },
  );
});

Deno.test("one number edited in two ways is a clash, whatever else is in the card", () => {
  deepEqual(
    clashes({
      base: card(FN, "TEL;TYPE=home:111", "TEL;TYPE=work:555"),
      a: card(FN, "TEL;TYPE=home:112", "TEL;TYPE=work:555"),
      b: card(FN, "TEL;TYPE=work:555", "TEL;TYPE=home:113"),
    }),
    ["TEL: 112 | 113"],
  );
});

Deno.test("a number edited here and removed there stays as it was edited", () => {
  deepEqual(
    merged({ base: BASE, a: BASE.replace("111", "112"), b: card(FN, "EMAIL:ann@example.com") }),
    {
      a: BASE.replace("111", "112"),
      b: card(FN, "EMAIL:ann@example.com", "TEL;TYPE=home:112"),
    },
  );
});

Deno.test("the same number given on both sides is there once", () => {
  both(
    { base: BASE, a: BASE.replace("111", "112"), b: BASE.replace("111", "112") },
    BASE.replace("111", "112"),
  );
  const added = card(FN, "TEL;TYPE=home:111", "TEL:112", "EMAIL:ann@example.com");
  both({ base: BASE, a: added, b: added }, added);
});

Deno.test("a number's label is a part of it", () => {
  const labelled = (label: string, number = "111") =>
    card(FN, `item1.TEL:${number}`, `item1.X-ABLabel:${label}`);
  both({ base: labelled("Boat"), a: labelled("Ship") }, labelled("Ship"));
  both({ base: labelled("Boat"), a: card(FN) }, card(FN));
  equal(
    clashes({ base: labelled("Boat"), a: labelled("Ship"), b: labelled("Boat", "2") }).length,
    1,
  );
});

Deno.test("a labelled line does not fall into a group of the same name", () => {
  deepEqual(
    merged({
      base: card(FN),
      a: card(FN, "item1.TEL:1", "item1.X-ABLabel:Boat"),
      b: card(FN, "item1.URL:2", "item1.X-ABLabel:Blog"),
    }),
    {
      a: card(FN, "item1.TEL:1", "item1.X-ABLabel:Boat", "item2.URL:2", "item2.X-ABLabel:Blog"),
      b: card(FN, "item1.URL:2", "item1.X-ABLabel:Blog", "item2.TEL:1", "item2.X-ABLabel:Boat"),
    },
  );
});

Deno.test("two names are a clash", () => {
  deepEqual(
    clashes({
      base: BASE,
      a: BASE.replace("Ann Ex", "Anna Ex"),
      b: BASE.replace("Ann Ex", "Anne Ex"),
    }),
    ["FN: Anna Example | Anne Example"],
  );
});

Deno.test("categories are merged one by one, and keep their order where only one side changed them", () => {
  both({ base: card("CATEGORIES:a,c"), a: card("CATEGORIES:a,b,c") }, card("CATEGORIES:a,b,c"));
  deepEqual(
    merged({ base: card("CATEGORIES:a"), a: card("CATEGORIES:a,b"), b: card("CATEGORIES:a,c") }),
    { a: card("CATEGORIES:a,b,c"), b: card("CATEGORIES:a,c,b") },
  );
});

Deno.test("the members of a group are merged one by one", () => {
  deepEqual(
    merged({
      base: card("KIND:group", "MEMBER:urn:uuid:1", "MEMBER:urn:uuid:2"),
      a: card("KIND:group", "MEMBER:urn:uuid:1", "MEMBER:urn:uuid:2", "MEMBER:urn:uuid:3"),
      b: card("KIND:group", "MEMBER:urn:uuid:2", "MEMBER:urn:uuid:4"),
    }),
    {
      a: card("KIND:group", "MEMBER:urn:uuid:2", "MEMBER:urn:uuid:3", "MEMBER:urn:uuid:4"),
      b: card("KIND:group", "MEMBER:urn:uuid:2", "MEMBER:urn:uuid:4", "MEMBER:urn:uuid:3"),
    },
  );
});

Deno.test("an address that is one on the server only is not added to the other side", () => {
  const baseB = card(FN, "TEL;TYPE=home:111", "EMAIL:ann@example.com", "X-SERVER:yes");
  deepEqual(merged({ base: BASE, baseB, a: BASE.replace("111", "112") }), {
    a: BASE.replace("111", "112"),
    b: baseB.replace("111", "112"),
  });
});
