//! The headers that a request gains and loses on its way from the client to the app.

use std::net::IpAddr;

use bytes::{BufMut, BytesMut};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

/// The address of a client as header values carry it: IPv4 in its own form, however it was reached.
pub(crate) fn address_value(address: IpAddr) -> HeaderValue {
    let text = address.to_canonical().to_string();
    HeaderValue::try_from(text).expect("an IP address is made of visible characters")
}

/// Says who the client is, as Cloudflare does: what the client itself says of its address is replaced,
/// but for X-Forwarded-For, to which the address is appended.
pub(crate) fn introduce(headers: &mut HeaderMap, address: &HeaderValue) {
    headers.insert(CF_CONNECTING_IP, address.clone());
    headers.insert(X_REAL_IP, address.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    let chain = chain(headers, address);
    headers.insert(X_FORWARDED_FOR, chain);
}

fn chain(headers: &HeaderMap, address: &HeaderValue) -> HeaderValue {
    if !headers.contains_key(X_FORWARDED_FOR) {
        return address.clone();
    }
    let mut chain = BytesMut::new();
    for value in headers.get_all(X_FORWARDED_FOR) {
        chain.put_slice(value.as_bytes());
        chain.put_slice(b", ");
    }
    chain.put_slice(address.as_bytes());
    HeaderValue::from_maybe_shared(chain.freeze()).unwrap_or_else(|_| address.clone())
}

/// Removes what concerns the client's connection alone and would mislead an app that passes the request
/// on. `Connection` and `Upgrade` stay: Workers see them.
pub(crate) fn strip_request(headers: &mut HeaderMap) {
    strip(headers, is_framing);
}

/// Removes what an app cannot say, because the gateway frames the response.
pub(crate) fn strip_response(headers: &mut HeaderMap) {
    strip(headers, |name| {
        is_framing(name) || *name == header::CONNECTION || *name == header::UPGRADE
    });
}

fn is_framing(name: &HeaderName) -> bool {
    *name == header::TRANSFER_ENCODING
        || *name == header::TE
        || *name == header::TRAILER
        || *name == KEEP_ALIVE
        || *name == PROXY_CONNECTION
        || *name == HTTP2_SETTINGS
}

fn strip(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) {
    while let Some(name) = headers.keys().find(|name| unwanted(name)) {
        let name = name.clone();
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_a_client_says_of_its_address_is_replaced() {
        let mut headers = map(&[
            ("cf-connecting-ip", "6.6.6.6"),
            ("cf-connecting-ip", "7.7.7.7"),
            ("x-real-ip", "6.6.6.6"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-for", "6.6.6.6"),
            ("x-forwarded-for", "7.7.7.7, 8.8.8.8"),
        ]);
        introduce(
            &mut headers,
            &address_value("::ffff:10.0.0.1".parse().unwrap()),
        );
        let expected = map(&[
            ("cf-connecting-ip", "10.0.0.1"),
            ("x-real-ip", "10.0.0.1"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-for", "6.6.6.6, 7.7.7.7, 8.8.8.8, 10.0.0.1"),
        ]);
        assert_eq!(headers, expected);
    }

    #[test]
    fn headers_of_the_connection_are_removed() {
        let all = [
            ("connection", "keep-alive"),
            ("upgrade", "h2c"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("trailer", "x"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "close"),
            ("http2-settings", "AA"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ];
        let mut request = map(&all);
        strip_request(&mut request);
        let kept = [
            ("connection", "keep-alive"),
            ("upgrade", "h2c"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ];
        assert_eq!(request, map(&kept));
        let mut response = map(&all);
        strip_response(&mut response);
        assert_eq!(response, map(&kept[2..]));
    }
}
