//! What a config asks for and this part of Cellhouse does not do yet.
//!
//! Bindings say so themselves ([`BindingKind::not_yet`](crate::BindingKind::not_yet)); the rest of
//! the list is here. Keys that are only read and ignored are noted where they are read.

use crate::app::App;
use crate::diagnostic::Diagnostic;

/// One note for each thing.
pub(crate) fn notes(app: &App) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for binding in &app.bindings {
        if let Some(product) = binding.kind.not_yet() {
            let name = &binding.name;
            let note = Diagnostic::note(format!("`{name}` ({product}) is not there yet"));
            let note = note.label(&binding.source, "");
            notes.push(note.help(format!("the app runs, but what uses `env.{name}` fails")));
        }
    }
    notes
}
