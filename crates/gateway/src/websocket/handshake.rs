//! The opening handshake, seen from the server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Method, Version};
use sha1::{Digest, Sha1};

use super::deflate::Agreement;
use crate::options::WebSocketOptions;
use crate::refusal::Refusal;

/// What the key is hashed with (RFC 6455, 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What a request for a WebSocket will be answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// The Sec-WebSocket-Accept.
    accept: String,
    deflate: Option<Agreement>,
}

/// The handshake of a request for a WebSocket; `None` for any other request.
pub(crate) fn check_handshake(
    version: Version,
    method: &Method,
    headers: &HeaderMap,
    options: &WebSocketOptions,
) -> Result<Option<Handshake>, Refusal> {
    let asks = version == Version::HTTP_11
        && method == Method::GET
        && has_token(headers, &UPGRADE, "websocket")
        && has_token(headers, &CONNECTION, "upgrade");
    if !asks {
        return Ok(None);
    }
    if headers
        .get(SEC_WEBSOCKET_VERSION)
        .map(HeaderValue::as_bytes)
        != Some(b"13")
    {
        return Err(Refusal::WebSocketVersion);
    }
    let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
    match (keys.next(), keys.next()) {
        (Some(key), None) if is_key(key.as_bytes()) => Ok(Some(Handshake {
            accept: accept(key.as_bytes()),
            deflate: Agreement::accept(headers, options),
        })),
        _ => Err(Refusal::WebSocketKey),
    }
}

/// Makes the headers of the app's answer those of a 101 response. Returns what was agreed on.
pub(crate) fn complete_handshake(
    headers: &mut HeaderMap,
    handshake: Handshake,
) -> Option<Agreement> {
    let Handshake { accept, deflate } = handshake;
    let deflate = deflate.filter(|_| Agreement::is_wanted(headers));
    headers.remove(SEC_WEBSOCKET_EXTENSIONS);
    if let Some(agreement) = deflate {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, agreement.header());
    }
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::try_from(accept).expect("base64 is made of visible characters");
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    deflate
}

/// Whether a header that is a list of tokens has one of them, in any case.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    let mut tokens = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    tokens.any(|found| found.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

fn is_key(key: &[u8]) -> bool {
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

fn accept(key: &[u8]) -> String {
    let hash = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    STANDARD.encode(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn check(pairs: &[(&'static str, &'static str)]) -> Result<Option<Handshake>, Refusal> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let options = WebSocketOptions::default();
        check_handshake(Version::HTTP_11, &Method::GET, &headers, &options)
    }

    #[test]
    fn the_example_of_the_rfc_is_accepted() {
        let table = [
            ("websocket", "Upgrade"),
            ("WebSocket", "keep-alive, upgrade"),
            ("h2c, websocket", "x,UPGRADE ,y"),
        ];
        for (upgrade, connection) in table {
            let handshake = check(&[
                ("upgrade", upgrade),
                ("connection", connection),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", KEY),
            ]);
            let expected = Handshake {
                accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned(),
                deflate: None,
            };
            assert_eq!(handshake, Ok(Some(expected)), "{upgrade}");
        }
    }

    #[test]
    fn what_does_not_ask_for_a_websocket_is_an_ordinary_request() {
        assert_eq!(check(&[]), Ok(None));
        assert_eq!(check(&[("upgrade", "websocket")]), Ok(None));
        assert_eq!(check(&[("connection", "upgrade")]), Ok(None));
        let h2c = [("upgrade", "h2c"), ("connection", "upgrade")];
        assert_eq!(check(&h2c), Ok(None));
    }

    #[test]
    fn a_bad_version_or_key_is_refused() {
        let asks = [("upgrade", "websocket"), ("connection", "upgrade")];
        let with = |more: &[(&'static str, &'static str)]| check(&[&asks, more].concat());
        let version = ("sec-websocket-version", "13");
        let key = |key| ("sec-websocket-key", key);
        assert_eq!(with(&[key(KEY)]), Err(Refusal::WebSocketVersion));
        let old = ("sec-websocket-version", "8");
        assert_eq!(with(&[old, key(KEY)]), Err(Refusal::WebSocketVersion));
        assert_eq!(with(&[version]), Err(Refusal::WebSocketKey));
        for bad in [
            "",
            "x",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZSE=",
        ] {
            assert_eq!(
                with(&[version, key(bad)]),
                Err(Refusal::WebSocketKey),
                "{bad}"
            );
        }
        let twice = [version, key(KEY), key(KEY)];
        assert_eq!(with(&twice), Err(Refusal::WebSocketKey));
    }
}
