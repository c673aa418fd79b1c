//! Whole configs through the public API: what loads, what fails and how it is shown.
//!
//! One test binary; every test writes its files into a directory of its own.

mod discovery;
mod documents;
mod environments;
mod flags;
mod never_panics;
mod ploy;
mod ploy_errors;
mod redirect;
mod rendered;
mod support;
mod together;
mod variables;
mod wrangler;
mod wrangler_errors;
