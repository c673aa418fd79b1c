//! How a JavaScript value is written when it is stored or leaves its isolate: see `docs/values.md`.
//!
//! Owns the bytes: [`Writer`] and [`Reader`] speak of tokens, [`Tree`] is a whole value without an engine,
//! to be looked at. Knows nothing of JavaScript engines, and never decides what may be cloned.

#![forbid(unsafe_code)]

mod bigint;
mod error;
mod layout;
mod reader;
mod tag;
mod text;
mod token;
mod tree;
mod writer;

pub use bigint::BigInt;
pub use error::{Error, ErrorKind};
pub use layout::{MAX_DEPTH, V8_VERSION, VERSION};
pub use reader::Reader;
pub use tag::{ErrorClass, ViewKind};
pub use text::Text;
pub use token::{Backing, Buffer, ErrorPart, Token};
pub use tree::{Node, Property, Tree, Value};
pub use writer::Writer;
