//! Names of hosts in other alphabets, for `url.domainToASCII()` and `punycode`.

use deno_core::op2;
use deno_error::JsErrorBox;

/// UTS #46; empty if the name is not valid.
#[op2]
#[string]
pub(crate) fn op_node_idna_to_ascii(#[string] domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_default()
}

/// As the host of a URL is read; empty if it is not valid.
#[op2]
#[string]
pub(crate) fn op_node_idna_domain_to_ascii(#[string] domain: &str) -> String {
    let domain = domain.replace(['\t', '\n', '\r'], "");
    let host = domain.split(['/', '\\', '?', '#']).next();
    let host = url::Host::parse(host.unwrap_or_default());
    host.map(|host| host.to_string()).unwrap_or_default()
}

#[op2]
#[string]
pub(crate) fn op_node_idna_domain_to_unicode(#[string] domain: &str) -> String {
    idna::domain_to_unicode(domain).0
}

/// RFC 3492, one label.
#[op2]
#[string]
pub(crate) fn op_node_idna_punycode_encode(#[string] label: &str) -> Result<String, JsErrorBox> {
    idna::punycode::encode_str(label)
        .ok_or_else(|| JsErrorBox::range_error("Overflow: input needs wider integers to process"))
}

/// RFC 3492, one label without its `xn--`.
#[op2]
#[string]
pub(crate) fn op_node_idna_punycode_decode(#[string] label: &str) -> Result<String, JsErrorBox> {
    let basic = label.rsplit_once('-').map_or("", |(basic, _)| basic);
    if !basic.is_ascii() {
        let message = "Illegal input >= 0x80 (not a basic code point)";
        return Err(JsErrorBox::range_error(message));
    }
    idna::punycode::decode_to_string(label).ok_or_else(|| JsErrorBox::range_error("Invalid input"))
}
