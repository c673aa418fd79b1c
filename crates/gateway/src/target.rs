//! The URL that a request is for: its host is checked, its path and query stay exactly as sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Uri, Version};

use crate::options::{HostPolicy, Options};
use crate::refusal::Refusal;

/// The absolute URL of a request. The Host header is made to agree with it, so that the app finds one
/// however the client named the host.
pub(crate) fn url(
    version: Version,
    method: &Method,
    uri: &Uri,
    headers: &mut HeaderMap,
    options: &Options,
) -> Result<String, Refusal> {
    if method == Method::CONNECT {
        return Err(Refusal::Connect);
    }
    let path = match uri.path_and_query() {
        // The form of `OPTIONS *`: no path at all.
        Some(path) if path == "*" => "/",
        Some(path) => path.as_str(),
        None => "/",
    };
    if path.len() > options.max_uri_bytes {
        return Err(Refusal::LongUri(options.max_uri_bytes));
    }
    if let Some(authority) = uri.authority() {
        name_host(version, authority, headers)?;
    }
    let value = host_header(headers)?;
    let host = Host::parse(value).ok_or(Refusal::BadHost)?;
    if !host.is_allowed(&options.allowed_hosts) {
        return Err(Refusal::ForeignHost(host.name.to_owned()));
    }
    Ok(host.url(path))
}

fn host_header(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(HOST).iter();
    let value = values.next().ok_or(Refusal::NoHost)?;
    if values.next().is_some() {
        return Err(Refusal::ManyHosts);
    }
    value.to_str().map_err(|_| Refusal::BadHost)
}

/// The target itself names a host: `:authority` of HTTP/2, which a Host header may only repeat, or the
/// absolute form of HTTP/1, which overrides the Host header but in HTTP/1.1 does not replace it
/// (RFC 9112, 3.2 and 3.2.2).
fn name_host(
    version: Version,
    authority: &Authority,
    headers: &mut HeaderMap,
) -> Result<(), Refusal> {
    let value = authority.as_str();
    match host_header(headers) {
        Ok(named) if named.eq_ignore_ascii_case(value) => return Ok(()),
        Ok(_) if version == Version::HTTP_2 => return Err(Refusal::TwoHosts),
        Ok(_) => {}
        Err(Refusal::NoHost) if version != Version::HTTP_11 => {}
        Err(refusal) => return Err(refusal),
    }
    let value = HeaderValue::from_str(value).map_err(|_| Refusal::BadHost)?;
    headers.insert(HOST, value);
    Ok(())
}

/// A host as the Host header carries it.
#[derive(Debug, PartialEq, Eq)]
struct Host<'a> {
    name: &'a str,
    /// Decimal digits; `None` for the default port of HTTP.
    port: Option<&'a str>,
}

impl<'a> Host<'a> {
    /// `None` unless the text is a host name, an IPv4 address, or an IPv6 address in brackets, with an
    /// optional port.
    fn parse(text: &'a str) -> Option<Self> {
        let name_ends = match text.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (name, port) = text.split_at(name_ends);
        if !is_ipv6(name) && !is_name(name) {
            return None;
        }
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return None,
            Some("" | "80") => None,
            Some(digits) if is_port(digits) => Some(digits),
            Some(_) => return None,
        };
        Some(Host { name, port })
    }

    fn url(&self, path: &str) -> String {
        let mut url = String::with_capacity(7 + self.name.len() + 6 + path.len());
        url.push_str("http://");
        url.push_str(self.name);
        url[7..].make_ascii_lowercase();
        if let Some(port) = self.port {
            url.push(':');
            url.push_str(port);
        }
        url.push_str(path);
        url
    }

    fn is_allowed(&self, policy: &HostPolicy) -> bool {
        match policy {
            HostPolicy::Any => true,
            HostPolicy::LoopbackNames => self.is_loopback(),
            HostPolicy::List(names) => {
                let name = self.name.strip_suffix('.').unwrap_or(self.name);
                names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
            }
        }
    }

    fn is_loopback(&self) -> bool {
        if let Some(address) = self.address() {
            return address.is_loopback();
        }
        let name = self.name.strip_suffix('.').unwrap_or(self.name);
        let (parents, last) = name.rsplit_once('.').unwrap_or(("localhost", name));
        !parents.is_empty() && last.eq_ignore_ascii_case("localhost")
    }

    fn address(&self) -> Option<IpAddr> {
        let text = self.name.trim_start_matches('[').trim_end_matches(']');
        text.parse().ok()
    }
}

fn is_ipv6(name: &str) -> bool {
    name.strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .is_some_and(|name| name.parse::<Ipv6Addr>().is_ok())
}

/// Letters, digits, `-`, `.` and `_`. A name whose last label is a number is an IPv4 address (as the URL
/// Standard has it) and has to be a whole one.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if name.is_empty() || !name.bytes().all(allowed) {
        return false;
    }
    let bare = name.strip_suffix('.').unwrap_or(name);
    let last = bare.rsplit_once('.').map_or(bare, |(_, last)| last);
    if last.is_empty() {
        return false;
    }
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    !number || bare.parse::<Ipv4Addr>().is_ok()
}

fn is_port(digits: &str) -> bool {
    !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests;
