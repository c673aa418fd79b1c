//! Bundles of whole projects in temporary folders, run in the engine where what they do matters.

mod assets;
mod build_command;
mod builtin;
mod decorators;
mod errors;
mod files;
mod globs;
mod languages;
mod maps;
mod output;
mod packages;
mod runtime_modules;
mod support;
