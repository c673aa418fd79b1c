//! permessage-deflate (RFC 7692): what is agreed on with a client, and who compresses.
//!
//! Every message is compressed by itself (no context takeover in either direction), so a socket owns no
//! compressor and an idle one costs nothing; compressors are shared, see [`Codecs`].

mod codec;
mod offer;

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{HeaderValue, SEC_WEBSOCKET_EXTENSIONS};

use super::frame::Violation;
use crate::options::WebSocketOptions;

pub(crate) use codec::Codecs;

/// What was agreed on with one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// How far back the gateway's compressor may refer: 8 to 15 bits.
    window_bits: u8,
    /// The client named `window_bits` and wants to read of it.
    named: bool,
}

impl Agreement {
    /// The first offer of a client's handshake that can be kept; `None` without one.
    pub(crate) fn accept(headers: &HeaderMap, options: &WebSocketOptions) -> Option<Self> {
        options.compress_above?;
        let values = headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter();
        let mut values = values.filter_map(|value| value.to_str().ok());
        values.find_map(|value| offer::elements(value, ',').find_map(offer::accept))
    }

    /// Whether an app's answer leaves the gateway the choice: it names the extension, or none at all. An app
    /// turns compression off with an empty Sec-WebSocket-Extensions.
    pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter().peekable();
        let mut names = |value: &HeaderValue| {
            let value = value.to_str().unwrap_or_default();
            offer::elements(value, ',').any(offer::is_permessage_deflate)
        };
        values.peek().is_none() || values.any(&mut names)
    }

    /// The Sec-WebSocket-Extensions of the answer. A client that was not asked not to take its context over
    /// can be told to (RFC 7692, 7.1.1.2).
    pub(crate) fn header(self) -> HeaderValue {
        const PLAIN: &str =
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        match self.named {
            false => HeaderValue::from_static(PLAIN),
            true => format!("{PLAIN}; server_max_window_bits={}", self.window_bits)
                .try_into()
                .expect("the parameters are visible characters"),
        }
    }
}

/// One socket's side of an [`Agreement`].
#[derive(Debug, Clone)]
pub(super) struct Deflate {
    codecs: Arc<Codecs>,
    agreement: Agreement,
    above: usize,
}

impl Deflate {
    /// Messages of more than `above` bytes will be compressed.
    pub(super) fn new(codecs: &Arc<Codecs>, agreement: Agreement, above: usize) -> Self {
        Deflate {
            codecs: codecs.clone(),
            agreement,
            above,
        }
    }

    /// The payload in compressed form; `None` where it is not worth it.
    pub(super) fn compress(&self, payload: &[u8]) -> Option<Bytes> {
        match payload.len() > self.above {
            true => self.codecs.compress(payload, self.agreement.window_bits),
            false => None,
        }
    }

    /// What a client has compressed. Fails beyond `limit` bytes, having made no more.
    pub(super) fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, Violation> {
        self.codecs.decompress(payload, limit)
    }

    /// The largest compressed form of a message of `limit` bytes: what cannot be compressed grows by 5 bytes
    /// for each block, which zlib makes of 16 KiB at its default settings.
    pub(super) fn compressed_limit(limit: usize) -> usize {
        limit.saturating_add(limit / 1024 + 64)
    }
}
