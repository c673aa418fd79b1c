//! From values to bytes.

mod buffers;
mod errors;

use cellhouse_clone::{BigInt, MAX_DEPTH, Writer};

pub(super) use buffers::TYPED_ARRAYS;

use super::engine::{Engine, Name, Value};
use super::error::Failure;
use super::helpers::Helpers;
use super::memory::Memory;
use super::sys::{Atom, Raw, class, tag};

/// One value being written.
pub(super) struct Walk<'a> {
    engine: Engine,
    helpers: &'a Helpers,
    /// Decides about functions, proxies and objects of classes; for storage, where there is none, `stored`.
    host: Option<Raw>,
    out: Writer,
    memory: Memory,
    depth: usize,
}

/// What a host makes of an object.
enum Decision {
    Plain,
    Done,
}

impl<'a> Walk<'a> {
    pub(super) fn new(engine: Engine, helpers: &'a Helpers, host: Option<Raw>) -> Self {
        Walk {
            engine,
            helpers,
            host,
            out: Writer::new(),
            memory: Memory::default(),
            depth: 0,
        }
    }

    pub(super) fn write(mut self, value: Raw) -> Result<Vec<u8>, Failure> {
        self.value(self.engine.hold(value))?;
        Ok(self.out.finish())
    }

    fn value(&mut self, value: Value) -> Result<(), Failure> {
        let raw = value.raw();
        match raw.tag {
            tag::INT => self.out.int32(raw.as_int()),
            tag::FLOAT64 => self.out.number(f64::from_bits(raw.payload)),
            tag::BOOL => self.out.boolean(raw.as_int() != 0),
            tag::NULL => self.out.null(),
            tag::UNDEFINED => self.out.undefined(),
            tag::STRING | tag::STRING_ROPE => self.text(raw)?,
            tag::BIG_INT | tag::SHORT_BIG_INT => {
                let digits = self.digits(raw)?;
                self.out.bigint(digits.as_bigint());
            }
            tag::OBJECT => return self.object(value),
            _ => return Err(self.refused_value(raw)),
        }
        Ok(())
    }

    fn text(&mut self, string: Raw) -> Result<(), Failure> {
        let out = &mut self.out;
        self.engine.with_text(string, |text| match text {
            Ok(ascii) => out.string(cellhouse_clone::Text::OneByte(ascii)),
            Err(units) => out.units(units),
        })?;
        Ok(())
    }

    // ---- objects

    fn object(&mut self, object: Value) -> Result<(), Failure> {
        if let Some(number) = self.memory.number(&object) {
            self.out.reference(number);
            return Ok(());
        }
        if self.depth == MAX_DEPTH {
            return Err(Failure::TooDeep);
        }
        self.depth += 1;
        let result = self.new_object(object);
        self.depth -= 1;
        result
    }

    fn new_object(&mut self, object: Value) -> Result<(), Failure> {
        let raw = object.raw();
        match Engine::class(raw) {
            class::OBJECT if self.is_plain(raw)? => self.properties_of(object),
            class::OBJECT | class::FIRST_FOREIGN.. => self.classed(object),
            class::ARGUMENTS | class::MAPPED_ARGUMENTS => self.properties_of(object),
            class::ARRAY => self.array(object),
            class::DATE => {
                let time = self.ask(self.helpers.time, raw)?.raw().as_number();
                let number = self.out.date(time.unwrap_or(f64::NAN));
                self.remember(object, number);
                Ok(())
            }
            class::REGEXP => self.regexp(object),
            class::MAP => self.map(object),
            class::SET => self.set(object),
            class::ERROR => self.error(object),
            class::NUMBER | class::STRING | class::BOOLEAN | class::BIG_INT => self.boxed(object),
            class::ARRAY_BUFFER => self.buffer(object),
            class::UINT8C_ARRAY..=class::FLOAT64_ARRAY => self.typed_array(object),
            class::DATA_VIEW => self.data_view(object),
            kind => self.other(object, kind),
        }
    }

    fn remember(&mut self, object: Value, number: u32) {
        self.memory.remember(object, number);
    }

    fn is_plain(&self, object: Raw) -> Result<bool, Failure> {
        let prototype = self.engine.prototype(object)?.raw();
        Ok(
            prototype.tag == tag::NULL
                || prototype.payload == self.helpers.object_prototype.payload,
        )
    }

