//! SQL of users, wherever it runs: what it may do (`guard.rs`), how long (`watch.rs`), and what they
//! are told when it fails (`message.rs`). All of it is Cloudflare's.

mod guard;
mod message;
mod watch;

pub use guard::{alters, authorize, names_ours, of_user};
pub use message::{NOT_AUTHORIZED, is_of_storage, text};
pub use watch::{OPCODES, Stop, Stopped, Watch, tick, watched};
