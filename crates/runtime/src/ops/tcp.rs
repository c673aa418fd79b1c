//! TCP connections to other servers, as `cloudflare:sockets` and `node:net` have them: opened, read, written,
//! made secure. The JavaScript half is `js/sockets.js`.
//!
//! A connection belongs to the event that opened it and ends with it; one of an object belongs to the object, and
//! keeps that in memory. Nothing is written before what it could depend on is durable. Listens to nobody.

mod connection;
mod open;
mod tls;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use deno_core::{JsBuffer, OpState, ResourceId, op2};
use deno_error::JsErrorBox;

pub(crate) use self::connection::Connection;
use self::connection::Owner;
use self::tls::TlsOptions;
use crate::isolate::Events;

/// Connections that one isolate may have open at once. Those that nobody closes end with their events, so it is
/// reached only by what really is open; each costs a descriptor of the process.
const MOST_OPEN: u32 = 1000;

/// How many are open in the isolate, and the numbers of those that have ended since the last one was made.
#[derive(Clone, Default)]
struct Open(Rc<OpenInner>);

#[derive(Default)]
struct OpenInner {
    count: Cell<u32>,
    ended: RefCell<Vec<ResourceId>>,
}

/// One that is counted.
struct Counted {
    open: Open,
    rid: Cell<Option<ResourceId>>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let open = &self.open.0;
        open.count.set(open.count.get() - 1);
        open.ended.borrow_mut().extend(self.rid.get());
    }
}

fn count(state: &mut OpState) -> Result<Counted, JsErrorBox> {
    if state.try_borrow::<Open>().is_none() {
        state.put(Open::default());
    }
    let open = state.borrow::<Open>().clone();
    // Those that ended with their events are in the table still. Numbers are not used again.
    for rid in open.0.ended.take() {
        drop(state.resource_table.take_any(rid));
    }
    let count = open.0.count.get();
    if count >= MOST_OPEN {
        return Err(JsErrorBox::generic(format!(
            "{MOST_OPEN} sockets are open already, which is the limit: close() those that are not needed any more"
        )));
    }
    open.0.count.set(count + 1);
    Ok(Counted {
        open,
        rid: Cell::new(None),
    })
}

fn get(state: &Rc<RefCell<OpState>>, rid: ResourceId) -> Result<Rc<Connection>, JsErrorBox> {
    let connection = state.borrow().resource_table.get::<Connection>(rid);
    connection.map_err(|_| connection::ended())
}

/// A connection that leads nowhere yet, of the event with that number, or of none (-1).
#[op2(fast)]
#[smi]
pub(crate) fn op_tcp_new(state: &mut OpState, #[smi] event: i32) -> Result<ResourceId, JsErrorBox> {
    let counted = count(state)?;
    let events = state.borrow::<Events>().clone();
    let owner = match u32::try_from(event) {
        Ok(event) => events
            .object(event)
            .map_or(Owner::Event(event), Owner::Object),
        Err(_) => Owner::Nobody,
    };
    let connection = Connection::new(counted, owner, &events)?;
    let rid = state.resource_table.add_rc(connection.clone());
    connection.known_as(rid);
    Ok(rid)
}

/// Connects to a host, with TLS from the start if there are options for it. Gives the addresses of both ends, the
/// peer's first. Dropped or closed meanwhile, nothing of it stays.
#[op2]
#[serde]
pub(crate) async fn op_tcp_connect(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
    #[string] host: String,
    #[smi] port: u16,
    #[serde] tls: Option<TlsOptions>,
) -> Result<(String, String), JsErrorBox> {
    let connection = get(&state, rid)?;
    let events = state.borrow().borrow::<Events>().clone();
    events.pass_gate().await.map_err(JsErrorBox::generic)?;
    connection
        .until_ended(open::open(&connection, host, port, tls))
        .await?
}

/// Makes a connection secure: what `old` leads to, `new` does from now on, and `old` to nothing. A read of `old`
/// that waits fails. Gives the protocol that was agreed on by ALPN, or an empty string.
#[op2]
#[string]
pub(crate) async fn op_tcp_start_tls(
    state: Rc<RefCell<OpState>>,
    #[smi] old: ResourceId,
    #[smi] new: ResourceId,
    #[serde] options: TlsOptions,
) -> Result<String, JsErrorBox> {
    let (old, new) = (get(&state, old)?, get(&state, new)?);
    let stream = old.take_plain().await?;
    new.until_ended(open::secure(&new, stream, options)).await?
}

/// Reads into `buffer`; 0 is the end. A connection that the peer has reset has ended, as in workerd.
#[op2]
#[smi]
pub(crate) async fn op_tcp_read(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
    #[buffer] mut buffer: JsBuffer,
) -> Result<u32, JsErrorBox> {
    let count = get(&state, rid)?.read(&mut buffer).await?;
    Ok(u32::try_from(count).expect("buffers of JavaScript are smaller"))
}

/// Writes all of `bytes`, once everything that it could depend on is durable.
#[op2]
pub(crate) async fn op_tcp_write(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
    #[buffer] bytes: JsBuffer,
) -> Result<(), JsErrorBox> {
    let events = state.borrow().borrow::<Events>().clone();
    events.pass_gate().await.map_err(JsErrorBox::generic)?;
    get(&state, rid)?.write(&bytes).await
}

/// Tells the peer that nothing more will be written.
#[op2]
pub(crate) async fn op_tcp_shutdown(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
) -> Result<(), JsErrorBox> {
    get(&state, rid)?.shutdown().await
}
