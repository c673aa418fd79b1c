//! `cellhouse workflows`: looking at Workflows and their instances, and changing these.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::cli::{
    InstanceArguments, InstanceListArguments, InstancesCommand, SendEventArguments,
    TriggerArguments, WhereArguments, WorkflowsCommand,
};
use crate::data::workflows::{Action, Reply, Request};
use crate::data::{self, Event, Heard, Task};
use crate::report::Stop;

pub(crate) fn run(command: &WorkflowsCommand) -> Result<(), Stop> {
    match command {
        WorkflowsCommand::List(at) => list(at),
        WorkflowsCommand::Trigger(arguments) => trigger(arguments),
        WorkflowsCommand::Instances(command) => instances(command),
    }
}

fn instances(command: &InstancesCommand) -> Result<(), Stop> {
    let id = |of: &InstanceArguments| of.id.clone();
    match command {
        InstancesCommand::List(arguments) => list_instances(arguments),
        InstancesCommand::Describe(of) => describe(of),
        InstancesCommand::Pause(of) => change(of, Action::Pause { id: id(of) }, "is to pause"),
        InstancesCommand::Resume(of) => change(of, Action::Resume { id: id(of) }, "goes on"),
        InstancesCommand::Terminate(of) => {
            change(of, Action::Terminate { id: id(of) }, "was terminated")
        }
        InstancesCommand::Restart(of) => change(of, Action::Restart { id: id(of) }, "begins anew"),
        InstancesCommand::SendEvent(arguments) => send_event(arguments),
    }
}

fn list(at: &WhereArguments) -> Result<(), Stop> {
    let mut none = true;
    ask(at, None, Action::List, &mut |reply| {
        none = false;
        let Reply::Workflow {
            name,
            instances,
            app,
            class,
        } = &reply
        else {
            return true;
        };
        let by = match (app, class) {
            (Some(app), Some(class)) => format!("{class} of {app}"),
            _ => "does not run here".to_owned(),
        };
        print(at, &reply, || {
            format!("{name:32}  {instances:>8} instances  {by}")
        })
    })?;
    if none && !at.json {
        line("no Workflows");
    }
    Ok(())
}

fn trigger(arguments: &TriggerArguments) -> Result<(), Stop> {
    let action = Action::Trigger {
        id: arguments.id.clone(),
        params: parsed("the parameters", &arguments.params)?,
    };
    let at = &arguments.at;
    ask(at, Some(&arguments.workflow), action, &mut |reply| {
        let Reply::Changed { id } = &reply else {
            return true;
        };
        print(at, &reply, || format!("{id} was made"))
    })
}

fn list_instances(arguments: &InstanceListArguments) -> Result<(), Stop> {
    let action = Action::Instances {
        status: arguments.status.clone(),
        reverse: arguments.reverse,
        limit: arguments.limit,
    };
    let at = &arguments.at;
    let mut none = true;
    ask(at, Some(&arguments.workflow), action, &mut |reply| {
        none = false;
        let Reply::Instance {
            id,
            status,
            created,
            ..
        } = &reply
        else {
            return true;
        };
        print(at, &reply, || {
            format!("{id:36}  {status:16}  {}", moment(*created))
        })
    })?;
    if none && !at.json {
        line("no instances");
    }
    Ok(())
}

fn describe(of: &InstanceArguments) -> Result<(), Stop> {
    let action = Action::Describe { id: of.id.clone() };
    let mut instance = Value::Null;
    let mut steps = Vec::new();
    let is_json = of.at.json;
    ask(
        &of.at,
        Some(&of.workflow),
        action,
        &mut |reply| match (is_json, &reply) {
            (true, Reply::Step { .. }) => {
                steps.push(as_json(&reply));
                true
            }
            (true, _) => {
                instance = as_json(&reply);
                true
            }
            (false, _) => line(&in_words(&reply)),
        },
    )?;
    if let Some(map) = instance.as_object_mut() {
        map.insert("steps".to_owned(), Value::Array(steps));
        line(&instance.to_string());
    }
    Ok(())
}

