//! `cellhouse kv`: eyes and hands on the key-value stores of an app, while it runs or not.

mod ask;
mod bulk;
mod key;
mod namespace;

use crate::cli::{KvBulkCommand, KvCommand, KvKeyCommand, KvNamespaceCommand};
use crate::report::Stop;

pub(crate) fn run(command: &KvCommand) -> Result<(), Stop> {
    match command {
        KvCommand::Key(KvKeyCommand::Put(arguments)) => key::put(arguments),
        KvCommand::Key(KvKeyCommand::Get(arguments)) => key::get(arguments),
        KvCommand::Key(KvKeyCommand::List(arguments)) => key::list(arguments),
        KvCommand::Key(KvKeyCommand::Delete(arguments)) => key::delete(arguments),
        KvCommand::Bulk(KvBulkCommand::Put(arguments)) => bulk::put(arguments),
        KvCommand::Bulk(KvBulkCommand::Get(arguments)) => bulk::get(arguments),
        KvCommand::Bulk(KvBulkCommand::Delete(arguments)) => bulk::delete(arguments),
        KvCommand::Namespace(KvNamespaceCommand::List(arguments)) => namespace::list(arguments),
    }
}
