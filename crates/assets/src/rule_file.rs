//! A file with rules that is read again when it has changed.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::site::Report;

/// A file of rules that were parsed to a `T`.
pub(crate) struct RuleFile<T> {
    name: &'static str,
    parse: fn(&str) -> (T, Vec<String>),
    known: Mutex<Option<(Stamp, Arc<T>)>>,
}

/// What tells one state of a file from another: `None` where there is no file.
type Stamp = Option<(SystemTime, u64)>;

impl<T> RuleFile<T> {
    /// `parse` gives the rules, and what is wrong with those that it has left out.
    pub(crate) fn new(name: &'static str, parse: fn(&str) -> (T, Vec<String>)) -> Self {
        RuleFile {
            name,
            parse,
            known: Mutex::new(None),
        }
    }

    /// The rules as they are now. What is wrong with them is told once.
    pub(crate) fn read(&self, directory: &Path, report: &Report) -> Arc<T> {
        let file = directory.join(self.name);
        let stamp = stamp(&file);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, rules)) = &*known
            && *of == stamp
        {
            return rules.clone();
        }
        let text = std::fs::read(&file).unwrap_or_default();
        let (rules, problems) = (self.parse)(&String::from_utf8_lossy(&text));
        for problem in problems {
            report(&format!("{}: {problem}", self.name));
        }
        let rules = Arc::new(rules);
        *known = Some((stamp, rules.clone()));
        rules
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = file.metadata().ok()?;
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Some((modified, metadata.len()))
}
