//! The settings of TLS for one connection: whom it trusts, and what it says of itself. The certificate is always
//! checked unless the app says otherwise, which only `node:tls` can.

use std::cell::RefCell;
use std::sync::Arc;

use deno_error::JsErrorBox;
use deno_tls::rustls::ClientConfig;
use deno_tls::{
    SocketUse, TlsClientConfigOptions, TlsKey, TlsKeys, create_client_config, load_certs,
    load_private_keys,
};
use serde::Deserialize;

use crate::roots;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TlsOptions {
    /// The host that the certificate must name.
    pub(super) name: String,
    /// PEM; in place of those that are trusted otherwise.
    #[serde(default)]
    authorities: Vec<String>,
    /// PEM, of the client.
    #[serde(default)]
    certificate: Option<String>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    is_unchecked: bool,
    #[serde(default)]
    protocols: Vec<String>,
}

thread_local! {
    /// Most connections want the same, and it takes a while to make.
    static USUAL: RefCell<Option<Arc<ClientConfig>>> = const { RefCell::new(None) };
}

impl TlsOptions {
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, JsErrorBox> {
        if !self.is_usual() {
            return self.make();
        }
        if let Some(config) = USUAL.with_borrow(Clone::clone) {
            return Ok(config);
        }
        let config = self.make()?;
        USUAL.set(Some(config.clone()));
        Ok(config)
    }

    fn is_usual(&self) -> bool {
        self.authorities.is_empty()
            && self.certificate.is_none()
            && !self.is_unchecked
            && self.protocols.is_empty()
    }

    fn make(&self) -> Result<Arc<ClientConfig>, JsErrorBox> {
        let roots = match self.authorities.is_empty() {
            true => roots::trusted().clone(),
            false => deno_tls::rustls::RootCertStore::empty(),
        };
        let authorities = self.authorities.iter();
        let mut config = create_client_config(TlsClientConfigOptions {
            root_cert_store: Some(roots),
            ca_certs: authorities.map(|pem| pem.clone().into_bytes()).collect(),
            unsafely_ignore_certificate_errors: self.is_unchecked.then(Vec::new),
            unsafely_disable_hostname_verification: false,
            cert_chain_and_key: self.keys()?,
            socket_use: SocketUse::GeneralSsl,
        })
        .map_err(invalid)?;
        let protocols = self.protocols.iter();
        config.alpn_protocols = protocols.map(|name| name.clone().into_bytes()).collect();
        Ok(Arc::new(config))
    }

    fn keys(&self) -> Result<TlsKeys, JsErrorBox> {
        let (Some(certificate), Some(key)) = (&self.certificate, &self.key) else {
            return Ok(TlsKeys::Null);
        };
        let chain = load_certs(&mut certificate.as_bytes()).map_err(invalid)?;
        let key = load_private_keys(key.as_bytes()).map_err(invalid)?;
        let key = key.into_iter().next();
        let key = key.ok_or_else(|| invalid("the key is no private key in PEM"))?;
        Ok(TlsKeys::Static(TlsKey(chain, key)))
    }
}

fn invalid(why: impl std::fmt::Display) -> JsErrorBox {
    JsErrorBox::generic(format!("TlsError\0{why}"))
}
