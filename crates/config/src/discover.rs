//! Which file is the config, and reading it.
//!
//! `ploy.yaml` goes before wrangler's files, and among those wrangler's own order holds; a config that a build
//! tool made goes before these. What the text says is not looked at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::app::Style;
use crate::diagnostic::Diagnostic;
use crate::redirect;
use crate::source::{Source, Span};
use crate::syntax::Syntax;

/// The names that are looked for in a directory, the first that exists being the config.
const CANDIDATES: [(&str, Style); 5] = [
    ("ploy.yaml", Style::Ploy),
    ("ploy.yml", Style::Ploy),
    ("wrangler.json", Style::Wrangler),
    ("wrangler.jsonc", Style::Wrangler),
    ("wrangler.toml", Style::Wrangler),
];

/// The names of configs, for those who only want to know whether there is one.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CANDIDATES.iter().map(|(name, _)| *name)
}

/// Larger files are refused: no config comes near, and it bounds the work of reading one.
const LARGEST: u64 = 1 << 20;

/// The config file that was found.
#[derive(Debug)]
pub(crate) struct Found {
    /// As messages show it.
    pub(crate) shown: PathBuf,
    /// Absolute.
    pub(crate) path: PathBuf,
    /// The directory of the app: the config's, or that of the config from which this one was made. Absolute.
    pub(crate) home: PathBuf,
    /// Whether a build tool made it in place of the app's own.
    pub(crate) redirected: bool,
    pub(crate) style: Style,
    pub(crate) syntax: Syntax,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Which config a directory means if a build tool has made one there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefer {
    /// The one that the tool made: what runs.
    Made,
    /// The app's own, if it has one: what is worked on.
    Own,
}

/// Finds the config at `path`, a directory or a file. Adds to `files` what the result depends on.
pub(crate) fn find(
    path: &Path,
    prefer: Prefer,
    files: &mut Vec<PathBuf>,
) -> Result<Found, Diagnostic> {
    let given = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    let metadata = fs::metadata(given).map_err(|error| cannot_read(given, &error))?;
    if metadata.is_dir() {
        return in_directory(given, prefer, files);
    }
    let path = absolute(given)?;
    files.push(path.clone());
    let (style, syntax) = by_name(given)?;
    Ok(Found {
        shown: shown(given),
        home: path.parent().unwrap_or(Path::new("/")).to_path_buf(),
        redirected: false,
        path,
        style,
        syntax,
        warnings: Vec::new(),
    })
}

fn in_directory(
    directory: &Path,
    prefer: Prefer,
    files: &mut Vec<PathBuf>,
) -> Result<Found, Diagnostic> {
    let root = absolute(directory)?;
    files.extend(CANDIDATES.map(|(name, _)| root.join(name)));
    let there = CANDIDATES
        .iter()
        .filter(|(name, _)| root.join(name).is_file());
    let there: Vec<_> = there.collect();
    let own = there.first();
    let may_be_made = match prefer {
        Prefer::Made => own.is_none_or(|(_, style)| *style == Style::Wrangler),
        Prefer::Own => own.is_none(),
    };
    if may_be_made && let Some(made) = redirect::find(directory, &root, files)? {
        return Ok(Found {
            warnings: vec![made.note(own.map(|(name, _)| *name))],
            shown: made.shown,
            path: made.path,
            home: root,
            redirected: true,
            style: Style::Wrangler,
            syntax: Syntax::Jsonc,
        });
    }
    let Some((name, style)) = there.first() else {
        return Err(nothing_in(directory));
    };
    let shown = shown(&directory.join(name));
    let others = there[1..].iter().map(|(other, _)| {
        let message = format!("there are {name} and {other}: {name} is used");
        Diagnostic::warning(message)
            .in_file(&shown)
            .help(format!("remove {other} if it is not needed"))
    });
    Ok(Found {
        warnings: others.collect(),
        path: root.join(name),
        home: root,
        redirected: false,
        style: *style,
        syntax: syntax_of(Path::new(name)).unwrap_or(Syntax::Yaml),
        shown,
    })
}

fn nothing_in(directory: &Path) -> Diagnostic {
    let names = CANDIDATES.map(|(name, _)| name).join(", ");
    let message = format!("no config in {}: looked for {names}", directory.display());
    Diagnostic::error(message)
        .in_file(directory)
        .help("write a ploy.yaml:\n\nkind: worker\nmain: src/index.ts\nstate:\n  STATE: default")
}

fn by_name(path: &Path) -> Result<(Style, Syntax), Diagnostic> {
    match syntax_of(path) {
        Some(Syntax::Yaml) => Ok((Style::Ploy, Syntax::Yaml)),
        Some(syntax) => Ok((Style::Wrangler, syntax)),
        None => {
            let message = format!("{} is no config by its name", path.display());
            let help =
                "a config ends in .yaml or .yml (Ploy) or in .toml, .json or .jsonc (wrangler)";
            Err(Diagnostic::error(message).in_file(path).help(help))
        }
    }
}

fn syntax_of(path: &Path) -> Option<Syntax> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "yaml" | "yml" => Some(Syntax::Yaml),
        "toml" => Some(Syntax::Toml),
        "json" | "jsonc" => Some(Syntax::Jsonc),
        _ => None,
    }
}

/// Reads a text file: UTF-8, at most [`LARGEST`], without its byte order mark.
pub(crate) fn read(path: &Path, shown: &Path) -> Result<Source, Diagnostic> {
    let metadata = fs::metadata(path).map_err(|error| cannot_read(shown, &error))?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        let what = if metadata.is_file() {
            "larger than 1 MiB"
        } else {
            "not a file"
        };
        let message = format!("cannot read {}: it is {what}", shown.display());
        return Err(Diagnostic::error(message).in_file(shown));
    }
    let bytes = fs::read(path).map_err(|error| cannot_read(shown, &error))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(shown, text)),
        Err(error) => {
            let start = error.valid_up_to();
            let source = Source::new(shown, String::from_utf8_lossy(bytes));
            let place = source.at(Span::new(
                start,
                start + char::REPLACEMENT_CHARACTER.len_utf8(),
            ));
            let message = "this is not UTF-8 text";
            let diagnostic = Diagnostic::error(message).label(&place, "not UTF-8 from here");
            Err(diagnostic.help("save the file as UTF-8"))
        }
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Diagnostic {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    let message = format!("cannot read {}: {reason}", path.display());
    Diagnostic::error(message).in_file(path)
}

fn absolute(path: &Path) -> Result<PathBuf, Diagnostic> {
    let absolute = std::path::absolute(path).map_err(|error| cannot_read(path, &error))?;
    Ok(crate::place::clean(&absolute))
}

/// Without a leading `./`.
pub(crate) fn shown(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_path_buf()
}
