//! Static files of an app: which file answers a request, redirects, headers, and when the script is asked instead.
//!
//! Owns what Cloudflare's `assets` means: `html_handling`, `not_found_handling`, `run_worker_first`, `_headers`,
//! `_redirects` and `.assetsignore`. Files are looked for when a request asks for them, so a change counts at
//! once, and they are streamed. It never leaves its directory, never writes, and knows nothing of JavaScript.
#![forbid(unsafe_code)]

mod body;
mod candidates;
mod content_type;
mod files;
mod headers;
mod ignored;
mod path;
mod pattern;
mod redirects;
mod resolve;
mod rule_file;
mod rule_url;
mod site;

pub use site::{HtmlHandling, NotFound, Options, Report, ScriptFirst, Site};
