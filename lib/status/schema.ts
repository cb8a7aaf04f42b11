/**
 * The tables of a status, as an ordered list of steps. A step that was ever released is never
 * changed: a new one is added after it. The comments inside the statements stay with the tables.
 */

/** The bytes "dvtl": what tells a status from any other database. */
export const APPLICATION_ID = 0x6476746c;

/** Statements that lead from one version of the schema to the next. */
export type Step = readonly string[];

const PAIR = `
CREATE TABLE pair (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,            -- the pair's name in the configuration
  created INTEGER NOT NULL,      -- milliseconds since 1970, as all times here
  version TEXT NOT NULL,         -- of the program that wrote the schema
  collections INTEGER NOT NULL,  -- how many rows the table "collection" has
  schema INTEGER NOT NULL,       -- sum of the text of the schema
  sum INTEGER NOT NULL           -- sum of this row
) STRICT`;

const RUN = `
CREATE TABLE run (               -- a run that wrote something
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  ended INTEGER,                 -- without it, the run was stopped, or is still going on
  version TEXT NOT NULL          -- of the program
) STRICT`;

const COLLECTION = `
CREATE TABLE collection (        -- two collections that are kept in step
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,            -- what makes them the same on both sides
  identity_a TEXT NOT NULL,      -- which collection of the world it is
  identity_b TEXT NOT NULL,
  items INTEGER NOT NULL,        -- how many rows of the table "base" are theirs
  total INTEGER NOT NULL,        -- of the sums of those rows
  moves INTEGER NOT NULL,        -- how often one of those rows was set
  forgotten INTEGER NOT NULL,    -- 1: nothing is known of the two any more, but the attic
                                 -- and the history still speak of them
  sum INTEGER NOT NULL,          -- sum of the name, the identities, and whether it is forgotten
  UNIQUE (name, identity_a, identity_b)
) STRICT`;

const BASE = `
CREATE TABLE base (              -- what both sides last agreed on, as each side held it
  collection INTEGER NOT NULL REFERENCES collection (id),
  ident TEXT NOT NULL,
  move INTEGER NOT NULL,         -- which of the moves set it, so that the later of two is known
  href_a TEXT NOT NULL,
  etag_a TEXT NOT NULL,
  digest_a TEXT NOT NULL,
  flags_a TEXT,                  -- a JSON array; none where there are no flags
  body_a INTEGER,                -- id of the body, where its bytes are kept
  sum_a INTEGER NOT NULL,        -- sum of what is said of that side
  href_b TEXT NOT NULL,
  etag_b TEXT NOT NULL,
  digest_b TEXT NOT NULL,
  flags_b TEXT,
  body_b INTEGER,
  sum_b INTEGER NOT NULL,
  PRIMARY KEY (collection, ident)
) STRICT, WITHOUT ROWID`;

const CONCLUSION = `
CREATE TABLE conclusion (        -- what the last run left behind about one side
  collection INTEGER NOT NULL REFERENCES collection (id),
  side TEXT NOT NULL,
  cursor TEXT,                   -- where to go on listing changes from
  observations TEXT NOT NULL,    -- a JSON array of what was seen and the base does not hold
  sum INTEGER NOT NULL,
  PRIMARY KEY (collection, side)
) STRICT, WITHOUT ROWID`;

const JOURNAL = `
CREATE TABLE journal (           -- the intents, and what became of them
  collection INTEGER NOT NULL REFERENCES collection (id),
  id INTEGER NOT NULL,
  run INTEGER NOT NULL,          -- that began it
  kind TEXT NOT NULL,
  side TEXT NOT NULL,
  ident TEXT NOT NULL,
  href TEXT NOT NULL,
  etag TEXT,
  digest TEXT,
  sum INTEGER NOT NULL,          -- sum of the intent
  outcome TEXT,                  -- none as long as it is not known
  reason TEXT,
  ended INTEGER,
  PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID`;

const BODY = `
CREATE TABLE body (              -- bytes, each once
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,   -- of the bytes, in hexadecimal
  bytes BLOB NOT NULL
) STRICT`;

const ATTIC = `
CREATE TABLE attic (             -- every version that was overwritten or deleted
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  time INTEGER NOT NULL,
  collection INTEGER NOT NULL REFERENCES collection (id),
  side TEXT NOT NULL,            -- where it was
  ident TEXT NOT NULL,
  href TEXT NOT NULL,
  etag TEXT,
  why TEXT NOT NULL,             -- the kind of the intent
  body INTEGER NOT NULL,         -- id of the body
  sum INTEGER NOT NULL           -- sum of all that
) STRICT`;

const PROPERTY = `
CREATE TABLE property (          -- what both sides last agreed on about the collections themselves
  collection INTEGER PRIMARY KEY REFERENCES collection (id),
  base TEXT NOT NULL,            -- a JSON array of names with the value of each side
  sum INTEGER NOT NULL
) STRICT`;

/** The first step makes everything out of an empty database. */
export const STEPS: readonly Step[] = [
  [
    PAIR,
    RUN,
    COLLECTION,
    BASE,
    "CREATE INDEX base_href_a ON base (collection, href_a)",
    "CREATE INDEX base_href_b ON base (collection, href_b)",
    PROPERTY,
    CONCLUSION,
    JOURNAL,
    "CREATE INDEX journal_open ON journal (collection, id) WHERE outcome IS NULL",
    BODY,
    ATTIC,
  ],
];
