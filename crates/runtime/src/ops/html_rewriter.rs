//! HTMLRewriter: the streaming rewriter of Cloudflare's own engine, `lol_html`, whose handlers are JavaScript.
//!
//! Owns one document on its way through the engine. Handlers may take their time, and the engine calls them
//! like functions, so it runs on a stack of its own (`session.rs`), which rests while JavaScript works on a
//! token (`tokens.rs`). It never calls JavaScript: an op returns what is to be done next.

mod session;
pub(crate) mod tokens;

use std::cell::RefCell;

use deno_core::convert::Uint8Array;
use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use lol_html::{AsciiCompatibleEncoding, Selector};

pub(crate) use session::Rewriter;
use session::{Handlers, Input, Rule};

/// A parsed selector. Owned by its JavaScript object.
pub(crate) struct ParsedSelector(Selector);

/// The rewriter of one document, as JavaScript holds it.
pub(crate) struct Document(RefCell<Rewriter>);

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for ParsedSelector {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"HTMLRewriterSelector"
    }
}

// SAFETY: as above; what JavaScript is to be called for is known here by numbers.
unsafe impl GarbageCollected for Document {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"HTMLRewriterDocument"
    }
}

/// Cloudflare's class and words for whatever the engine refuses.
fn parser_error(error: impl std::fmt::Display) -> JsErrorBox {
    JsErrorBox::type_error(format!("Parser error: {error}"))
}

#[op2]
#[cppgc]
pub(crate) fn op_html_selector(#[string] text: &str) -> Result<ParsedSelector, JsErrorBox> {
    text.parse().map(ParsedSelector).map_err(parser_error)
}

/// A document whose bytes are in the encoding of this label.
#[op2]
#[cppgc]
pub(crate) fn op_html_document(#[string] label: &str) -> Result<Document, JsErrorBox> {
    let encoding = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
        .ok_or_else(|| parser_error("Unknown character encoding has been provided."))?;
    let encoding = AsciiCompatibleEncoding::new(encoding)
        .ok_or_else(|| parser_error("Expected ASCII-compatible encoding."))?;
    Ok(Document(RefCell::new(Rewriter::new(encoding))))
}

/// Adds handlers for elements, before anything is written. `first` is the number of the first of three handlers:
/// of the element, its comments, its text. Those that are there are the bits of `which`, from the lowest.
#[op2(fast)]
pub(crate) fn op_html_on(
    #[cppgc] document: &Document,
    #[cppgc] selector: &ParsedSelector,
    #[smi] first: u32,
    #[smi] which: u32,
) {
    let handlers = Handlers { first, which };
    let rule = Rule::Elements(selector.0.clone(), handlers);
    document.0.borrow_mut().add(rule);
}

/// The same for the document: its doctype, comments, text and end.
#[op2(fast)]
pub(crate) fn op_html_on_document(
    #[cppgc] document: &Document,
    #[smi] first: u32,
    #[smi] which: u32,
) {
    let handlers = Handlers { first, which };
    document.0.borrow_mut().add(Rule::Document(handlers));
}

/// Gives the engine bytes. Returns what is to be done: -1 to go on with the next bytes; twice a handler's number
/// to call that with the token that is there now; one more than twice the number of a content to write that.
/// After the latter two, [`op_html_go_on`].
#[op2(fast)]
pub(crate) fn op_html_write(
    #[cppgc] document: &Document,
    #[buffer] bytes: &[u8],
) -> Result<i32, JsErrorBox> {
    document.0.borrow_mut().resume(Input::Bytes(bytes.to_vec()))
}

/// The document is complete. Returns as [`op_html_write`]; -1 when all is done.
#[op2(fast)]
pub(crate) fn op_html_end(#[cppgc] document: &Document) -> Result<i32, JsErrorBox> {
    document.0.borrow_mut().resume(Input::End)
}

/// The handler has run, or the content was written.
#[op2(fast)]
pub(crate) fn op_html_go_on(#[cppgc] document: &Document) -> Result<i32, JsErrorBox> {
    document.0.borrow_mut().resume(Input::GoOn)
}

/// Nothing will be written any more, and no token is valid.
#[op2(fast)]
pub(crate) fn op_html_stop(#[cppgc] document: &Document) {
    document.0.borrow_mut().stop();
}

/// How many bytes wait in [`op_html_output`].
#[op2(fast)]
#[smi]
pub(crate) fn op_html_pending(#[cppgc] document: &Document) -> u32 {
    let pending = document.0.borrow().shared().pending();
    u32::try_from(pending).unwrap_or(u32::MAX)
}

/// Takes what has come out.
#[op2]
pub(crate) fn op_html_output(#[cppgc] document: &Document) -> Uint8Array {
    document.0.borrow().shared().take_output().into()
}

/// The handlers of end tags that will not be called any more, whose elements have ended without one.
#[op2]
#[serde]
pub(crate) fn op_html_forgotten(#[cppgc] document: &Document) -> Option<Vec<u32>> {
    document.0.borrow().shared().take_forgotten()
}
