// All cases, under the name of their subject. A case is a function that runs in the Worker, or one in
// `inside(...)`, which runs in a fresh object.

import alarms from "./cases/alarms.js";
import facets from "./cases/facets.js";
import gates from "./cases/gates.js";
import ids from "./cases/ids.js";
import lifecycle from "./cases/lifecycle.js";
import list from "./cases/list.js";
import rpc from "./cases/rpc.js";
import rpcReferences from "./cases/rpc_references.js";
import sockets from "./cases/sockets.js";
import sql from "./cases/sql.js";
import sqlErrors from "./cases/sql_errors.js";
import storage from "./cases/storage.js";
import syncStorage from "./cases/sync_storage.js";
import transactions from "./cases/transactions.js";
import values from "./cases/values.js";

const subjects = {
  alarms, facets, gates, ids, lifecycle, list, rpc, rpcReferences, sockets, sql, sqlErrors, storage, syncStorage,
  transactions, values,
};

export const cases = {};
for (const [subject, some] of Object.entries(subjects)) {
  for (const [name, code] of Object.entries(some)) {
    cases[`${subject}: ${name}`] = typeof code === "function" ? { outside: code } : code;
  }
}
