//! What can be wrong with the settings of a cache. Once a cache is made its calls do not fail: see
//! the crate's page.
//!
//! No message holds the password of a URL.

use std::path::PathBuf;

/// Why a cache could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL cannot be used; `problem` says what is wrong with it and what would be right.
    #[error("cache URL: {problem}")]
    Url {
        /// One sentence for the user, without the URL's credentials.
        problem: String,
    },
    /// The file with the certificate authorities cannot be used.
    #[error("cache: certificate file {}: {problem}", path.display())]
    CertificateFile {
        /// The file as the user named it.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The TLS library refused its settings, or this machine trusts no certificate authority at
    /// all.
    #[error("cache: TLS cannot be used: {problem}")]
    Tls {
        /// What is wrong.
        problem: String,
    },
    /// A setting other than the URL cannot be used.
    #[error("cache: {problem}")]
    Options {
        /// What is wrong with it and what would be right.
        problem: String,
    },
    /// A Redis cache was made outside a Tokio runtime, which its connections need.
    #[error("cache: a Redis cache must be made inside a Tokio runtime")]
    NoRuntime,
}

impl Error {
    pub(crate) fn url(problem: impl Into<String>) -> Self {
        Self::Url {
            problem: problem.into(),
        }
    }
}
