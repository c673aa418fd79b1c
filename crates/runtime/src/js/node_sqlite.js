// `node:sqlite`: there by name, as in Workers, where databases are D1's and those of Durable Objects.

(function () {
class DatabaseSync {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

class StatementSync {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

function backup() {
  throw new Error("backup is not implemented");
}

const CHANGES = { OMIT: 0, REPLACE: 1, ABORT: 2, DATA: 1, NOTFOUND: 2, CONFLICT: 3, CONSTRAINT: 4, FOREIGN_KEY: 5 };
// In the order of SQLite's numbers, from 1 on.
const ACTIONS = `CREATE_INDEX CREATE_TABLE CREATE_TEMP_INDEX CREATE_TEMP_TABLE CREATE_TEMP_TRIGGER CREATE_TEMP_VIEW
  CREATE_TRIGGER CREATE_VIEW DELETE DROP_INDEX DROP_TABLE DROP_TEMP_INDEX DROP_TEMP_TABLE DROP_TEMP_TRIGGER
  DROP_TEMP_VIEW DROP_TRIGGER DROP_VIEW INSERT PRAGMA READ SELECT TRANSACTION UPDATE ATTACH DETACH ALTER_TABLE REINDEX
  ANALYZE CREATE_VTABLE DROP_VTABLE FUNCTION SAVEPOINT RECURSIVE`.split(/\s+/);

const constants = { SQLITE_OK: 0, SQLITE_DENY: 1, SQLITE_IGNORE: 2, SQLITE_COPY: 0 };
for (const [name, value] of Object.entries(CHANGES)) constants[`SQLITE_CHANGESET_${name}`] = value;
ACTIONS.forEach((name, index) => constants[`SQLITE_${name}`] = index + 1);

const sqlite = { backup, constants, DatabaseSync, StatementSync };
return { ...sqlite, default: sqlite };
})();
