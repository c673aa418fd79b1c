//! Reads a value token by token, from bytes that anybody may have made: what is accepted is well-formed,
//! refers only backwards, and is not too deep. Never allocates more than the bytes justify.

mod frame;
mod scan;

use crate::error::{Error, ErrorKind};
use crate::layout::{MAX_DEPTH, OLDEST_V8_VERSION, V8_MARK, V8_VERSION, VERSION};
use crate::layout::{VIEW_FLAGS_SINCE, host, view};
use crate::tag::{self, ErrorClass, ViewKind, part};
use crate::token::{Backing, Buffer, ErrorPart, Token};
use frame::{Frame, Kind};
use scan::Scan;

/// A value, read from its beginning to its end. After an error it must not be asked again.
pub struct Reader<'a> {
    scan: Scan<'a>,
    version: u8,
    open: Vec<Frame>,
    started: bool,
    objects: u32,
    buffers: Vec<KnownBuffer>,
}

/// A buffer that a later view may refer to; in the order of their numbers.
struct KnownBuffer {
    object: u32,
    length: u32,
    resizable: bool,
}

impl<'a> Reader<'a> {
    /// Looks at the versions.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut scan = Scan::new(bytes);
        let ours = scan.byte()?;
        if ours != VERSION {
            return Err(scan.fail(ErrorKind::Version(ours)));
        }
        if scan.byte()? != V8_MARK {
            return Err(scan.fail(ErrorKind::NoV8Version));
        }
        let version = scan.byte()?;
        if !(OLDEST_V8_VERSION..=V8_VERSION).contains(&version) {
            return Err(scan.fail(ErrorKind::V8Version(version)));
        }
        Ok(Reader {
            scan,
            version,
            open: Vec::new(),
            started: false,
            objects: 0,
            buffers: Vec::new(),
        })
    }

    /// The next token; none after the last. The lifetime is that of the bytes.
    #[expect(
        clippy::should_implement_trait,
        reason = "an error is not an item among others: it is the end"
    )]
    pub fn next(&mut self) -> Result<Option<Token<'a>>, Error> {
        let token = match self.open.last().map(|frame| frame.kind) {
            None if self.started => return self.scan.end().map(|()| None),
            None => {
                self.started = true;
                let tag = self.scan.tag()?;
                self.value(tag)
            }
            Some(Kind::Error) => self.error_part(),
            Some(Kind::ExtendedError { parts }) if parts < 3 => self.extended_part(parts),
            Some(_) => self.member(),
        };
        token.map(Some)
    }

    // ---- what is in a container

    fn member(&mut self) -> Result<Token<'a>, Error> {
        let tag = self.scan.tag()?;
        let frame = self.open.last_mut().expect("a member is in something");
        if frame.end_tag() == Some(tag) {
            return self.end();
        }
        if tag == tag::HOLE && frame.takes_hole() {
            frame.items += 1;
            return Ok(Token::Hole);
        }
        if frame.takes_key() && !is_key(tag) {
            return Err(self.scan.fail(ErrorKind::Key));
        }
        frame.items = frame.items.saturating_add(1);
        self.value(tag)
    }

    fn end(&mut self) -> Result<Token<'a>, Error> {
        let frame = self.open.pop().expect("the caller has seen it");
        let count = self.scan.varint()?;
        let agrees = match frame.kind {
            Kind::Map | Kind::Set => count == frame.items && !frame.is_amid_pair(),
            Kind::Dense | Kind::Sparse => {
                let length = self.scan.varint()?;
                length == frame.length && frame.has_properties(count)
            }
            _ => frame.has_properties(count),
        };
        if !agrees {
            return Err(self.scan.fail(ErrorKind::Count));
        }
        Ok(Token::End)
    }

    fn begin(&mut self, kind: Kind, length: u32, token: Token<'a>) -> Result<Token<'a>, Error> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.scan.fail(ErrorKind::Depth));
        }
        self.count_object();
        self.open.push(Frame::new(kind, length));
        Ok(token)
    }

    fn count_object(&mut self) -> u32 {
        self.objects += 1;
        self.objects - 1
    }

    fn object(&mut self, token: Token<'a>) -> Token<'a> {
        self.count_object();
        token
    }

    // ---- values

    fn value(&mut self, tag: u8) -> Result<Token<'a>, Error> {
        Ok(match tag {
            tag::UNDEFINED => Token::Undefined,
            tag::NULL => Token::Null,
            tag::TRUE => Token::Boolean(true),
            tag::FALSE => Token::Boolean(false),
            tag::INT32 => Token::Int32(self.scan.zigzag()?),
            tag::UINT32 => Token::Double(f64::from(self.scan.varint()?)),
            tag::DOUBLE => Token::Double(self.scan.double()?),
            tag::BIGINT => Token::BigInt(self.scan.bigint()?),
            tag::ONE_BYTE | tag::TWO_BYTE | tag::UTF8 => Token::String(self.scan.text(tag)?),
            tag::REFERENCE => return self.reference(),
            tag::BUFFER | tag::RESIZABLE_BUFFER => return self.buffer(tag),
            _ => return self.object_value(tag),
        })
    }

    fn object_value(&mut self, tag: u8) -> Result<Token<'a>, Error> {
        match tag {
            tag::OBJECT => return self.begin(Kind::Object, 0, Token::Object),
            tag::DENSE_ARRAY => {
                let length = self.scan.varint()?;
                // Each element takes a byte at least.
                self.scan.require(length as usize)?;
                return self.begin(Kind::Dense, length, Token::DenseArray(length));
            }
            tag::SPARSE_ARRAY => {
                let length = self.scan.varint()?;
                return self.begin(Kind::Sparse, length, Token::SparseArray(length));
            }
            tag::MAP => return self.begin(Kind::Map, 0, Token::Map),
            tag::SET => return self.begin(Kind::Set, 0, Token::Set),
            tag::ERROR => return self.begin_error(),
            tag::HOST => return self.host(),
            _ => {}
        }
        let token = match tag {
            tag::DATE => Token::Date(self.scan.double()?),
            tag::TRUE_OBJECT => Token::BooleanObject(true),
            tag::FALSE_OBJECT => Token::BooleanObject(false),
            tag::NUMBER_OBJECT => Token::NumberObject(self.scan.double()?),
            tag::BIGINT_OBJECT => Token::BigIntObject(self.scan.bigint()?),
            tag::STRING_OBJECT => Token::StringObject(self.scan.tagged_text()?),
            tag::REGEXP => {
                let pattern = self.scan.tagged_text()?;
                let flags = self.scan.varint()?;
                if flags & !0x1bf != 0 {
                    return Err(self.scan.fail(ErrorKind::Flags));
                }
                Token::RegExp(pattern, flags)
            }
            _ => return Err(self.scan.fail(ErrorKind::NotAValue(tag))),
        };
        Ok(self.object(token))
    }

    fn reference(&mut self) -> Result<Token<'a>, Error> {
        let object = self.scan.varint()?;
        if object >= self.objects {
            return Err(self.scan.fail(ErrorKind::Forward(object)));
        }
        let known = self.buffers.binary_search_by_key(&object, |one| one.object);
        match known {
            Ok(known) if self.scan.skip_if(tag::VIEW) => self.view(Backing::Known(object), known),
            _ => Ok(Token::Reference(object)),
        }
    }

    // ---- buffers and views

    fn buffer(&mut self, tag: u8) -> Result<Token<'a>, Error> {
        let length = self.scan.varint()?;
        let max_length = match tag {
            tag::RESIZABLE_BUFFER => Some(self.scan.varint()?),
            _ => None,
        };
        if max_length.is_some_and(|max| max < length) {
            return Err(self.scan.fail(ErrorKind::Count));
        }
        let bytes = self.scan.take(length as usize)?;
        let buffer = Buffer { bytes, max_length };
        let object = self.count_object();
        self.buffers.push(KnownBuffer {
            object,
            length,
            resizable: max_length.is_some(),
        });
        if self.scan.skip_if(tag::VIEW) {
            return self.view(Backing::New(buffer), self.buffers.len() - 1);
        }
        Ok(Token::Buffer(buffer))
    }

    fn view(&mut self, buffer: Backing<'a>, known: usize) -> Result<Token<'a>, Error> {
        let kind = ViewKind::of_tag(self.scan.byte()?);
        let (offset, length) = (self.scan.varint()?, self.scan.varint()?);
        let flags = match self.version {
            VIEW_FLAGS_SINCE.. => self.scan.varint()?,
            _ => 0,
        };
        let under = &self.buffers[known];
        let tracks_length = flags & view::TRACKS_LENGTH != 0;
        let fits = offset
            .checked_add(length)
            .is_some_and(|end| end <= under.length);
        let Some(kind) = kind.filter(|kind| {
            let size = kind.element_bytes();
            fits && offset.is_multiple_of(size)
                && (tracks_length || length.is_multiple_of(size))
                && flags & !(view::TRACKS_LENGTH | view::RESIZABLE) == 0
                && (under.resizable || !tracks_length)
        }) else {
            return Err(self.scan.fail(ErrorKind::View));
        };
        Ok(self.object(Token::View {
            buffer,
            kind,
            offset,
            length,
            tracks_length,
        }))
    }

    // ---- errors and host objects

    fn begin_error(&mut self) -> Result<Token<'a>, Error> {
        let class = match self.scan.peek() {
            Some(tag) if tag.is_ascii_uppercase() => {
                let class = ErrorClass::of_tag(self.scan.byte()?);
                class.ok_or_else(|| self.scan.fail(ErrorKind::Tag(tag)))?
            }
            _ => ErrorClass::Error,
        };
        let token = Token::Error {
            class,
            extended: false,
        };
        self.begin(Kind::Error, 0, token)
    }

    fn error_part(&mut self) -> Result<Token<'a>, Error> {
        let frame = self.open.last_mut().expect("a part is in an error");
        if frame.awaits_cause() {
            return self.cause();
        }
        Ok(match self.scan.byte()? {
            part::MESSAGE => Token::Part(ErrorPart::Message(self.scan.tagged_text()?)),
            part::STACK => Token::Part(ErrorPart::Stack(self.scan.tagged_text()?)),
            part::CAUSE => {
                frame.items = 1;
                Token::Part(ErrorPart::Cause)
            }
            part::END => {
                self.open.pop();
                Token::End
            }
            tag => return Err(self.scan.fail(ErrorKind::Tag(tag))),
        })
    }

    fn cause(&mut self) -> Result<Token<'a>, Error> {
        let frame = self.open.last_mut().expect("the caller has seen it");
        frame.items = 0;
        let tag = self.scan.tag()?;
        self.value(tag)
    }

    fn host(&mut self) -> Result<Token<'a>, Error> {
        match self.scan.byte()? {
            host::INDEX => {
                let index = self.scan.varint()?;
                Ok(self.object(Token::Host(index)))
            }
            host::ERROR => {
                let tag = self.scan.byte()?;
                let class = ErrorClass::of_tag(tag);
                let class = class.ok_or_else(|| self.scan.fail(ErrorKind::Tag(tag)))?;
                let token = Token::Error {
                    class,
                    extended: true,
                };
                self.begin(Kind::ExtendedError { parts: 0 }, 0, token)
            }
            host::EXCEPTION => {
                let name = self.scan.tagged_text()?;
                let message = self.scan.tagged_text()?;
                let stack = self.scan.tagged_text()?;
                Ok(self.object(Token::Exception {
                    name,
                    message,
                    stack,
                }))
            }
            _ => Err(self.scan.fail(ErrorKind::Host)),
        }
    }

    /// Name, message, stack: a string, or undefined for one that is not there.
    fn extended_part(&mut self, done: u8) -> Result<Token<'a>, Error> {
        for part in done..3 {
            let frame = self.open.last_mut().expect("a part is in an error");
            frame.kind = Kind::ExtendedError { parts: part + 1 };
            let tag = self.scan.tag()?;
            if tag == tag::UNDEFINED {
                continue;
            }
            let text = self.scan.text(tag)?;
            return Ok(Token::Part(match part {
                0 => ErrorPart::Name(text),
                1 => ErrorPart::Message(text),
                _ => ErrorPart::Stack(text),
            }));
        }
        self.member()
    }
}

fn is_key(tag: u8) -> bool {
    matches!(
        tag,
        tag::ONE_BYTE | tag::TWO_BYTE | tag::UTF8 | tag::INT32 | tag::UINT32 | tag::DOUBLE
    )
}
