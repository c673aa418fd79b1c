//! The engine at work on one document, on a stack of its own.
//!
//! A handler's closure suspends that stack with the token it was given, and the op that runs the engine returns.
//! Until it is resumed nothing moves on the stack, so the token's address holds. The stack belongs to the
//! isolate's thread and never runs JavaScript. Stacks are used again, and only so many are in use at a time.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::rc::Rc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use deno_error::JsErrorBox;
use lol_html::errors::RewritingError;
use lol_html::html_content::{StreamingHandler, StreamingHandlerSink};
use lol_html::{
    AsciiCompatibleEncoding, DocumentContentHandlers, ElementContentHandlers, EndTagHandler,
    HandlerResult, HtmlRewriter, MemorySettings, Selector, Settings,
};

use super::parser_error;
use super::tokens::Token;

/// Cloudflare's settings of the engine: what it may keep of a document at most, and what it takes at once.
const MAX_MEMORY: usize = 3 << 20;
const FIRST_BUFFER: usize = 1 << 10;
/// Bytes of a stack. The engine needs a few thousand; only what is touched is real.
const STACK: usize = 256 << 10;
/// Documents that one isolate works on at a time.
const MAX_DOCUMENTS: usize = 1_000;
/// Stacks that are kept for the next document.
const SPARE_STACKS: usize = 16;
/// Of the engine's C interface, for a handler that has failed.
const STOPPED: &str = "The rewriter has been stopped.";
const FAILED: &str = "The rewriter has failed unexpectedly.";

thread_local! {
    static SPARES: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// What the engine is given.
pub(super) enum Input {
    Bytes(Vec<u8>),
    End,
    /// What it waited for was done.
    GoOn,
    Stop,
}

/// What the engine waits for.
pub(super) enum Pause {
    Bytes,
    Handler(u32),
    Content(u32),
}

type Engine = Coroutine<Input, Pause, Result<(), String>>;

/// Numbers of handlers: the first, and which of those from there on are there, as bits.
#[derive(Clone, Copy)]
pub(super) struct Handlers {
    pub(super) first: u32,
    pub(super) which: u32,
}

impl Handlers {
    fn number(self, index: u32) -> Option<u32> {
        (self.which & (1 << index) != 0).then_some(self.first + index)
    }
}

pub(super) enum Rule {
    Elements(Selector, Handlers),
    Document(Handlers),
}

/// The engine and what it is to do.
pub(crate) struct Rewriter {
    shared: Rc<Shared>,
    encoding: AsciiCompatibleEncoding,
    rules: Vec<Rule>,
    engine: Option<Engine>,
    has_ended: bool,
}

/// What both sides of the stack see.
#[derive(Default)]
pub(super) struct Shared {
    yielder: Cell<Option<NonNull<Yielder<Input, Pause>>>>,
    token: Cell<Token>,
    output: RefCell<Vec<u8>>,
    forgotten: RefCell<Vec<u32>>,
    next_content: Cell<u32>,
}

impl Rewriter {
    pub(super) fn new(encoding: AsciiCompatibleEncoding) -> Rewriter {
        Rewriter {
            shared: Rc::default(),
            encoding,
            rules: Vec::new(),
            engine: None,
            has_ended: false,
        }
    }

    pub(super) fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(super) fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }

    /// Runs the engine until it waits for something; see [`super::op_html_write`] for the number.
    pub(super) fn resume(&mut self, input: Input) -> Result<i32, JsErrorBox> {
        if self.has_ended {
            return Err(parser_error(STOPPED));
        }
        if self.engine.is_none() {
            self.engine = Some(self.start()?);
        }
        let engine = self.engine.as_mut().expect("it was started above");
        self.shared.token.set(match input {
            Input::GoOn => Token::None,
            _ => self.shared.token.get(),
        });
        match engine.resume(input) {
            CoroutineResult::Yield(Pause::Bytes) => Ok(-1),
            CoroutineResult::Yield(Pause::Handler(number)) => Ok(number.cast_signed() * 2),
            CoroutineResult::Yield(Pause::Content(number)) => Ok(number.cast_signed() * 2 + 1),
            CoroutineResult::Return(result) => {
                self.finish();
                result.map(|()| -1).map_err(parser_error)
            }
        }
    }

    fn start(&mut self) -> Result<Engine, JsErrorBox> {
        let stack = take_stack()?;
        let shared = self.shared.clone();
        let rules = std::mem::take(&mut self.rules);
        let encoding = self.encoding;
        let mut engine = Engine::with_stack(stack, move |yielder, _| {
            shared.yielder.set(Some(NonNull::from(yielder)));
            let run = AssertUnwindSafe(|| run(&shared, rules, encoding));
            catch_unwind(run).unwrap_or_else(|_| Err(FAILED.to_owned()))
        });
        // To where it waits for the first bytes.
        let waits = engine.resume(Input::GoOn);
        debug_assert!(matches!(waits, CoroutineResult::Yield(Pause::Bytes)));
        Ok(engine)
    }

    /// Lets the engine give up whatever it is at.
    pub(super) fn stop(&mut self) {
        self.has_ended = true;
        self.shared.token.set(Token::None);
        while let Some(engine) = &mut self.engine {
            let result = engine.resume(Input::Stop);
            if matches!(result, CoroutineResult::Return(_)) {
                self.finish();
            }
        }
    }

    fn finish(&mut self) {
        self.has_ended = true;
        self.shared.token.set(Token::None);
        if let Some(engine) = self.engine.take() {
            give_back(engine.into_stack());
        }
    }
}

