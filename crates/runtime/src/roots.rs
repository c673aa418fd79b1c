//! The certificate authorities that apps' connections trust: Mozilla's, as built in, and those of the PEM file
//! that the environment variable `NODE_EXTRA_CA_CERTS` names, as with Node.js and `wrangler dev`.
//!
//! Read once in a process. Never the machine's own list.

use std::path::PathBuf;
use std::sync::OnceLock;

use deno_error::JsErrorBox;
use deno_tls::rustls::RootCertStore;
use deno_tls::rustls::pki_types::CertificateDer;
use deno_tls::rustls::pki_types::pem::PemObject;
use deno_tls::{RootCertStoreProvider, create_default_root_cert_store};

/// Node.js's name for it.
const EXTRA: &str = "NODE_EXTRA_CA_CERTS";

pub(crate) fn trusted() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = create_default_root_cert_store();
        if let Some(path) = std::env::var_os(EXTRA).map(PathBuf::from) {
            add_file(&mut roots, &path);
        }
        roots
    })
}

/// What cannot be read is said and left out, as Node.js does.
fn add_file(roots: &mut RootCertStore, path: &std::path::Path) {
    let ignored = |why: &dyn std::fmt::Display| {
        tracing::warn!("{EXTRA}={}: ignored: {why}", path.display());
    };
    let certificates = match CertificateDer::pem_file_iter(path) {
        Ok(certificates) => certificates,
        Err(error) => return ignored(&error),
    };
    for certificate in certificates {
        let added = certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()));
        if let Err(error) = added {
            ignored(&error);
        }
    }
}

/// The same for `fetch()`.
pub(crate) struct Trusted;

impl RootCertStoreProvider for Trusted {
    fn get_or_try_init(&self) -> Result<&RootCertStore, JsErrorBox> {
        Ok(trusted())
    }
}
