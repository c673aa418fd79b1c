//! From a path to what answers it: a file, a redirect, the page for what is not there, or nothing.

use crate::candidates::{Candidate, candidates};
use crate::files::{File, Files};
use crate::site::{HtmlHandling, NotFound};

/// What answers.
#[derive(Debug)]
pub(crate) enum Found {
    File(File),
    /// A file for what was not found.
    NotFoundPage(File),
    /// To another address of the same files; decoded.
    Redirect(String),
}

/// Finds what answers. Every question about a file goes to the disk.
#[derive(Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) files: &'a Files,
    pub(crate) html: HtmlHandling,
    pub(crate) not_found: NotFound,
}

impl Resolver<'_> {
    /// What answers a decoded path.
    pub(crate) fn find(self, path: &str) -> Option<Found> {
        for candidate in candidates(self.html, path) {
            match candidate {
                Candidate::Serve(file) => {
                    if let Some(file) = self.files.find(&file) {
                        return Some(Found::File(file));
                    }
                }
                Candidate::Redirect { file, to } => {
                    if self.is_at(&file, &to) {
                        return Some(Found::Redirect(to));
                    }
                }
            }
        }
        self.page_for_nothing(path)
    }

    /// Whether `file` is what is served at `address`, without any redirect.
    fn is_at(self, file: &str, address: &str) -> bool {
        if self.files.find(file).is_none() || self.files.find(address).is_some() {
            return false;
        }
        let served =
            candidates(self.html, address)
                .into_iter()
                .find_map(|candidate| match candidate {
                    Candidate::Serve(path) => self.files.find(&path),
                    Candidate::Redirect { .. } => None,
                });
        let served = served.or_else(|| match self.page_for_nothing(address)? {
            Found::File(file) | Found::NotFoundPage(file) => Some(file),
            Found::Redirect(_) => None,
        });
        served.is_some_and(|served| served.path == file)
    }

    fn page_for_nothing(self, path: &str) -> Option<Found> {
        match self.not_found {
            NotFound::None => None,
            NotFound::SinglePageApplication => self.files.find("/index.html").map(Found::File),
            NotFound::NearestPage => {
                let folders = path.match_indices('/').map(|(at, _)| &path[..at]).rev();
                folders
                    .filter_map(|folder| self.files.find(&format!("{folder}/404.html")))
                    .map(Found::NotFoundPage)
                    .next()
            }
        }
    }
}
