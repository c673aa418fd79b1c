//! One connection: its two sides, and what ends it. Reading and writing go on beside each other; what waits fails as
//! soon as the connection is closed, or its event is over.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use deno_core::{AsyncRefCell, CancelFuture, CancelHandle, RcRef, Resource, ResourceId};
use deno_error::JsErrorBox;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_rustls::client::TlsStream;

use super::Counted;
use crate::isolate::Events;
use crate::objects::Slot;
use crate::ops::websocket::SocketHold;

/// Cloudflare's message for every connection that breaks.
const LOST: &str = "Network connection lost.";
/// Cloudflare's first words for what belongs to an event that is over, and what it means here.
const ENDED: &str = "Cannot perform I/O on behalf of a different request. The socket was closed, or the event that \
                     opened it is over: sockets end with the event.";

pub(super) fn ended() -> JsErrorBox {
    JsErrorBox::generic(ENDED)
}

/// With whom a connection ends.
pub(super) enum Owner {
    Nobody,
    Event(u32),
    Object(Rc<Slot>),
}

pub(super) enum Reader {
    Plain(OwnedReadHalf),
    Secure(ReadHalf<TlsStream<TcpStream>>),
}

pub(super) enum Writer {
    Plain(OwnedWriteHalf),
    Secure(WriteHalf<TlsStream<TcpStream>>),
}

/// Its sides are empty before it is open, and after it was closed.
pub(crate) struct Connection {
    reader: AsyncRefCell<Option<Reader>>,
    writer: AsyncRefCell<Option<Writer>>,
    /// Cancels everything that waits.
    ending: CancelHandle,
    is_over: Cell<bool>,
    /// Cancels a read that waits, for TLS to begin.
    reading: Rc<CancelHandle>,
    /// What it costs while it is open.
    costs: RefCell<Option<(Counted, Option<SocketHold>)>>,
}

impl Connection {
    /// Ends with `owner`; an error if that has ended.
    pub(super) fn new(
        counted: Counted,
        owner: Owner,
        events: &Events,
    ) -> Result<Rc<Self>, JsErrorBox> {
        let connection = Rc::new(Connection {
            reader: AsyncRefCell::new(None),
            writer: AsyncRefCell::new(None),
            ending: CancelHandle::default(),
            is_over: Cell::new(false),
            reading: CancelHandle::new_rc(),
            costs: RefCell::new(None),
        });
        let hold = match owner {
            Owner::Nobody => None,
            Owner::Event(event) => {
                if !events.end_with(event, &connection) {
                    return Err(ended());
                }
                None
            }
            Owner::Object(slot) => {
                slot.hold_for_connection(&connection);
                Some(SocketHold(slot))
            }
        };
        *connection.costs.borrow_mut() = Some((counted, hold));
        Ok(connection)
    }

    /// Its number in the isolate's table of resources.
    pub(super) fn known_as(&self, rid: ResourceId) {
        if let Some((counted, _)) = &*self.costs.borrow() {
            counted.rid.set(Some(rid));
        }
    }

    /// Closes it, also while something waits. A side that is in use goes when that has noticed.
    pub(crate) fn end(self: &Rc<Self>) {
        self.is_over.set(true);
        self.ending.cancel();
        self.costs.take();
        if let Some(mut reader) = RcRef::map(self, |it| &it.reader).try_borrow_mut() {
            reader.take();
        }
        if let Some(mut writer) = RcRef::map(self, |it| &it.writer).try_borrow_mut() {
            writer.take();
        }
    }

    /// What the future gives, or an error as soon as the connection has ended.
    pub(super) async fn until_ended<T>(
        self: &Rc<Self>,
        future: impl Future<Output = T>,
    ) -> Result<T, JsErrorBox> {
        let ending = RcRef::map(self, |it| &it.ending);
        let future = future.or_cancel(ending).await;
        future.map_err(|_| ended())
    }

    /// It leads somewhere now.
    pub(super) async fn fill(self: &Rc<Self>, reader: Reader, writer: Writer) {
        if !self.is_over.get() {
            let mut side = RcRef::map(self, |it| &it.reader).borrow_mut().await;
            *side = Some(reader);
            let mut side = RcRef::map(self, |it| &it.writer).borrow_mut().await;
            *side = Some(writer);
        }
    }

    /// Takes what it leads to, once nothing is being written.
    pub(super) async fn take_plain(self: &Rc<Self>) -> Result<TcpStream, JsErrorBox> {
        let writer = RcRef::map(self, |it| &it.writer).borrow_mut().await.take();
        self.reading.cancel();
        let reader = RcRef::map(self, |it| &it.reader).borrow_mut().await.take();
        let (Some(Reader::Plain(reader)), Some(Writer::Plain(writer))) = (reader, writer) else {
            return Err(ended());
        };
        Ok(reader.reunite(writer).expect("two sides of one connection"))
    }

    pub(super) async fn read(self: &Rc<Self>, buffer: &mut [u8]) -> Result<usize, JsErrorBox> {
        let mut side = RcRef::map(self, |it| &it.reader).borrow_mut().await;
        let Some(reader) = &mut *side else {
            return Err(ended());
        };
        let read = async {
            match reader {
                Reader::Plain(reader) => reader.read(buffer).await,
                Reader::Secure(reader) => reader.read(buffer).await,
            }
        };
        let read = self.until_ended(read.or_cancel(&self.reading)).await;
        if read.is_err() && self.is_over.get() {
            side.take();
        }
        match read?.map_err(|_| ended())? {
            Ok(count) => Ok(count),
            // A TLS peer that leaves without a word, and one that resets the connection.
            Err(error) if is_end(&error) => Ok(0),
            Err(error) => Err(lost(&error)),
        }
    }

    pub(super) async fn write(self: &Rc<Self>, bytes: &[u8]) -> Result<(), JsErrorBox> {
        let mut side = RcRef::map(self, |it| &it.writer).borrow_mut().await;
        let Some(writer) = &mut *side else {
            return Err(ended());
        };
        let write = async {
            match writer {
                Writer::Plain(writer) => writer.write_all(bytes).await,
                Writer::Secure(writer) => {
                    writer.write_all(bytes).await?;
                    writer.flush().await
                }
            }
        };
        let written = self.until_ended(write).await;
        if written.is_err() && self.is_over.get() {
            side.take();
        }
        written?.map_err(|error| lost(&error))
    }

    pub(super) async fn shutdown(self: &Rc<Self>) -> Result<(), JsErrorBox> {
        let mut side = RcRef::map(self, |it| &it.writer).borrow_mut().await;
        let Some(writer) = &mut *side else {
            return Err(ended());
        };
        let shutdown = async {
            match writer {
                Writer::Plain(writer) => writer.shutdown().await,
                Writer::Secure(writer) => writer.shutdown().await,
            }
        };
        let shut = self.until_ended(shutdown).await;
        if shut.is_err() && self.is_over.get() {
            side.take();
        }
        match shut? {
            // The peer was faster.
            Err(error) if error.kind() == io::ErrorKind::NotConnected || is_end(&error) => Ok(()),
            shut => shut.map_err(|error| lost(&error)),
        }
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}

fn lost(error: &io::Error) -> JsErrorBox {
    tracing::debug!(%error, "a socket broke");
    JsErrorBox::generic(LOST)
}

impl Resource for Connection {
    fn name(&self) -> Cow<'_, str> {
        "tcpConnection".into()
    }

    fn close(self: Rc<Self>) {
        self.end();
    }
}
