//! The Queue binding. Sending is a commit that is done at once; it closes the gate until it is durable.

use cellhouse_cell::Ticket;
use cellhouse_queues::{Backlog, Content, Error, ErrorKind, Outgoing};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use serde_json::json;

use super::env::EnvTable;
use crate::QueueBinding;
use crate::isolate::Events;
use crate::spec::BindingValue;

fn queue(state: &OpState, index: u32) -> Result<QueueBinding, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::Queue(queue)) => Ok(queue.clone()),
        _ => Err(JsErrorBox::type_error("this binding is not a queue")),
    }
}

/// An error may tell what the queue holds, so it closes the gate as a read does.
fn settle<T>(
    state: &OpState,
    binding: &QueueBinding,
    method: &str,
    result: Result<(T, Ticket), Error>,
) -> Result<T, JsErrorBox> {
    let gate = state.borrow::<Events>().gate();
    match result {
        Ok((value, ticket)) => {
            gate.add(ticket);
            Ok(value)
        }
        Err(error) => {
            gate.add(binding.queue.ticket());
            Err(JsErrorBox::generic(match error.kind() {
                ErrorKind::Refused => format!("Queue {method} failed: {error}"),
                _ => error.to_string(),
            }))
        }
    }
}

fn backlog(backlog: &Backlog) -> serde_json::Value {
    json!({"count": backlog.count, "bytes": backlog.bytes, "oldest": backlog.oldest})
}

/// Sends messages: `parts` has the content's number, the length and the delay of each, one after another in
/// `bytes`. Gives `{ ids, backlog }` as JSON.
#[op2]
#[string]
pub(crate) fn op_queue_send(
    state: &mut OpState,
    #[smi] index: u32,
    #[buffer] bytes: &[u8],
    #[serde] parts: Vec<(u32, u32, Option<f64>)>,
    batch: bool,
) -> Result<String, JsErrorBox> {
    let binding = queue(state, index)?;
    let mut rest = bytes;
    let mut messages = Vec::with_capacity(parts.len());
    for (content, length, delay) in parts {
        let (body, others) = rest
            .split_at_checked(length as usize)
            .ok_or_else(|| JsErrorBox::type_error("the bodies are shorter than they say"))?;
        rest = others;
        messages.push(Outgoing {
            content: Content::of_number(content).unwrap_or(Content::Bytes),
            body,
            delay_seconds: delay.unwrap_or(binding.delivery_delay.into()),
        });
    }
    let queue = &binding.queue;
    let (method, sent) = match (batch, &messages[..]) {
        (false, [message]) => {
            let sent = queue.send(message);
            let sent = sent.map(|((id, backlog), ticket)| ((vec![id], backlog), ticket));
            ("send", sent)
        }
        (_, messages) => ("sendBatch", queue.send_batch(messages)),
    };
    let (ids, waiting) = settle(state, &binding, method, sent)?;
    Ok(json!({"ids": ids, "backlog": backlog(&waiting)}).to_string())
}

/// What is in the queue, as JSON.
#[op2]
#[string]
pub(crate) fn op_queue_metrics(
    state: &mut OpState,
    #[smi] index: u32,
) -> Result<String, JsErrorBox> {
    let binding = queue(state, index)?;
    let waiting = settle(state, &binding, "metrics", binding.queue.backlog())?;
    Ok(backlog(&waiting).to_string())
}
