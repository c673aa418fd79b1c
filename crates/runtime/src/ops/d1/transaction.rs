//! Interactive transactions of D1: begun, used and ended by several calls.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use cellhouse_d1::{Control, Database, Transaction};
use deno_core::{OpState, Resource, ResourceId, op2, v8};
use deno_error::JsErrorBox;

use super::{Asked, close_gate, database, keep, thrown, values};

/// A transaction that was begun. Closing it rolls it back.
pub(super) struct Open {
    pub(super) transaction: Transaction,
    database: Database,
}

impl Resource for Open {
    fn name(&self) -> Cow<'_, str> {
        "d1Transaction".into()
    }
}

fn open(state: &OpState, rid: ResourceId) -> Result<Rc<Open>, JsErrorBox> {
    let open = state.resource_table.get::<Open>(rid);
    open.map_err(|_| JsErrorBox::generic("the transaction has ended"))
}

/// Begins a transaction that may stay open for `limit` milliseconds.
#[op2]
#[smi]
pub(crate) async fn op_d1_begin(
    state: Rc<RefCell<OpState>>,
    #[smi] index: u32,
    limit: f64,
) -> Result<ResourceId, JsErrorBox> {
    let database = database(&state.borrow(), index)?;
    let limit = Duration::from_secs_f64(limit / 1_000.0);
    let begun = database.begin(limit).await;
    let transaction = begun.map_err(|error| thrown(&state.borrow(), &database, &error))?;
    let open = Rc::new(Open {
        transaction,
        database,
    });
    let held = Rc::downgrade(&open);
    deno_core::unsync::spawn(async move {
        tokio::time::sleep(limit).await;
        if let Some(open) = held.upgrade() {
            open.transaction.expire();
        }
    });
    Ok(state.borrow_mut().resource_table.add_rc(open))
}

/// The number of a job that runs statements in a transaction.
#[op2(fast)]
#[smi]
pub(crate) fn op_d1_tx_query<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] rid: ResourceId,
    statements: v8::Local<'s, v8::Array>,
) -> Result<u32, JsErrorBox> {
    let open = open(state, rid)?;
    let job = Asked {
        database: open.database.clone(),
        transaction: Some(open),
        statements: values::statements(scope, statements),
    };
    Ok(keep(state, job))
}

/// Makes a savepoint, releases one, or goes back to one.
#[op2]
pub(crate) async fn op_d1_tx_control(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
    #[string] sql: String,
) -> Result<(), JsErrorBox> {
    let open = open(&state.borrow(), rid)?;
    let control =
        Control::parse(&sql).ok_or_else(|| JsErrorBox::generic("this is not about a savepoint"))?;
    let done = open.transaction.control(&control).await;
    done.map_err(|error| thrown(&state.borrow(), &open.database, &error))
}

/// Commits a transaction, which ends it in any case.
#[op2]
pub(crate) async fn op_d1_tx_commit(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
) -> Result<(), JsErrorBox> {
    let open = take(&state, rid)?;
    let committed = open.transaction.commit().await;
    let state = state.borrow();
    let ticket = committed.map_err(|error| thrown(&state, &open.database, &error))?;
    close_gate(&state, ticket);
    Ok(())
}

/// Undoes a transaction; one that has ended by itself too.
#[op2]
pub(crate) async fn op_d1_tx_rollback(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
) -> Result<(), JsErrorBox> {
    let open = take(&state, rid)?;
    let done = open.transaction.rollback().await;
    done.map_err(|error| thrown(&state.borrow(), &open.database, &error))
}

fn take(state: &Rc<RefCell<OpState>>, rid: ResourceId) -> Result<Rc<Open>, JsErrorBox> {
    let taken = state.borrow_mut().resource_table.take::<Open>(rid);
    taken.map_err(|_| JsErrorBox::generic("the transaction has ended"))
}
