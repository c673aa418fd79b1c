//! TLS towards Redis: rustls with the cryptography library that the rest of Cellhouse uses
//! (aws-lc-rs).
//!
//! The provider is named, not looked up, so that it does not matter what else in the process uses
//! rustls. The server's certificate is always checked.

use std::path::Path;
use std::sync::Arc;

use fred::rustls::crypto::aws_lc_rs;
use fred::rustls::pki_types::CertificateDer;
use fred::rustls::pki_types::pem::PemObject;
use fred::rustls::{ClientConfig, RootCertStore};
use fred::rustls_native_certs::load_native_certs;

use crate::Error;

/// The settings for a connection that trusts the authorities in `ca_file` (PEM), or else those of
/// this machine (which `SSL_CERT_FILE` and `SSL_CERT_DIR` replace).
pub(crate) fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, Error> {
    let roots = match ca_file {
        Some(path) => roots_in(path)?,
        None => roots_of_machine()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls {
            problem: error.to_string(),
        })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn roots_in(path: &Path) -> Result<RootCertStore, Error> {
    let wrong = |problem: String| Error::CertificateFile {
        path: path.to_owned(),
        problem,
    };
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong(
            "holds no certificate; it must be PEM, with at least one BEGIN CERTIFICATE section"
                .to_owned(),
        ));
    }
    Ok(roots)
}

fn roots_of_machine() -> Result<RootCertStore, Error> {
    let found = load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        let problem = format!(
            "this machine has no certificate authorities ({}); install the package ca-certificates or name a file",
            if reasons.is_empty() {
                "none found".to_owned()
            } else {
                reasons.join(", ")
            },
        );
        return Err(Error::Tls { problem });
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_list_of_authorities_is_named() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("ca.pem");
        let missing = client_config(Some(&path))
            .expect_err("no such file")
            .to_string();
        assert!(missing.contains("ca.pem"), "{missing}");
        std::fs::write(&path, "not a certificate").expect("write");
        let empty = client_config(Some(&path))
            .expect_err("no certificate")
            .to_string();
        assert!(
            empty.ends_with(
                "holds no certificate; it must be PEM, with at least one BEGIN CERTIFICATE section"
            ),
            "{empty}"
        );
        std::fs::write(
            &path,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .expect("write");
        assert!(client_config(Some(&path)).is_err(), "no certificate inside");
    }
}