impl Drop for Rewriter {
    fn drop(&mut self) {
        self.stop();
    }
}

fn take_stack() -> Result<DefaultStack, JsErrorBox> {
    if OPEN.get() >= MAX_DOCUMENTS {
        return Err(JsErrorBox::generic(format!(
            "HTMLRewriter is at work on {MAX_DOCUMENTS} documents already; read or cancel the bodies that \
             transform() has returned before you make more"
        )));
    }
    let spare = SPARES.with_borrow_mut(Vec::pop);
    let stack = match spare {
        Some(stack) => stack,
        None => DefaultStack::new(STACK).map_err(|error| {
            JsErrorBox::generic(format!("there is no memory for HTMLRewriter: {error}"))
        })?,
    };
    OPEN.set(OPEN.get() + 1);
    Ok(stack)
}

fn give_back(stack: DefaultStack) {
    OPEN.set(OPEN.get() - 1);
    // Where the thread is about to end there is nothing to keep it in.
    _ = SPARES.try_with(|spares| {
        let mut spares = spares.borrow_mut();
        if spares.len() < SPARE_STACKS {
            spares.push(stack);
        }
    });
}

// ---- on the engine's stack

/// Works on the document from its first byte to its last.
fn run(
    shared: &Rc<Shared>,
    rules: Vec<Rule>,
    encoding: AsciiCompatibleEncoding,
) -> Result<(), String> {
    let sink = shared.clone();
    let output = move |bytes: &[u8]| sink.output.borrow_mut().extend_from_slice(bytes);
    let mut rewriter = HtmlRewriter::new(settings(shared, rules, encoding), output);
    loop {
        match shared.suspend(Pause::Bytes) {
            Input::Bytes(bytes) => rewriter.write(&bytes).map_err(|error| text_of(&error))?,
            Input::End => return rewriter.end().map_err(|error| text_of(&error)),
            Input::GoOn | Input::Stop => return Err(STOPPED.to_owned()),
        }
    }
}

fn text_of(error: &RewritingError) -> String {
    error.to_string()
}

fn settings(
    shared: &Rc<Shared>,
    rules: Vec<Rule>,
    encoding: AsciiCompatibleEncoding,
) -> Settings<'static, 'static> {
    let memory = MemorySettings::new()
        .with_preallocated_parsing_buffer_size(FIRST_BUFFER)
        .with_max_allowed_memory_usage(MAX_MEMORY);
    let mut settings = Settings::new()
        .with_encoding(encoding)
        .with_memory_settings(memory)
        .with_strict(true);
    for rule in rules {
        settings = match rule {
            Rule::Elements(selector, handlers) => {
                let selector = std::borrow::Cow::Owned(selector);
                settings.append_element_content_handler((selector, of_elements(shared, handlers)))
            }
            Rule::Document(handlers) => {
                settings.append_document_content_handler(of_document(shared, handlers))
            }
        };
    }
    settings
}

/// A closure that hands its token to the handler of a number.
macro_rules! handing {
    ($shared:expr, $number:expr, $kind:ident, $type:ident) => {{
        let (shared, number) = ($shared.clone(), $number);
        move |token: &mut lol_html::html_content::$type| {
            shared.hand(number, Token::$kind(NonNull::from(token).cast()))
        }
    }};
}

