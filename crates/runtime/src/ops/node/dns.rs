//! `dns.lookup()`: the addresses of a host, as the machine finds them, with its file of hosts. Queries of records are
//! Deno's `op_dns_resolve`.

use deno_core::op2;

/// What the machine's resolver says, in its order: IPv4 and IPv6 addresses, or none with the reason.
#[op2]
#[serde]
pub(crate) async fn op_dns_lookup(#[string] host: String) -> (Vec<String>, Option<String>) {
    match tokio::net::lookup_host((host.as_str(), 0)).await {
        Ok(found) => {
            let mut addresses: Vec<String> = Vec::new();
            for address in found.map(|address| address.ip().to_string()) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            (addresses, None)
        }
        Err(error) => (Vec::new(), Some(error.to_string())),
    }
}