    fn properties_of(&mut self, object: Value) -> Result<(), Failure> {
        let raw = object.raw();
        let number = self.out.begin_object();
        self.remember(object, number);
        let names = self.engine.names(raw)?;
        let mut count = 0;
        for name in names.atoms() {
            count += self.property(raw, name)?;
        }
        self.out.end_object(count);
        Ok(())
    }

    /// Writes a property, unless a getter before has removed it.
    fn property(&mut self, object: Raw, name: Atom) -> Result<u32, Failure> {
        let Some(value) = self.engine.own_property(object, name)? else {
            return Ok(0);
        };
        match Name::index(name) {
            Some(index) => self.out.uint32(index),
            None => {
                let text = self.engine.name_text(name)?;
                self.text(text.raw())?;
            }
        }
        self.value(value)?;
        Ok(1)
    }

    fn array(&mut self, object: Value) -> Result<(), Failure> {
        let raw = object.raw();
        let length = self.engine.length(raw)?;
        let names = self.engine.names(raw)?;
        let is_index = |name: &Atom| Name::index(*name).is_some();
        let is_dense = names.atoms().take_while(is_index).count() == length as usize;
        let number = if is_dense {
            self.out.begin_dense_array(length)
        } else {
            self.out.begin_sparse_array(length)
        };
        self.remember(object, number);
        let mut count = 0;
        for (place, name) in names.atoms().enumerate() {
            if !is_dense || place >= length as usize {
                count += self.property(raw, name)?;
                continue;
            }
            match self.engine.own_property(raw, name)? {
                Some(value) => self.value(value)?,
                None => self.out.hole(),
            }
        }
        if is_dense {
            self.out.end_dense_array(count, length);
        } else {
            self.out.end_sparse_array(count, length);
        }
        Ok(())
    }

    // ---- objects with a state of their own

    fn ask(&self, helper: Raw, about: Raw) -> Result<Value, Failure> {
        Ok(self.engine.call(helper, Raw::UNDEFINED, &[about])?)
    }

    fn regexp(&mut self, object: Value) -> Result<(), Failure> {
        let parts = self.ask(self.helpers.pattern, object.raw())?;
        let source = self.engine.element(parts.raw(), 0)?;
        let flags = self.engine.element(parts.raw(), 1)?;
        let number = self.out.regexp();
        self.remember(object, number);
        self.text(source.raw())?;
        self.out.regexp_flags(flags.raw().as_int() as u32);
        Ok(())
    }

    fn map(&mut self, object: Value) -> Result<(), Failure> {
        let entries = self.ask(self.helpers.map_entries, object.raw())?;
        let number = self.out.begin_map();
        self.remember(object, number);
        let length = self.elements(&entries)?;
        self.out.end_map(length / 2);
        Ok(())
    }

    fn set(&mut self, object: Value) -> Result<(), Failure> {
        let entries = self.ask(self.helpers.set_entries, object.raw())?;
        let number = self.out.begin_set();
        self.remember(object, number);
        let length = self.elements(&entries)?;
        self.out.end_set(length);
        Ok(())
    }

    /// Writes what is in a list of a helper's.
    fn elements(&mut self, list: &Value) -> Result<u32, Failure> {
        let length = self.engine.length(list.raw())?;
        for index in 0..length {
            let element = self.engine.element(list.raw(), index)?;
            self.value(element)?;
        }
        Ok(length)
    }

    fn boxed(&mut self, object: Value) -> Result<(), Failure> {
        let inner = self.ask(self.helpers.unboxed, object.raw())?;
        let raw = inner.raw();
        let number = match raw.tag {
            tag::BOOL => self.out.boolean_object(raw.as_int() != 0),
            tag::BIG_INT | tag::SHORT_BIG_INT => {
                let digits = self.digits(raw)?;
                self.out.bigint_object(digits.as_bigint())
            }
            tag::STRING | tag::STRING_ROPE => {
                let number = self.out.string_object();
                self.text(raw)?;
                number
            }
            _ => self.out.number_object(raw.as_number().unwrap_or(f64::NAN)),
        };
        self.remember(object, number);
        Ok(())
    }

