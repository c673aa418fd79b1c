//! What JavaScript does to the token that a handler was called with: an element, an end tag, text, a comment,
//! the doctype or the end of the document.
//!
//! An op finds the token through its document, where there is one only while a handler is being called.
//! JavaScript sees to it that what belongs to an earlier call asks for nothing; here a token of another kind is
//! refused.

use std::ptr::NonNull;

use deno_core::op2;
use deno_error::JsErrorBox;
use lol_html::html_content::{
    Comment, ContentType, Doctype, DocumentEnd, Element, EndTag, StreamingHandlerSink, TextChunk,
};

use super::{Document, parser_error};

/// workerd's message.
const GONE: &str = "This content token is no longer valid. Content tokens are only valid during the execution of \
                    the relevant content handler.";

/// Where the engine holds what a handler is called with. The lifetimes are those of the engine's stack, which rests
/// while this is there.
#[derive(Clone, Copy, Default)]
pub(super) enum Token {
    #[default]
    None,
    Element(NonNull<Element<'static, 'static>>),
    EndTag(NonNull<EndTag<'static>>),
    Text(NonNull<TextChunk<'static>>),
    Comment(NonNull<Comment<'static>>),
    Doctype(NonNull<Doctype<'static>>),
    DocumentEnd(NonNull<DocumentEnd<'static>>),
    /// Of a content that is being written.
    Sink(NonNull<StreamingHandlerSink<'static>>),
}

/// A token as ops use it.
enum Open<'a> {
    Element(&'a mut Element<'static, 'static>),
    EndTag(&'a mut EndTag<'static>),
    Text(&'a mut TextChunk<'static>),
    Comment(&'a mut Comment<'static>),
    Doctype(&'a mut Doctype<'static>),
    DocumentEnd(&'a mut DocumentEnd<'static>),
    Sink(&'a mut StreamingHandlerSink<'static>),
}

/// Does something to the token of a document. Nothing but the closure works on it meanwhile.
fn with<T>(
    document: &Document,
    act: impl FnOnce(Open<'_>) -> Result<T, JsErrorBox>,
) -> Result<T, JsErrorBox> {
    let token = document.0.borrow().shared().token();
    // SAFETY: a token is set by the closure on the engine's stack that has it exclusively, right before that stack
    // rests, and taken away before it goes on or is gone. This thread alone sees it, and `act` has no way back here.
    unsafe {
        match token {
            Token::None => Err(gone()),
            Token::Element(mut it) => act(Open::Element(it.as_mut())),
            Token::EndTag(mut it) => act(Open::EndTag(it.as_mut())),
            Token::Text(mut it) => act(Open::Text(it.as_mut())),
            Token::Comment(mut it) => act(Open::Comment(it.as_mut())),
            Token::Doctype(mut it) => act(Open::Doctype(it.as_mut())),
            Token::DocumentEnd(mut it) => act(Open::DocumentEnd(it.as_mut())),
            Token::Sink(mut it) => act(Open::Sink(it.as_mut())),
        }
    }
}

fn gone() -> JsErrorBox {
    JsErrorBox::type_error(GONE)
}

fn element<T>(
    document: &Document,
    act: impl FnOnce(&mut Element<'static, 'static>) -> Result<T, JsErrorBox>,
) -> Result<T, JsErrorBox> {
    with(document, |token| match token {
        Open::Element(element) => act(element),
        _ => Err(gone()),
    })
}

// ---- content

/// Places of content; JavaScript has the same numbers.
const BEFORE: u32 = 0;
const AFTER: u32 = 1;
const REPLACE: u32 = 2;
const PREPEND: u32 = 3;
const APPEND: u32 = 4;
const SET_INNER: u32 = 5;

fn content_type(html: bool) -> ContentType {
    if html {
        ContentType::Html
    } else {
        ContentType::Text
    }
}

#[op2(fast)]
pub(crate) fn op_html_insert(
    #[cppgc] document: &Document,
    #[smi] place: u32,
    #[string] content: &str,
    html: bool,
) -> Result<(), JsErrorBox> {
    let kind = content_type(html);
    with(document, |token| {
        match (token, place) {
            (Open::Element(it), BEFORE) => it.before(content, kind),
            (Open::Element(it), AFTER) => it.after(content, kind),
            (Open::Element(it), REPLACE) => it.replace(content, kind),
            (Open::Element(it), PREPEND) => it.prepend(content, kind),
            (Open::Element(it), APPEND) => it.append(content, kind),
            (Open::Element(it), SET_INNER) => it.set_inner_content(content, kind),
            (Open::EndTag(it), BEFORE) => it.before(content, kind),
            (Open::EndTag(it), AFTER) => it.after(content, kind),
            (Open::Text(it), BEFORE) => it.before(content, kind),
            (Open::Text(it), AFTER) => it.after(content, kind),
            (Open::Text(it), REPLACE) => it.replace(content, kind),
            (Open::Comment(it), BEFORE) => it.before(content, kind),
            (Open::Comment(it), AFTER) => it.after(content, kind),
            (Open::Comment(it), REPLACE) => it.replace(content, kind),
            (Open::DocumentEnd(it), APPEND) => it.append(content, kind),
            _ => return Err(gone()),
        }
        Ok(())
    })
}

/// Content that is written when its place is reached. Returns its number.
#[op2(fast)]
#[smi]
pub(crate) fn op_html_insert_stream(
    #[cppgc] document: &Document,
    #[smi] place: u32,
) -> Result<u32, JsErrorBox> {
    let (number, content) = document.0.borrow().shared().content();
    with(document, |token| {
        match (token, place) {
            (Open::Element(it), BEFORE) => it.streaming_before(content),
            (Open::Element(it), AFTER) => it.streaming_after(content),
            (Open::Element(it), REPLACE) => it.streaming_replace(content),
            (Open::Element(it), PREPEND) => it.streaming_prepend(content),
            (Open::Element(it), APPEND) => it.streaming_append(content),
            (Open::Element(it), SET_INNER) => it.streaming_set_inner_content(content),
            (Open::EndTag(it), BEFORE) => it.streaming_before(content),
            (Open::EndTag(it), AFTER) => it.streaming_after(content),
            (Open::Text(it), BEFORE) => it.streaming_before(content),
            (Open::Text(it), AFTER) => it.streaming_after(content),
            (Open::Text(it), REPLACE) => it.streaming_replace(content),
            _ => return Err(gone()),
        }
        Ok(number)
    })
}

/// A piece of the content whose turn it is.
#[op2(fast)]
pub(crate) fn op_html_content_write(
    #[cppgc] document: &Document,
    #[buffer] bytes: &[u8],
    html: bool,
) -> Result<(), JsErrorBox> {
    with(document, |token| match token {
        Open::Sink(sink) => sink
            .write_utf8_chunk(bytes, content_type(html))
            .map_err(parser_error),
        _ => Err(gone()),
    })
}

// ---- all tokens

/// The name of a tag, or the text of the others.
#[op2]
#[string]
pub(crate) fn op_html_text(#[cppgc] document: &Document) -> Result<String, JsErrorBox> {
    with(document, |token| match token {
        Open::Element(it) => Ok(it.tag_name()),
        Open::EndTag(it) => Ok(it.name()),
        Open::Text(it) => Ok(it.as_str().to_owned()),
        Open::Comment(it) => Ok(it.text()),
        _ => Err(gone()),
    })
}

#[op2(fast)]
pub(crate) fn op_html_set_text(
    #[cppgc] document: &Document,
    #[string] text: &str,
) -> Result<(), JsErrorBox> {
    with(document, |token| match token {
        Open::Element(it) => it.set_tag_name(text).map_err(parser_error),
        Open::EndTag(it) => {
            it.set_name_str(text.to_owned());
            Ok(())
        }
        Open::Comment(it) => it.set_text(text).map_err(parser_error),
        _ => Err(gone()),
    })
}

#[op2(fast)]
pub(crate) fn op_html_remove(
    #[cppgc] document: &Document,
    keep_content: bool,
) -> Result<(), JsErrorBox> {
    with(document, |token| {
        match token {
            Open::Element(it) if keep_content => it.remove_and_keep_content(),
            Open::Element(it) => it.remove(),
            Open::EndTag(it) => it.remove(),
            Open::Text(it) => it.remove(),
            Open::Comment(it) => it.remove(),
            _ => return Err(gone()),
        }
        Ok(())
    })
}

#[op2(fast)]
pub(crate) fn op_html_is_removed(#[cppgc] document: &Document) -> Result<bool, JsErrorBox> {
    with(document, |token| match token {
        Open::Element(it) => Ok(it.removed()),
        Open::Text(it) => Ok(it.removed()),
        Open::Comment(it) => Ok(it.removed()),
        _ => Err(gone()),
    })
}

/// Whether this text is the last of its node.
#[op2(fast)]
pub(crate) fn op_html_is_last(#[cppgc] document: &Document) -> Result<bool, JsErrorBox> {
    with(document, |token| match token {
        Open::Text(it) => Ok(it.last_in_text_node()),
        _ => Err(gone()),
    })
}

/// `part`: 0 the doctype's name, 1 its public identifier, 2 its system identifier.
#[op2]
#[string]
pub(crate) fn op_html_doctype(
    #[cppgc] document: &Document,
    #[smi] part: u32,
) -> Result<Option<String>, JsErrorBox> {
    with(document, |token| match (token, part) {
        (Open::Doctype(it), 0) => Ok(it.name()),
        (Open::Doctype(it), 1) => Ok(it.public_id()),
        (Open::Doctype(it), _) => Ok(it.system_id()),
        _ => Err(gone()),
    })
}

// ---- elements

#[op2]
#[string]
pub(crate) fn op_html_namespace(#[cppgc] document: &Document) -> Result<String, JsErrorBox> {
    element(document, |it| Ok(it.namespace_uri().to_owned()))
}

/// Name and value of the attribute at `index`.
#[op2]
#[serde]
pub(crate) fn op_html_attribute_at(
    #[cppgc] document: &Document,
    #[smi] index: u32,
) -> Result<Option<(String, String)>, JsErrorBox> {
    element(document, |it| {
        let attribute = it.attributes().get(index as usize);
        Ok(attribute.map(|attribute| (attribute.name(), attribute.value())))
    })
}

#[op2]
#[string]
pub(crate) fn op_html_attribute(
    #[cppgc] document: &Document,
    #[string] name: &str,
) -> Result<Option<String>, JsErrorBox> {
    element(document, |it| Ok(it.get_attribute(name)))
}

#[op2(fast)]
pub(crate) fn op_html_has_attribute(
    #[cppgc] document: &Document,
    #[string] name: &str,
) -> Result<bool, JsErrorBox> {
    element(document, |it| Ok(it.has_attribute(name)))
}

#[op2(fast)]
pub(crate) fn op_html_set_attribute(
    #[cppgc] document: &Document,
    #[string] name: &str,
    #[string] value: &str,
) -> Result<(), JsErrorBox> {
    element(document, |it| {
        it.set_attribute(name, value).map_err(parser_error)
    })
}

#[op2(fast)]
pub(crate) fn op_html_remove_attribute(
    #[cppgc] document: &Document,
    #[string] name: &str,
) -> Result<(), JsErrorBox> {
    element(document, |it| {
        it.remove_attribute(name);
        Ok(())
    })
}

/// Lets the handler of this number be called with the element's end tag, in place of any other.
#[op2(fast)]
pub(crate) fn op_html_on_end_tag(
    #[cppgc] document: &Document,
    #[smi] number: u32,
) -> Result<(), JsErrorBox> {
    let handler = document.0.borrow().shared().on_end_tag(number);
    element(document, |it| {
        let handlers = it
            .end_tag_handlers()
            .ok_or_else(|| parser_error("No end tag."))?;
        handlers.clear();
        handlers.push(handler);
        Ok(())
    })
}
