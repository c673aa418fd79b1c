//! The command line of Cellhouse: parses it, runs the command, turns errors into messages and exit codes.
//!
//! Exit codes: 0 done, 1 something failed while running, 2 the request itself was wrong (arguments,
//! config, a taken port, a missing entry), 3 what it is about is not there (an object, a key, an alarm).

mod cli;
mod commands;
mod data;
mod dev;
mod packages;
mod process;
mod report;
mod stack;
mod types;

use clap::Parser;
use std::process::ExitCode;

use cli::{Cli, Command};
use report::Stop;

fn main() -> ExitCode {
    process::prepare();
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Dev(arguments) => commands::dev::run(arguments),
        Command::Types(arguments) => commands::types::run(&arguments),
        Command::Build(arguments) => commands::build::run(&arguments),
        Command::Backup(arguments) => commands::backup::run(&arguments),
        Command::Restore(arguments) => commands::restore::run(&arguments),
        Command::Doctor(arguments) => commands::doctor::run(&arguments),
        Command::D1(arguments) => commands::d1::run(&arguments.command),
        Command::R2(arguments) => commands::r2::run(&arguments.command),
        Command::Workflows(arguments) => commands::workflows::run(&arguments.command),
        Command::Queues(arguments) => commands::queues::run(&arguments.command),
        Command::Objects(arguments) => commands::objects::run(&arguments.command),
        Command::Tail(arguments) => commands::tail::run(&arguments),
        Command::Kv(arguments) => commands::kv::run(&arguments.command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            stop.print();
            match stop {
                Stop::Wrong(_) => ExitCode::from(2),
                Stop::Failed(_) => ExitCode::from(1),
                Stop::Absent(_) => ExitCode::from(3),
            }
        }
    }
}
