//! The parameters of permessage-deflate in a client's handshake (RFC 7692, 7.1).
//!
//! An offer with a parameter that is unknown, doubled or malformed is declined, as the RFC demands; the
//! client's next one may still do.

use super::Agreement;

const NAME: &str = "permessage-deflate";

/// The elements of a header value, or of one of them, without what surrounds them. Separators within quotes
/// do not count.
pub(super) fn elements(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = value.split(move |found: char| {
        match found {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        !quoted && found == separator
    });
    parts.map(str::trim_ascii)
}

/// Whether an element names the extension.
pub(super) fn is_permessage_deflate(element: &str) -> bool {
    elements(element, ';').next() == Some(NAME)
}

/// What an offer leads to; `None` if it is for something else, or cannot be kept.
pub(super) fn accept(offer: &str) -> Option<Agreement> {
    let mut parts = elements(offer, ';');
    if parts.next() != Some(NAME) {
        return None;
    }
    let mut seen = Vec::new();
    let mut agreement = Agreement {
        window_bits: 15,
        named: false,
    };
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim_ascii_end(), Some(value.trim_ascii_start())),
            None => (part, None),
        };
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
        match (name, value) {
            ("server_no_context_takeover" | "client_no_context_takeover", None) => {}
            // The client would obey a smaller window; any can be read here.
            ("client_max_window_bits", None) => {}
            ("client_max_window_bits", Some(value)) => drop(window_bits(value)?),
            ("server_max_window_bits", Some(value)) => {
                agreement.window_bits = window_bits(value)?;
                agreement.named = true;
            }
            _ => return None,
        }
    }
    Some(agreement)
}

/// 8 to 15, without a leading zero, perhaps in quotes.
fn window_bits(value: &str) -> Option<u8> {
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match quoted.unwrap_or(value) {
        "8" => Some(8),
        "9" => Some(9),
        "10" => Some(10),
        "11" => Some(11),
        "12" => Some(12),
        "13" => Some(13),
        "14" => Some(14),
        "15" => Some(15),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{HeaderValue, SEC_WEBSOCKET_EXTENSIONS};

    use super::super::Agreement;
    use crate::options::WebSocketOptions;

    const PLAIN: &str =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(value));
        }
        headers
    }

    fn answer(values: &[&'static str]) -> Option<String> {
        let agreement = Agreement::accept(&headers(values), &WebSocketOptions::default())?;
        Some(agreement.header().to_str().unwrap().to_owned())
    }

    #[test]
    fn offers_are_accepted() {
        for offer in [
            "permessage-deflate",
            // Chrome and Firefox; Safari; gorilla.
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=15",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            " permessage-deflate ;client_max_window_bits = \"8\" ",
        ] {
            assert_eq!(answer(&[offer]).as_deref(), Some(PLAIN), "{offer}");
        }
        for bits in 8..=15 {
            let offer = format!("permessage-deflate; server_max_window_bits={bits}");
            let found = answer(&[offer.leak()]);
            assert_eq!(
                found,
                Some(format!("{PLAIN}; server_max_window_bits={bits}"))
            );
        }
    }

    #[test]
    fn what_is_not_an_offer_is_declined() {
        for offer in [
            "",
            "deflate-stream",
            "x-webkit-deflate-frame",
            "Permessage-Deflate",
            "permessage-deflate; unknown",
            "permessage-deflate; unknown=1",
            "permessage-deflate;",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover=true",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
            "other; note=\"a, permessage-deflate, b\"",
            "other; note=\"\\\", permessage-deflate\"",
        ] {
            assert_eq!(answer(&[offer]), None, "{offer}");
        }
    }

    #[test]
    fn the_first_offer_that_can_be_kept_counts() {
        let two = "permessage-deflate; server_max_window_bits=99, other;x=\"1,2\", \
                   permessage-deflate; server_max_window_bits=10, permessage-deflate";
        let expected = Some(format!("{PLAIN}; server_max_window_bits=10"));
        assert_eq!(answer(&[two]), expected);
        let lines = ["other", "permessage-deflate; client_max_window_bits"];
        assert_eq!(answer(&lines).as_deref(), Some(PLAIN));
    }

    #[test]
    fn nothing_is_accepted_where_compression_is_off() {
        let options = WebSocketOptions {
            compress_above: None,
            ..WebSocketOptions::default()
        };
        let offers = headers(&["permessage-deflate"]);
        assert_eq!(Agreement::accept(&offers, &options), None);
    }

    #[test]
    fn the_app_may_decline() {
        assert!(Agreement::is_wanted(&headers(&[])));
        assert!(Agreement::is_wanted(&headers(&["permessage-deflate"])));
        assert!(Agreement::is_wanted(&headers(&[
            "other, permessage-deflate; x"
        ])));
        assert!(!Agreement::is_wanted(&headers(&[""])));
        assert!(!Agreement::is_wanted(&headers(&["other"])));
    }
}
