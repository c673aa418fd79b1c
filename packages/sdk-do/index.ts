// `sdk.do`: what an app imports. Each subject has files of its own. Importing it makes `$` and `on` global names,
// because the documents of state.do use them without an import.

import { define } from "cellhouse:platform";
import "./calls";
import { made } from "./instances";
import "./log";
import { on } from "./on";
import { $ } from "./paths";
import { resolve } from "./registry";
import "./types_order";
import "./types_series";
import "./types_values";

define({ resolve, made });
for (const [name, value] of [["$", $], ["on", on]] as const) {
	Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

export { ai } from "./ai";
export { api, user } from "./api";
export { db } from "./db";
export { AiError, DbError, SdkError, StateError } from "./errors";
export { $, on };
export { every } from "./schedules";
export { send } from "./send";
export { state } from "./state";
