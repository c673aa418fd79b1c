//! `cellhouse d1`: eyes and hands on the D1 databases of an app, while it runs or not.

mod ask;
mod execute;
mod export;
mod info;
mod migrations;
mod time_travel;

use crate::cli::{D1Command, MigrationsCommand, TimeTravelCommand};
use crate::report::Stop;

pub(crate) fn run(command: &D1Command) -> Result<(), Stop> {
    match command {
        D1Command::List(arguments) => info::list(arguments),
        D1Command::Info(arguments) => info::run(arguments),
        D1Command::Execute(arguments) => execute::run(arguments),
        D1Command::Export(arguments) => export::run(arguments),
        D1Command::Migrations(MigrationsCommand::Create(arguments)) => {
            migrations::create(arguments)
        }
        D1Command::Migrations(MigrationsCommand::List(arguments)) => migrations::list(arguments),
        D1Command::Migrations(MigrationsCommand::Apply(arguments)) => migrations::apply(arguments),
        D1Command::TimeTravel(TimeTravelCommand::Info(arguments)) => time_travel::info(arguments),
        D1Command::TimeTravel(TimeTravelCommand::Restore(arguments)) => {
            time_travel::restore(arguments)
        }
    }
}
