//! What SQL of users may do, in Durable Objects and in D1: Cloudflare's rules (those of workerd in
//! August 2026). Our own tables, transactions, other databases, and most settings are not theirs.
//!
//! SQLite asks while it prepares a statement, and again when it prepares one anew because the schema
//! has changed, always on the thread that runs it. So whose SQL it is, is a mark of the thread.

use std::cell::{Cell, RefCell};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// What Cloudflare says of `BEGIN`, `COMMIT`, `SAVEPOINT` and the like.
const TRANSACTIONS: &str = "To execute a transaction, please use the state.storage.transaction() or \
state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements. \
The JavaScript API is safer because it will automatically roll back on exceptions, and because it \
interacts correctly with Durable Objects' automatic atomic write coalescing.";

/// Functions that tell of the SQLite build, which workerd hides, and loading of native code.
const HIDDEN_FUNCTIONS: &[&str] = &[
    "fts3_tokenizer",
    "load_extension",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    "sqlite_log",
    "sqlite_offset",
    "sqlite_source_id",
    "sqlite_version",
];

/// Virtual tables that SQL may make.
const MODULES: &[&str] = &["fts5", "fts5vocab", "rtree", "rtree_i32"];

thread_local! {
    static OF_USER: Cell<bool> = const { Cell::new(false) };
    static REASON: RefCell<Option<&'static str>> = const { RefCell::new(None) };
    static ALTERS: Cell<bool> = const { Cell::new(false) };
}

/// Runs what prepares or steps SQL of a user. Beside the result: a reason in Cloudflare's words if
/// something was refused for one.
pub fn of_user<T>(f: impl FnOnce() -> T) -> (T, Option<&'static str>) {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            OF_USER.set(false);
        }
    }
    REASON.take();
    ALTERS.set(false);
    OF_USER.set(true);
    let back = Back;
    let value = f();
    drop(back);
    (value, REASON.take())
}

/// Whether what ran in the last [`of_user`] changes a table's definition. SQLite does not ask about
/// the new name of a table.
pub fn alters() -> bool {
    ALTERS.get()
}

/// Whether SQL has an identifier that is kept for us.
pub fn names_ours(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    bytes.windows(4).enumerate().any(|(at, window)| {
        window.eq_ignore_ascii_case(b"_cf_") && (at == 0 || !part(bytes[at - 1]))
    })
}

/// The authorizer that connections need on which SQL of users runs.
pub fn authorize(context: AuthContext<'_>) -> Authorization {
    if !OF_USER.get() || allowed(&context) {
        Authorization::Allow
    } else {
        Authorization::Deny
    }
}

fn allowed(context: &AuthContext<'_>) -> bool {
    if context.database_name == Some("temp") {
        return match context.action {
            AuthAction::Read { table_name, .. } | AuthAction::Update { table_name, .. } => {
                free(table_name)
            }
            _ => false,
        };
    }
    match context.action {
        AuthAction::Select | AuthAction::Recursive | AuthAction::Analyze { .. } => true,
        AuthAction::CreateTable { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::DropTable { table_name }
        | AuthAction::Insert { table_name }
        | AuthAction::Read { table_name, .. }
        | AuthAction::Update { table_name, .. } => free(table_name),
        AuthAction::AlterTable { table_name, .. } => {
            ALTERS.set(true);
            free(table_name)
        }
        AuthAction::CreateView { view_name: name }
        | AuthAction::DropView { view_name: name }
        | AuthAction::Reindex { index_name: name } => free(name),
        AuthAction::CreateIndex {
            index_name: name,
            table_name,
        }
        | AuthAction::DropIndex {
            index_name: name,
            table_name,
        }
        | AuthAction::CreateTrigger {
            trigger_name: name,
            table_name,
        }
        | AuthAction::DropTrigger {
            trigger_name: name,
            table_name,
        } => free(name) && free(table_name),
        AuthAction::CreateVtable {
            table_name,
            module_name,
        }
        | AuthAction::DropVtable {
            table_name,
            module_name,
        } => {
            free(table_name)
                && MODULES
                    .iter()
                    .any(|known| module_name.eq_ignore_ascii_case(known))
        }
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            REASON.set(Some(TRANSACTIONS));
            false
        }
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => pragma(pragma_name, pragma_value),
        AuthAction::Function { function_name } => !HIDDEN_FUNCTIONS
            .iter()
            .any(|hidden| function_name.eq_ignore_ascii_case(hidden)),
        _ => false,
    }
}

/// Whether a name is not kept for us.
fn free(name: &str) -> bool {
    !name
        .as_bytes()
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"_cf_"))
}

fn pragma(name: &str, value: Option<&str>) -> bool {
    let number = |value: &str| value.parse::<i32>().is_ok();
    match name.to_ascii_lowercase().as_str() {
        "table_list" => true,
        "data_version" | "page_size" => value.is_none(),
        "case_sensitive_like"
        | "foreign_keys"
        | "defer_foreign_keys"
        | "ignore_check_constraints"
        | "legacy_alter_table"
        | "recursive_triggers"
        | "reverse_unordered_selects" => value.is_none_or(boolean),
        "table_info" | "table_xinfo" | "foreign_key_list" | "index_info" | "index_list"
        | "index_xinfo" => value.is_some_and(free),
        "foreign_key_check" => value.is_none_or(free),
        "quick_check" => value.is_none_or(|value| number(value) || free(value)),
        "optimize" => value.is_none_or(number),
        _ => false,
    }
}

fn boolean(value: &str) -> bool {
    let bare = value.trim_matches(['\'', '"']);
    let known = ["true", "false", "yes", "no", "on", "off", "1", "0"];
    known.iter().any(|known| bare.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_kept_for_us() {
        for ours in ["_cf_KV", "ALTER TABLE a RENAME TO \"_CF_x\"", "x _cf_"] {
            assert!(names_ours(ours), "{ours}");
        }
        for theirs in ["", "a_cf_b", "_c", "é_cf_x", "1_cf_"] {
            assert!(!names_ours(theirs), "{theirs}");
        }
        assert!(!free("_cf_KV") && !free("_Cf_") && free("cf_") && free("_cf"));
    }

    #[test]
    fn settings() {
        assert!(pragma("foreign_keys", None) && pragma("foreign_keys", Some("OFF")));
        assert!(!pragma("foreign_keys", Some("maybe")));
        assert!(pragma("table_info", Some("t")) && !pragma("table_info", Some("_cf_KV")));
        assert!(!pragma("table_info", None) && pragma("quick_check", Some("7")));
        assert!(!pragma("page_size", Some("512")) && !pragma("journal_mode", None));
    }
}
