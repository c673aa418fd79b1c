//! Turns rolldown's diagnostics into ours: the user's paths, our words where rolldown's would not
//! help, and our own reasons where a module was refused on purpose.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc::allocator::Allocator;
use oxc::parser::Parser;
use oxc::span::SourceType;
use rolldown_error::{BuildDiagnostic, DiagnosticOptions, EventKind, Severity as TheirSeverity};

use super::labels::{Details, details};
use super::{Diagnostic, Label, Severity};
use crate::fs::without_mark;
use crate::paths::{builtin_specifier, display_path, file_of, is_installed};
use crate::unresolved;

/// Why a module cannot be loaded, in our words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl From<Diagnostic> for Failure {
    fn from(found: Diagnostic) -> Self {
        Failure {
            message: found.message,
            help: found.help,
        }
    }
}

/// An export that is not there, and who asks for it.
pub(crate) struct Missing {
    pub(crate) importer: PathBuf,
    pub(crate) exporter: PathBuf,
    pub(crate) name: String,
    /// A byte of the specifier in the importer.
    pub(crate) start: u32,
}

impl Missing {
    /// Reads it from rolldown's diagnostic, which has to be one of a missing export.
    pub(crate) fn of(root: &Path, found: &BuildDiagnostic) -> Option<Self> {
        let options = DiagnosticOptions {
            cwd: root.to_path_buf(),
        };
        let details = details(&format!("{:?}", found.to_diagnostic_with(&options)));
        let title = details.title?;
        let name = title.strip_prefix('"')?.split('"').next()?.to_owned();
        Some(Missing {
            importer: root.join(found.id()?),
            exporter: root.join(found.exporter()?),
            name,
            start: u32::try_from(details.labels.first()?.span.start).ok()?,
        })
    }
}

/// What it takes to word a diagnostic.
pub(crate) struct Converter<'a> {
    pub(crate) root: &'a Path,
    pub(crate) available_modules: &'a [String],
    pub(crate) define: &'a [(String, String)],
    /// Sources of the built-in packages, by specifier.
    pub(crate) builtin_sources: BTreeMap<&'a str, &'a str>,
    /// By the id that rolldown shows of the module.
    pub(crate) failures: BTreeMap<String, Failure>,
}

