/** The version, as in `deno.json`. A constant, so that `dovetail version` reads nothing. */
export const VERSION = "0.1.0";
