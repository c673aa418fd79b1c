//! From bytes to values.

mod buffers;
mod errors;

use cellhouse_clone::{BigInt, Reader, Text, Token};

use super::engine::{Engine, Value};
use super::error::Failure;
use super::helpers::Helpers;
use super::sys::Raw;

/// One value being read.
pub(super) struct Build<'a> {
    engine: Engine,
    helpers: &'a Helpers,
    /// Gives the objects that travelled beside the bytes.
    host: Option<Raw>,
    reader: Reader<'a>,
    /// By their numbers.
    objects: Vec<Value>,
}

impl<'a> Build<'a> {
    pub(super) fn new(
        engine: Engine,
        helpers: &'a Helpers,
        host: Option<Raw>,
        bytes: &'a [u8],
    ) -> Result<Self, Failure> {
        Ok(Build {
            engine,
            helpers,
            host,
            reader: Reader::new(bytes)?,
            objects: Vec::new(),
        })
    }

    pub(super) fn read(mut self) -> Result<Value, Failure> {
        let token = self.token()?;
        let value = self.value(token)?;
        // Sees whether bytes follow.
        self.reader.next()?;
        Ok(value)
    }

    fn token(&mut self) -> Result<Token<'a>, Failure> {
        let token = self.reader.next()?;
        Ok(token.expect("the reader ends a value only when all that was begun has ended"))
    }

    fn value(&mut self, token: Token<'a>) -> Result<Value, Failure> {
        let simple = |raw| Ok(self.engine.simple(raw));
        match token {
            Token::Int32(value) => simple(Raw::int(value)),
            Token::Double(value) => simple(Raw::double(value)),
            Token::Boolean(value) => simple(Raw::boolean(value)),
            Token::Null => simple(Raw::NULL),
            Token::Undefined => simple(Raw::UNDEFINED),
            Token::String(text) => self.text(text),
            Token::BigInt(value) => self.bigint(value),
            Token::Reference(object) => {
                let object = &self.objects[object as usize];
                Ok(self.engine.hold(object.raw()))
            }
            token => self.object(token),
        }
    }

    fn text(&self, text: Text<'_>) -> Result<Value, Failure> {
        Ok(match text {
            Text::OneByte(bytes) if bytes.is_ascii() => self.engine.ascii(bytes)?,
            Text::TwoByte(_) => self.engine.units(&text.units())?,
            text => self.engine.string(&text.to_utf8())?,
        })
    }

    fn bigint(&self, value: BigInt<'_>) -> Result<Value, Failure> {
        if let Some(value) = value.to_i64() {
            return Ok(self.engine.bigint(value)?);
        }
        let digits = self.engine.string(&value.to_hex())?;
        let negative = self.engine.simple(Raw::boolean(value.negative));
        self.make(self.helpers.new_bigint, &[digits, negative])
    }

    // ---- objects

    fn make(&self, helper: Raw, arguments: &[Value]) -> Result<Value, Failure> {
        let raw: Vec<Raw> = arguments.iter().map(Value::raw).collect();
        Ok(self.engine.call(helper, Raw::UNDEFINED, &raw)?)
    }

    /// Gives the object its number, before anything in it is read.
    fn known(&mut self, object: Value) -> Value {
        self.objects.push(self.engine.hold(object.raw()));
        object
    }

    fn object(&mut self, token: Token<'a>) -> Result<Value, Failure> {
        let engine = self.engine;
        let object = match token {
            Token::Object => {
                let object = self.known(engine.object()?);
                self.properties(object.raw())?;
                return Ok(object);
            }
            Token::DenseArray(length) => return self.dense_array(length),
            Token::SparseArray(length) => {
                let array = self.known(engine.array()?);
                engine.set_length(array.raw(), length)?;
                self.properties(array.raw())?;
                return Ok(array);
            }
            Token::Map => return self.collection(self.helpers.new_map, self.helpers.fill_map),
            Token::Set => return self.collection(self.helpers.new_set, self.helpers.fill_set),
            Token::View { .. } => return self.view(token),
            Token::Error { class, .. } => return self.error(class),
            Token::Date(time) => engine.date(time)?,
            Token::BooleanObject(value) => engine.boxed(&engine.simple(Raw::boolean(value)))?,
            Token::NumberObject(value) => engine.boxed(&engine.simple(Raw::double(value)))?,
            Token::BigIntObject(value) => engine.boxed(&self.bigint(value)?)?,
            Token::StringObject(text) => engine.boxed(&self.text(text)?)?,
            Token::RegExp(pattern, flags) => {
                let flags = engine.simple(Raw::int(flags as i32));
                self.make(self.helpers.new_regexp, &[self.text(pattern)?, flags])?
            }
            Token::Buffer(buffer) => self.buffer(buffer)?,
            Token::Exception {
                name,
                message,
                stack,
            } => {
                let parts = [self.text(name)?, self.text(message)?, self.text(stack)?];
                self.make(self.helpers.new_exception, &parts)?
            }
            Token::Host(index) => self.host_object(index)?,
            token => unreachable!("{token:?} is no value"),
        };
        Ok(self.known(object))
    }

    /// Keys and values until the end of what is open.
    fn properties(&mut self, object: Raw) -> Result<(), Failure> {
        loop {
            let key = match self.token()? {
                Token::End => return Ok(()),
                Token::String(Text::OneByte(text)) if text.is_ascii() => {
                    self.engine.ascii_name(text)?
                }
                key => self.engine.name(self.value(key)?.raw())?,
            };
            let token = self.token()?;
            let value = self.value(token)?;
            self.engine.define(object, &key, value)?;
        }
    }

    fn dense_array(&mut self, length: u32) -> Result<Value, Failure> {
        let array = self.known(self.engine.array()?);
        let mut ends_with_hole = false;
        for index in 0..length {
            let token = self.token()?;
            ends_with_hole = token == Token::Hole;
            if !ends_with_hole {
                let value = self.value(token)?;
                self.engine.define_at(array.raw(), index, value)?;
            }
        }
        if ends_with_hole {
            self.engine.set_length(array.raw(), length)?;
        }
        self.properties(array.raw())?;
        Ok(array)
    }

    fn collection(&mut self, make: Raw, fill: Raw) -> Result<Value, Failure> {
        let object = self.make(make, &[])?;
        let object = self.known(object);
        let mut entries = Vec::new();
        loop {
            match self.token()? {
                Token::End => break,
                token => entries.push(self.value(token)?),
            }
        }
        let entries = self.engine.array_of(entries)?;
        let arguments = [object.raw(), entries.raw()];
        self.engine.call(fill, Raw::UNDEFINED, &arguments)?;
        Ok(object)
    }

    fn host_object(&self, index: u32) -> Result<Value, Failure> {
        let Some(host) = self.host else {
            let message = format!("host object {index} has no meaning here");
            return Err(Failure::Refused(message));
        };
        let index = self.engine.simple(Raw::double(index.into()));
        self.make(host, &[index])
    }
}
