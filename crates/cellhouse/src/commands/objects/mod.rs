//! `cellhouse objects`: eyes and hands on the Durable Objects of an app, while it runs or not.

mod alarm;
mod ask;
mod delete;
mod get;
mod list;
pub(super) mod output;
mod show;
pub(super) mod sql;
pub(super) mod table;

use crate::cli::ObjectsCommand;
use crate::report::Stop;

pub(crate) fn run(command: &ObjectsCommand) -> Result<(), Stop> {
    match command {
        ObjectsCommand::List(arguments) => list::run(arguments),
        ObjectsCommand::Show(arguments) => show::run(arguments),
        ObjectsCommand::Get(arguments) => get::run(arguments),
        ObjectsCommand::Sql(arguments) => sql::run(arguments),
        ObjectsCommand::Delete(arguments) => delete::run(arguments),
        ObjectsCommand::Alarm(arguments) => alarm::run(arguments),
    }
}
