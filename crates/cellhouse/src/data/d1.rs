//! What commands do to D1 databases.

use cellhouse_config::{Binding, BindingKind};

/// What the database of a binding is called in the store. Those of Ploy and of wrangler never meet.
pub(crate) fn database_of(binding: &Binding) -> String {
    let store = binding.store().unwrap_or_default();
    match binding.kind {
        BindingKind::PloyDb { .. } => format!("db-{store}"),
        _ => format!("d1-{store}"),
    }
}
