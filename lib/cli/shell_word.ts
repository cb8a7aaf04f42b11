/** Text as a word for the shell, for commands that a person is told to run. */
export const shellWord = (text: string): string =>
  /^[\w./~@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
