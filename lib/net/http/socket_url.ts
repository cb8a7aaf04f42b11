/** Urls that name a Unix socket. */

/** What a url says of where to connect to. */
export interface Target {
  readonly url: string;
  /** The path of a Unix socket. */
  readonly socket?: string;
}

/** `unix:///path/to.sock`, as pimsync has it: what http://localhost/ has at that socket. */
export function socketIn(url: string): Target {
  const path = /^unix:\/\/(\/.+)$/i.exec(url.trim())?.[1];
  return path === undefined ? { url } : { url: "http://localhost/", socket: path };
}
