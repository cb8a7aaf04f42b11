/** How we call ourselves towards servers. */

import manifest from "../../../deno.json" with { type: "json" };

export const USER_AGENT = `dovetail/${manifest.version}`;