impl Converter<'_> {
    /// `None` for what no user can do anything about: a warning in an installed package.
    pub(crate) fn convert(&self, found: &BuildDiagnostic) -> Option<Diagnostic> {
        let options = DiagnosticOptions {
            cwd: self.root.to_path_buf(),
        };
        let details = details(&format!("{:?}", found.to_diagnostic_with(&options)));
        let severity = severity(found);
        let importer = found
            .id()
            .or_else(|| details.labels.first().map(|label| label.file.clone()));
        let path = importer.map(|id| self.root.join(file_of(&id)));
        let installed = path
            .as_deref()
            .is_some_and(|path| is_installed(&path.to_string_lossy()));
        if severity == Severity::Warning && installed {
            return None;
        }
        let worded = self.worded(found, &details, &options);
        let worded = Diagnostic { severity, ..worded };
        Some(match path {
            Some(path) => self.placed(worded, &path, &details),
            None => worded,
        })
    }

    fn worded(
        &self,
        found: &BuildDiagnostic,
        details: &Details,
        options: &DiagnosticOptions,
    ) -> Diagnostic {
        let specifier = found.exporter();
        match (found.kind(), specifier) {
            (EventKind::UnresolvedImport, Some(specifier)) => {
                unresolved::explain(&specifier, self.available_modules)
            }
            (EventKind::ResolveError, Some(specifier)) => {
                Diagnostic::error(format!("could not resolve \"{specifier}\""))
            }
            (EventKind::UnloadableDependencyError, _) => self.unloadable(found, details, options),
            (EventKind::InvalidDefineConfigError, _) => {
                self.bad_define(&found.to_message_with(options))
            }
            (EventKind::JsonParseError, _) => Diagnostic::error(format!(
                "invalid JSON: {}",
                without_place(&found.to_message_with(options))
            )),
            _ => {
                let title = details
                    .title
                    .clone()
                    .unwrap_or_else(|| found.to_message_with(options));
                let mut worded = Diagnostic::error(title);
                worded.help = details.helps.first().or(details.note.as_ref()).cloned();
                worded
            }
        }
    }

    fn bad_define(&self, reason: &str) -> Diagnostic {
        let Some((name, value)) = self.define.iter().find(|(_, value)| !is_expression(value))
        else {
            return Diagnostic::error(format!("invalid define: {reason}"));
        };
        let message =
            format!("the value that `define` gives {name} is no JavaScript expression: {value}");
        Diagnostic::error(message).help("a text has quotes of its own: \"\\\"text\\\"\"")
    }

    fn unloadable(
        &self,
        found: &BuildDiagnostic,
        details: &Details,
        options: &DiagnosticOptions,
    ) -> Diagnostic {
        let title = details
            .title
            .clone()
            .unwrap_or_else(|| found.to_message_with(options));
        let ours = self.failures.iter().find(|(id, _)| {
            let loading = format!("Could not load {id}");
            title == loading || title.starts_with(&format!("{loading} - "))
        });
        let Some((_, failure)) = ours else {
            return Diagnostic::error(title);
        };
        Diagnostic {
            help: failure.help.clone(),
            ..Diagnostic::error(failure.message.clone())
        }
    }

    /// Adds the file and, when its text can be had, the places in it.
    fn placed(&self, worded: Diagnostic, path: &Path, details: &Details) -> Diagnostic {
        let worded = worded.in_file(display_path(self.root, path));
        let Some(source) = self.source(path) else {
            return worded;
        };
        let here = details
            .labels
            .iter()
            .filter(|label| self.root.join(&label.file) == *path);
        let labels = here.map(|label| Label {
            span: label.span.clone(),
            text: self.label_text(&label.text, &worded),
        });
        let labels = labels.collect();
        worded.at(source, labels)
    }

    /// Words under the carets that only say the message again are left out.
    fn label_text(&self, text: &str, worded: &Diagnostic) -> String {
        let rolldowns = text.starts_with("Module not found") || text.starts_with("plugin `");
        if rolldowns || text == worded.message || worded.message.contains(&without_place(text)) {
            return String::new();
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        text.replace(&format!("{}/", self.root.display()), "")
    }

    fn source(&self, path: &Path) -> Option<Arc<str>> {
        let builtin = path
            .to_str()
            .and_then(|path| builtin_specifier(self.root, path));
        if let Some(source) = builtin.and_then(|specifier| self.builtin_sources.get(specifier)) {
            return Some(Arc::from(*source));
        }
        std::fs::read_to_string(path)
            .ok()
            .map(|text| Arc::from(without_mark(text)))
    }
}

/// An import that is not there is a warning to rolldown, which leaves it to the run time.
fn severity(found: &BuildDiagnostic) -> Severity {
    match (found.kind(), found.severity()) {
        (EventKind::UnresolvedImport, _) | (_, TheirSeverity::Error) => Severity::Error,
        _ => Severity::Warning,
    }
}

/// serde_json's messages end with a place that the diagnostic has already.
fn without_place(message: &str) -> String {
    match message.rfind(" at line ") {
        Some(at) => message[..at].to_owned(),
        None => message.to_owned(),
    }
}

fn is_expression(text: &str) -> bool {
    let allocator = Allocator::default();
    Parser::new(&allocator, text, SourceType::default())
        .parse_expression()
        .is_ok()
}

/// What rolldown calls a module in its messages.
pub(crate) fn shown_id(root: &Path, id: &str) -> String {
    rolldown_common::ModuleId::new(id)
        .stabilize(root)
        .as_str()
        .to_owned()
}