fn of_elements(shared: &Rc<Shared>, numbers: Handlers) -> ElementContentHandlers<'static> {
    let mut handlers = ElementContentHandlers::default();
    if let Some(number) = numbers.number(0) {
        handlers = handlers.element(handing!(shared, number, Element, Element));
    }
    if let Some(number) = numbers.number(1) {
        handlers = handlers.comments(handing!(shared, number, Comment, Comment));
    }
    if let Some(number) = numbers.number(2) {
        handlers = handlers.text(handing!(shared, number, Text, TextChunk));
    }
    handlers
}

fn of_document(shared: &Rc<Shared>, numbers: Handlers) -> DocumentContentHandlers<'static> {
    let mut handlers = DocumentContentHandlers::default();
    if let Some(number) = numbers.number(0) {
        handlers = handlers.doctype(handing!(shared, number, Doctype, Doctype));
    }
    if let Some(number) = numbers.number(1) {
        handlers = handlers.comments(handing!(shared, number, Comment, Comment));
    }
    if let Some(number) = numbers.number(2) {
        handlers = handlers.text(handing!(shared, number, Text, TextChunk));
    }
    if let Some(number) = numbers.number(3) {
        handlers = handlers.end(handing!(shared, number, DocumentEnd, DocumentEnd));
    }
    handlers
}

impl Shared {
    /// Leaves the engine's stack until it is resumed.
    fn suspend(&self, pause: Pause) -> Input {
        let yielder = self.yielder.get().expect("the engine has started");
        // SAFETY: the yielder lives at the bottom of the engine's stack, and only code on that stack calls this.
        unsafe { yielder.as_ref() }.suspend(pause)
    }

    fn hand(&self, number: u32, token: Token) -> HandlerResult {
        self.token.set(token);
        self.wait_for(Pause::Handler(number))
    }

    fn wait_for(&self, pause: Pause) -> HandlerResult {
        match self.suspend(pause) {
            Input::GoOn => Ok(()),
            _ => Err(STOPPED.into()),
        }
    }

    /// The token that a handler may work on, or the sink that a content is written to.
    pub(super) fn token(&self) -> Token {
        self.token.get()
    }

    pub(super) fn pending(&self) -> usize {
        self.output.borrow().len()
    }

    pub(super) fn take_output(&self) -> Vec<u8> {
        std::mem::take(&mut self.output.borrow_mut())
    }

    pub(super) fn take_forgotten(&self) -> Option<Vec<u32>> {
        let forgotten = std::mem::take(&mut *self.forgotten.borrow_mut());
        (!forgotten.is_empty()).then_some(forgotten)
    }

    /// What calls the handler of this number with an end tag.
    pub(super) fn on_end_tag(self: &Rc<Self>, number: u32) -> EndTagHandler<'static> {
        let mut called = Forgotten {
            shared: self.clone(),
            number: Some(number),
        };
        Box::new(move |tag| {
            called.number = None;
            let token = Token::EndTag(NonNull::from(tag).cast());
            called.shared.hand(number, token)
        })
    }

    /// A content that JavaScript will write when its place is reached, and its number.
    pub(super) fn content(self: &Rc<Self>) -> (u32, Box<dyn StreamingHandler + Send>) {
        let number = self.next_content.get();
        self.next_content.set(number.wrapping_add(1) & 0x1fff_ffff);
        let content = Content {
            shared: self.clone(),
            number,
        };
        (number, Box::new(content))
    }
}

/// Notes the number of a handler that goes without having been called.
struct Forgotten {
    shared: Rc<Shared>,
    number: Option<u32>,
}

impl Drop for Forgotten {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.shared.forgotten.borrow_mut().push(number);
        }
    }
}

struct Content {
    shared: Rc<Shared>,
    number: u32,
}

// SAFETY: the engine asks for it in case it is sent elsewhere itself; this one never leaves the isolate's thread,
// as its stack cannot.
unsafe impl Send for Content {}

impl StreamingHandler for Content {
    fn write_all(self: Box<Self>, sink: &mut StreamingHandlerSink<'_>) -> HandlerResult {
        self.shared
            .token
            .set(Token::Sink(NonNull::from(sink).cast()));
        self.shared.wait_for(Pause::Content(self.number))
    }
}
