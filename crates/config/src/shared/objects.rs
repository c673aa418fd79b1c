//! What a Durable Object binding says besides its name.

use crate::binding::BindingKind;
use crate::names;
use crate::reader::{Reader, Table};

/// `class_name`, `script_name` and `environment` of a binding's table.
pub(crate) fn kind(reader: &mut Reader, table: &Table<'_>) -> Option<BindingKind> {
    let class_name = table.required_name(reader, "class_name", names::identifier);
    let script_name = table.name(reader, "script_name", names::not_empty);
    let environment = table.name(reader, "environment", names::not_empty);
    if let (Some(node), None) = (table.node("environment"), table.node("script_name")) {
        let message = format!("`{}` needs a script_name", table.path("environment"));
        reader.error(
            node.span,
            message,
            "name the script whose environment is meant",
        );
    }
    Some(BindingKind::DurableObject {
        class_name: class_name?,
        script_name,
        environment,
    })
}
