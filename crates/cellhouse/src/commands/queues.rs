//! `cellhouse queues`: looking at queues, emptying them, holding their messages back.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use indicatif::HumanBytes;
use serde_json::json;

use crate::cli::{PurgeArguments, QueueArguments, QueuesCommand, WhereArguments};
use crate::data::queues::{Action, Reply, Request};
use crate::data::{self, Event, Heard, Task};
use crate::report::Stop;

pub(crate) fn run(command: &QueuesCommand) -> Result<(), Stop> {
    match command {
        QueuesCommand::List(at) => list(at),
        QueuesCommand::Info(of) => info(of),
        QueuesCommand::Purge(arguments) => purge(arguments),
        QueuesCommand::PauseDelivery(of) => change(
            of,
            Action::Pause,
            "delivery is paused, also after a restart",
        ),
        QueuesCommand::ResumeDelivery(of) => change(of, Action::Resume, "delivery goes on"),
    }
}

fn list(at: &WhereArguments) -> Result<(), Stop> {
    let mut none = true;
    ask(at, None, Action::Look, &mut |reply| {
        none = false;
        let text = match at.json {
            true => as_json(&reply),
            false => as_line(&reply),
        };
        line(&text)
    })?;
    if none && !at.json {
        line("no queues");
    }
    Ok(())
}

fn info(of: &QueueArguments) -> Result<(), Stop> {
    ask(&of.at, Some(&of.queue), Action::Look, &mut |reply| {
        line(&match of.at.json {
            true => as_json(&reply),
            false => as_lines(&reply),
        })
    })
}

fn purge(arguments: &PurgeArguments) -> Result<(), Stop> {
    let of = &arguments.of;
    if !arguments.force && !confirmed(&of.queue) {
        return Err(Stop::wrong(format!(
            "nothing was removed; `--force` removes all messages of {} without asking",
            of.queue
        )));
    }
    ask(&of.at, Some(&of.queue), Action::Purge, &mut |reply| {
        let Reply::Purged { messages } = reply else {
            return true;
        };
        line(&match of.at.json {
            true => json!({ "purged": messages }).to_string(),
            false => format!("removed {messages} messages"),
        })
    })
}

fn confirmed(queue: &str) -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return false;
    }
    eprint!("All messages of {queue} go. Go on? [y/N] ");
    let mut answer = String::new();
    let read = std::io::stderr().flush();
    let read = read.and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

fn change(of: &QueueArguments, action: Action, done: &str) -> Result<(), Stop> {
    ask(&of.at, Some(&of.queue), action, &mut |_| true)?;
    if !of.at.json {
        line(&format!("{}: {done}", of.queue));
    }
    Ok(())
}

/// Has it done. `each` gets every reply, and says whether it wants more.
fn ask(
    at: &WhereArguments,
    queue: Option<&str>,
    action: Action,
    each: &mut dyn FnMut(Reply) -> bool,
) -> Result<(), Stop> {
    let task = Task::Queues(Request {
        queue: queue.map(str::to_owned),
        action,
    });
    data::ask(&at.directory(), &task, &mut |event| match event {
        Event::Queues(Reply::End) => Heard::End(Ok(())),
        Event::Queues(Reply::Absent { message }) => Heard::End(Err(Stop::absent(message))),
        Event::Queues(reply) => each(reply).into(),
        _ => Heard::More,
    })
}

fn as_json(reply: &Reply) -> String {
    let mut value = serde_json::to_value(reply).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("reply");
    }
    value.to_string()
}

fn as_line(reply: &Reply) -> String {
    let Reply::Queue {
        name,
        messages,
        bytes,
        paused,
        consumer,
        ..
    } = reply
    else {
        return String::new();
    };
    let to = match (paused, consumer) {
        (true, _) => "paused".to_owned(),
        (false, Some(app)) => format!("to {app}"),
        (false, None) => "no consumer here".to_owned(),
    };
    let size = HumanBytes(*bytes).to_string();
    format!("{name:32}  {messages:>10} messages  {size:>12}  {to}")
}

fn as_lines(reply: &Reply) -> String {
    let Reply::Queue {
        name,
        created,
        messages,
        bytes,
        oldest,
        paused,
        consumer,
    } = reply
    else {
        return String::new();
    };
    let oldest = oldest.map_or_else(|| "-".to_owned(), moment);
    let delivery = if *paused { "paused" } else { "on" };
    let consumer = consumer.as_deref().unwrap_or("none that runs here");
    format!(
        "queue     {name}\nmade      {}\nmessages  {messages}\nbytes     {}\noldest    {oldest}\ndelivery  {delivery}\nconsumer  {consumer}",
        moment(*created),
        HumanBytes(*bytes),
    )
}

/// Prints a line to standard output: false when nobody reads it (`| head`).
fn line(text: &str) -> bool {
    writeln!(std::io::stdout().lock(), "{text}").is_ok()
}

/// A moment as `toISOString()` writes it.
fn moment(time: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's dates fit")]
    crate::data::objects::date(time as f64)
}
