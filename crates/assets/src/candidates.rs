//! `html_handling`: what may answer a path, in the order in which it is tried.
//!
//! Owns the order alone; whether a file is there is found out by `resolve.rs`.

use crate::site::HtmlHandling;

/// One way to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// The file of this path, if it is there.
    Serve(String),
    /// A redirect to `to`, if `file` is what would be served there.
    Redirect { file: String, to: String },
}

const INDEX: &str = "index";
const INDEX_HTML: &str = "index.html";
const HTML: &str = ".html";

/// What may answer a decoded path.
pub(crate) fn candidates(handling: HtmlHandling, path: &str) -> Vec<Candidate> {
    let mut candidates = match handling {
        HtmlHandling::None => Vec::new(),
        HtmlHandling::AutoTrailingSlash => auto(path),
        HtmlHandling::ForceTrailingSlash => force(path),
        HtmlHandling::DropTrailingSlash => drop(path),
    };
    candidates.push(serve(path));
    let html = format!("{path}{HTML}");
    let index = format!("{path}/{INDEX_HTML}");
    let slash = format!("{path}/");
    match handling {
        HtmlHandling::None => {}
        HtmlHandling::AutoTrailingSlash => {
            candidates.extend([serve(html), redirect(index, slash)]);
        }
        HtmlHandling::ForceTrailingSlash => {
            candidates.extend([redirect(html, &slash), redirect(index, &slash)]);
        }
        HtmlHandling::DropTrailingSlash => candidates.extend([serve(html), serve(index)]),
    }
    candidates
}

fn serve(path: impl Into<String>) -> Candidate {
    Candidate::Serve(path.into())
}

fn redirect(file: impl Into<String>, to: impl Into<String>) -> Candidate {
    Candidate::Redirect {
        file: file.into(),
        to: to.into(),
    }
}

/// A folder's page ends in a slash, any other page does not.
fn auto(path: &str) -> Vec<Candidate> {
    if let Some(folder) = folder_of(path, INDEX) {
        let base = without_slash(folder);
        let page = redirect(format!("{path}{HTML}"), folder);
        return vec![serve(path), page, redirect(format!("{base}{HTML}"), base)];
    }
    if let Some(folder) = folder_of(path, INDEX_HTML) {
        let base = without_slash(folder);
        return vec![
            redirect(path, folder),
            redirect(format!("{base}{HTML}"), base),
        ];
    }
    if let Some(base) = path.strip_suffix('/') {
        let page = serve(format!("{path}{INDEX_HTML}"));
        return vec![page, redirect(format!("{base}{HTML}"), base)];
    }
    if let Some(base) = path.strip_suffix(HTML) {
        let folder = redirect(format!("{base}/{INDEX_HTML}"), format!("{base}/"));
        return vec![redirect(path, base), folder];
    }
    Vec::new()
}

/// Every page ends in a slash.
fn force(path: &str) -> Vec<Candidate> {
    if let Some(folder) = folder_of(path, INDEX) {
        let base = without_slash(folder);
        let page = redirect(format!("{path}{HTML}"), folder);
        return vec![serve(path), page, redirect(format!("{base}{HTML}"), folder)];
    }
    if let Some(folder) = folder_of(path, INDEX_HTML) {
        let base = without_slash(folder);
        return vec![
            redirect(path, folder),
            redirect(format!("{base}{HTML}"), folder),
        ];
    }
    if let Some(base) = path.strip_suffix('/') {
        return vec![
            serve(format!("{path}{INDEX_HTML}")),
            serve(format!("{base}{HTML}")),
        ];
    }
    if let Some(base) = path.strip_suffix(HTML) {
        let to = format!("{base}/");
        let folder = redirect(format!("{base}/{INDEX_HTML}"), &to);
        return vec![redirect(path, to), serve(path), folder];
    }
    Vec::new()
}

/// No page ends in a slash but the first.
fn drop(path: &str) -> Vec<Candidate> {
    if let Some(folder) = folder_of(path, INDEX) {
        let base = without_slash(folder);
        let index = format!("{path}{HTML}");
        if base.is_empty() {
            return vec![serve(path), redirect(index, "/")];
        }
        let page = redirect(format!("{base}{HTML}"), base);
        return vec![serve(path), page, redirect(index, base)];
    }
    if let Some(folder) = folder_of(path, INDEX_HTML) {
        let base = without_slash(folder);
        if base.is_empty() {
            return vec![redirect(path, "/")];
        }
        let page = redirect(format!("{base}{HTML}"), base);
        return vec![redirect(path, base), serve(path), page];
    }
    if path == "/" {
        return vec![serve(format!("/{INDEX_HTML}"))];
    }
    let base = path.strip_suffix('/').or_else(|| path.strip_suffix(HTML));
    if let Some(base) = base {
        let file = match path.ends_with('/') {
            true => format!("{base}{HTML}"),
            false => path.to_owned(),
        };
        let folder = redirect(format!("{base}/{INDEX_HTML}"), base);
        return vec![redirect(file, base), folder];
    }
    Vec::new()
}

/// The folder of a path that ends in `/` and this name, with its slash.
fn folder_of<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    path.strip_suffix(name)
        .filter(|folder| folder.ends_with('/'))
}

fn without_slash(folder: &str) -> &str {
    folder.strip_suffix('/').unwrap_or(folder)
}