fn in_words(reply: &Reply) -> String {
    let of = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), failure);
    match reply {
        Reply::Instance {
            id,
            status,
            created,
            output,
            error,
        } => format!(
            "instance  {id}\nstatus    {status}\nmade      {}\noutput    {}\nerror     {}",
            moment(*created),
            output
                .as_ref()
                .map_or_else(|| "-".to_owned(), Value::to_string),
            of(error),
        ),
        Reply::Step {
            kind,
            name,
            nth,
            state,
            attempts,
            text,
            error,
            at,
            ..
        } => {
            let nth = if *nth > 1 {
                format!(" ({nth})")
            } else {
                String::new()
            };
            let more = match (text, error, at) {
                (Some(text), ..) => text.clone(),
                (None, Some(error), _) => failure(error),
                (None, None, Some(at)) => format!("until {}", moment(*at)),
                _ => String::new(),
            };
            let tries = match attempts {
                0 | 1 => String::new(),
                tries => format!(" after {tries} attempts"),
            };
            format!("  {state:6}  {kind} {name:?}{nth}{tries}  {more}")
                .trim_end()
                .to_owned()
        }
        _ => String::new(),
    }
}

/// An error as JavaScript prints it.
fn failure(error: &Value) -> String {
    match (error["name"].as_str(), error["message"].as_str()) {
        (Some(name), Some(message)) => format!("{name}: {message}"),
        _ => error.to_string(),
    }
}

fn send_event(arguments: &SendEventArguments) -> Result<(), Stop> {
    let of = &arguments.of;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let kind = &arguments.kind;
    if !(1..=100).contains(&kind.len()) || !kind.chars().all(is_part) || kind.starts_with('-') {
        return Err(Stop::wrong(format!(
            "{kind:?} is no type of events: that has 1 to 100 letters, digits, _ and -, and does not start with -"
        )));
    }
    let action = Action::Send {
        id: of.id.clone(),
        kind: kind.clone(),
        payload: parsed("the payload", &arguments.payload)?,
    };
    change(of, action, "has the event")
}

fn change(of: &InstanceArguments, action: Action, done: &str) -> Result<(), Stop> {
    ask(&of.at, Some(&of.workflow), action, &mut |reply| {
        let Reply::Changed { id } = &reply else {
            return true;
        };
        print(&of.at, &reply, || format!("{id} {done}"))
    })
}

fn parsed(what: &str, text: &str) -> Result<Value, Stop> {
    serde_json::from_str(text).map_err(|error| {
        Stop::wrong(format!(
            "{what} {text:?} must be JSON, such as {}: {error}",
            json!({ "name": "value" })
        ))
    })
}

/// Has it done. `each` gets every reply, and says whether it wants more.
fn ask(
    at: &WhereArguments,
    workflow: Option<&str>,
    action: Action,
    each: &mut dyn FnMut(Reply) -> bool,
) -> Result<(), Stop> {
    let task = Task::Workflows(Request {
        workflow: workflow.map(str::to_owned),
        action,
    });
    data::ask(&at.directory(), &task, &mut |event| match event {
        Event::Workflows(Reply::End) => Heard::End(Ok(())),
        Event::Workflows(Reply::Absent { message }) => Heard::End(Err(Stop::absent(message))),
        Event::Workflows(Reply::Refused { message }) => Heard::End(Err(Stop::wrong(message))),
        Event::Workflows(reply) => each(reply).into(),
        _ => Heard::More,
    })
}

fn print(at: &WhereArguments, reply: &Reply, text: impl FnOnce() -> String) -> bool {
    match at.json {
        true => line(&as_json(reply).to_string()),
        false => line(&text()),
    }
}

fn as_json(reply: &Reply) -> Value {
    let mut value = serde_json::to_value(reply).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("reply");
        map.remove("text");
    }
    value
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
