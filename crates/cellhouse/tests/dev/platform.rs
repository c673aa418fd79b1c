//! What runs beside requests: queues, cron triggers, timers, workflows; and files and rate limits.

mod crons;
mod files;
mod instances;
mod queues;
mod timers;
mod workflows;
mod workflows_cli;
