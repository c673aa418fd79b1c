//! D1: statements that are run within the call if they are quick, and otherwise by a job that is
//! waited for. What they wrote or saw closes the gate until it is durable.

pub(crate) mod transaction;
mod values;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use cellhouse_cell::{CellName, Ticket};
use cellhouse_d1::{Answer, Control, Database, Error, Statement};
use deno_core::{OpState, ToJsBuffer, op2, v8};
use deno_error::JsErrorBox;
use tokio::sync::oneshot;

use self::transaction::Open;
use super::env::EnvTable;
use crate::isolate::Events;
use crate::spec::BindingValue;

/// Queries that take longer, by their number.
#[derive(Default)]
struct Jobs {
    last: u32,
    jobs: HashMap<u32, Job>,
}

enum Job {
    /// To be run, in the transaction if there is one.
    Asked(Asked),
    /// Runs until this is used.
    Running(oneshot::Sender<()>),
    Done(Result<Answer, Error>),
}

struct Asked {
    database: Database,
    transaction: Option<Rc<Open>>,
    statements: Vec<Statement>,
}

fn database(state: &OpState, index: u32) -> Result<Database, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::D1(database)) => Ok(database.clone()),
        _ => Err(JsErrorBox::type_error("this binding is not a D1 database")),
    }
}

/// What stands for a database in its bookmarks.
pub(super) fn key_of(database: &Database) -> String {
    let key = CellName::new("d1", database.name()).map(|name| name.key().bytes());
    let key = key.unwrap_or_default();
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn close_gate(state: &OpState, ticket: Ticket) {
    state.borrow::<Events>().gate().add(ticket);
}

/// An error may tell what the database holds, so it closes the gate as a read does.
fn thrown(state: &OpState, database: &Database, error: &Error) -> JsErrorBox {
    close_gate(state, database.ticket());
    JsErrorBox::generic(error.to_string())
}

fn keep(state: &mut OpState, job: Asked) -> u32 {
    if !state.has::<Jobs>() {
        state.put(Jobs::default());
    }
    let jobs = state.borrow_mut::<Jobs>();
    jobs.last = jobs.last.wrapping_add(1);
    jobs.jobs.insert(jobs.last, Job::Asked(job));
    jobs.last
}

/// What the statements gave (see [`values::answer`]), or the number of a job that is to be waited
/// for. `statements` is `[sql, parameters, sql, parameters, ...]`.
#[op2]
pub(crate) fn op_d1_query<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    statements: v8::Local<'s, v8::Array>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let database = database(state, index)?;
    let statements = values::statements(scope, statements);
    match database.now(&statements) {
        Some(Ok(answer)) => {
            close_gate(state, answer.ticket);
            Ok(values::answer(scope, answer.outputs, answer.transaction))
        }
        Some(Err(error)) => Err(thrown(state, &database, &error)),
        None => {
            let job = Asked {
                database,
                transaction: None,
                statements,
            };
            let number = keep(state, job);
            Ok(v8::Integer::new_from_unsigned(scope, number).into())
        }
    }
}

/// Runs a job until it is done or stopped. When the isolate ends meanwhile, so does the query.
#[op2]
pub(crate) async fn op_d1_wait(
    state: Rc<RefCell<OpState>>,
    #[smi] number: u32,
) -> Result<(), JsErrorBox> {
    let job = state.borrow_mut().borrow_mut::<Jobs>().jobs.remove(&number);
    let Some(Job::Asked(asked)) = job else {
        return Err(JsErrorBox::generic("this query has ended"));
    };
    let (stop, stopped) = oneshot::channel();
    put(&mut state.borrow_mut(), number, Job::Running(stop));
    let database = asked.database.clone();
    let run = async {
        match asked.transaction {
            Some(open) => open.transaction.run(asked.statements).await,
            None => asked.database.run(asked.statements).await,
        }
    };
    let done = tokio::select! {
        biased;
        done = run => done,
        Ok(()) = stopped => Err(Error::unwanted()),
    };
    let ticket = match &done {
        Ok(answer) => answer.ticket.clone(),
        Err(_) => database.ticket(),
    };
    let mut state = state.borrow_mut();
    close_gate(&state, ticket);
    put(&mut state, number, Job::Done(done));
    Ok(())
}

fn put(state: &mut OpState, number: u32, job: Job) {
    state.borrow_mut::<Jobs>().jobs.insert(number, job);
}

/// Stops a job because nobody wants what it gives: its SQL ends, and what it has written is undone. One that
/// has ended is left as it is.
#[op2(fast)]
pub(crate) fn op_d1_stop(state: &mut OpState, #[smi] number: u32) {
    match state.borrow_mut::<Jobs>().jobs.remove(&number) {
        // Whoever waits for it is told.
        Some(Job::Running(stop)) => drop(stop.send(())),
        Some(done @ Job::Done(_)) => put(state, number, done),
        Some(Job::Asked(_)) | None => {}
    }
}

/// What the statements of a job gave that has been waited for.
#[op2]
pub(crate) fn op_d1_take<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] number: u32,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    match state.borrow_mut::<Jobs>().jobs.remove(&number) {
        Some(Job::Done(Ok(answer))) => {
            Ok(values::answer(scope, answer.outputs, answer.transaction))
        }
        Some(Job::Done(Err(error))) => Err(JsErrorBox::generic(error.to_string())),
        _ => Err(JsErrorBox::generic("this query has not ended")),
    }
}

/// The database as a file of SQLite.
#[op2]
#[serde]
pub(crate) async fn op_d1_dump(
    state: Rc<RefCell<OpState>>,
    #[smi] index: u32,
) -> Result<ToJsBuffer, JsErrorBox> {
    let database = database(&state.borrow(), index)?;
    let dumped = database.dump().await;
    let state = state.borrow();
    match dumped {
        Ok((file, ticket)) => {
            close_gate(&state, ticket);
            Ok(file.into())
        }
        Err(error) => Err(thrown(&state, &database, &error)),
    }
}

/// What a text does to a transaction: 0 nothing, 1 begins one, 2 commits it, 3 rolls it back, 4 is
/// about a savepoint in it.
#[op2(fast)]
#[smi]
pub(crate) fn op_d1_control(#[string] sql: &str) -> u32 {
    match Control::parse(sql) {
        None => 0,
        Some(Control::Begin) => 1,
        Some(Control::Commit) => 2,
        Some(Control::Rollback) => 3,
        Some(_) => 4,
    }
}