    fn digits(&self, bigint: Raw) -> Result<Digits, Failure> {
        if bigint.tag == tag::SHORT_BIG_INT {
            let value = bigint.as_int();
            return Ok(Digits {
                negative: value < 0,
                bytes: value.unsigned_abs().to_le_bytes().to_vec(),
            });
        }
        let text = self.ask(self.helpers.bigint_text, bigint)?;
        let digits = self
            .engine
            .with_text(text.raw(), |text| Digits::parse(text.unwrap_or(b"0")))?;
        Ok(digits)
    }

    // ---- what a host decides about

    /// An instance of a class: of an app's, or of the platform.
    fn classed(&mut self, object: Value) -> Result<(), Failure> {
        let raw = object.raw();
        let decider = self.host.unwrap_or(self.helpers.stored);
        match self.decide(decider, &object)? {
            Decision::Done => Ok(()),
            Decision::Plain => self.properties_of(self.engine.hold(raw)),
        }
    }

    /// The host gives undefined for what is as plain as its properties, an index, or the name, message and
    /// stack of an exception.
    fn decide(&mut self, decider: Raw, object: &Value) -> Result<Decision, Failure> {
        let answer = self.ask(decider, object.raw())?;
        let number = match answer.raw().tag {
            tag::UNDEFINED => return Ok(Decision::Plain),
            tag::OBJECT => {
                let number = self.out.exception();
                self.elements(&answer)?;
                number
            }
            _ => self.out.host(answer.raw().as_int() as u32),
        };
        self.remember(self.engine.hold(object.raw()), number);
        Ok(Decision::Done)
    }

    /// What the language itself gives no clone. A host may know one of functions, proxies and shared memory.
    pub(super) fn other(&mut self, object: Value, kind: u32) -> Result<(), Failure> {
        let is_function = kind != class::PROXY && self.engine.is_function(object.raw());
        let is_known_to_hosts =
            is_function || matches!(kind, class::PROXY | class::SHARED_ARRAY_BUFFER);
        if let Some(host) = self.host.filter(|_| is_known_to_hosts)
            && let Decision::Done = self.decide(host, &object)?
        {
            return Ok(());
        }
        if is_function {
            return Err(self.refused_value(object.raw()));
        }
        let message = format!("#<{}> could not be cloned.", uncloneable(kind));
        Err(Failure::Refused(message))
    }

    /// A function or a symbol.
    fn refused_value(&self, value: Raw) -> Failure {
        let text = match self.ask(self.helpers.source_text, value) {
            Ok(text) => text,
            Err(failure) => return failure,
        };
        let text = self.engine.with_text(text.raw(), |text| match text {
            Ok(ascii) => String::from_utf8_lossy(ascii).into_owned(),
            Err(units) => String::from_utf16_lossy(units),
        });
        match text {
            Ok(text) => Failure::Refused(format!("{text} could not be cloned.")),
            Err(thrown) => thrown.into(),
        }
    }
}

fn uncloneable(kind: u32) -> &'static str {
    match kind {
        class::SYMBOL => "Symbol",
        class::WEAK_MAP => "WeakMap",
        class::WEAK_SET => "WeakSet",
        class::WEAK_REF => "WeakRef",
        class::FINALIZATION_REGISTRY => "FinalizationRegistry",
        class::PROMISE => "Promise",
        class::GENERATOR => "Generator",
        class::ASYNC_GENERATOR => "AsyncGenerator",
        class::MAP_ITERATOR => "Map Iterator",
        class::SET_ITERATOR => "Set Iterator",
        class::SHARED_ARRAY_BUFFER => "SharedArrayBuffer",
        class::MODULE_NAMESPACE => "Module",
        _ => "Object",
    }
}

/// A BigInt outside of the engine.
struct Digits {
    negative: bool,
    bytes: Vec<u8>,
}

impl Digits {
    /// Of hexadecimal digits with a sign.
    fn parse(text: &[u8]) -> Self {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        let value = |pair: &[u8]| {
            pair.iter().fold(0, |value, &digit| {
                let digit = (digit as char).to_digit(16).unwrap_or(0);
                value << 4 | digit as u8
            })
        };
        Digits {
            negative: digits.len() != text.len(),
            bytes: digits.rchunks(2).map(value).collect(),
        }
    }

    fn as_bigint(&self) -> BigInt<'_> {
        BigInt {
            negative: self.negative,
            bytes: &self.bytes,
        }
    }
}
