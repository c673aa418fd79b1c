//! Writes a value token by token. The caller keeps the order that `docs/values.md` describes; a writer
//! only knows how each token looks.

use crate::bigint::BigInt;
use crate::layout::{V8_MARK, V8_VERSION, VERSION, host, view};
use crate::tag::{self, ErrorClass, ViewKind, part};
use crate::text::Text;

/// Appends tokens to bytes. Methods that begin an object return its number, for references to it.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    objects: u32,
}

/// A place to return to; see [`Writer::mark`].
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    length: usize,
    objects: u32,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// Begins a value.
    pub fn new() -> Self {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend([VERSION, V8_MARK, V8_VERSION]);
        Writer { bytes, objects: 0 }
    }

    /// The whole value.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Remembers this place.
    pub fn mark(&self) -> Mark {
        Mark {
            length: self.bytes.len(),
            objects: self.objects,
        }
    }

    /// Forgets what was written after a mark, and returns how many objects remain.
    pub fn undo(&mut self, to: Mark) -> u32 {
        self.bytes.truncate(to.length);
        self.objects = to.objects;
        self.objects
    }

    // ---- simple values

    pub fn undefined(&mut self) {
        self.bytes.push(tag::UNDEFINED);
    }

    pub fn null(&mut self) {
        self.bytes.push(tag::NULL);
    }

    /// A missing element of a dense array.
    pub fn hole(&mut self) {
        self.bytes.push(tag::HOLE);
    }

    pub fn boolean(&mut self, value: bool) {
        self.bytes.push(if value { tag::TRUE } else { tag::FALSE });
    }

    pub fn int32(&mut self, value: i32) {
        self.bytes.push(tag::INT32);
        // Zigzag: the sign in the lowest bit.
        self.varint(((value << 1) ^ (value >> 31)) as u32);
    }

    pub fn uint32(&mut self, value: u32) {
        match i32::try_from(value) {
            Ok(value) => self.int32(value),
            Err(_) => {
                self.bytes.push(tag::UINT32);
                self.varint(value);
            }
        }
    }

    /// Any number, as an integer where that loses nothing.
    pub fn number(&mut self, value: f64) {
        let whole = value as i32;
        if f64::from(whole).to_bits() == value.to_bits() {
            return self.int32(whole);
        }
        self.bytes.push(tag::DOUBLE);
        self.double(value);
    }

    pub fn bigint(&mut self, value: BigInt<'_>) {
        self.bytes.push(tag::BIGINT);
        self.bigint_digits(value);
    }

    pub fn string(&mut self, text: Text<'_>) {
        match text {
            Text::OneByte(bytes) => self.counted(tag::ONE_BYTE, bytes),
            Text::TwoByte(bytes) => {
                // V8 reads the units in place, so they have to be aligned.
                let header = 1 + varint_length(bytes.len());
                let start = self.bytes.len() - 1;
                if !(start + header).is_multiple_of(2) {
                    self.bytes.push(tag::PADDING);
                }
                self.counted(tag::TWO_BYTE, bytes);
            }
            Text::Utf8(text) => self.counted(tag::UTF8, text.as_bytes()),
        }
    }

    /// A string of 16-bit units, in the shorter of its forms.
    pub fn units(&mut self, units: &[u16]) {
        if units.iter().all(|&unit| unit < 256) {
            self.bytes.push(tag::ONE_BYTE);
            self.length(units.len());
            self.bytes.extend(units.iter().map(|&unit| unit as u8));
        } else {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            self.string(Text::TwoByte(&bytes));
        }
    }

    /// A string, in the shorter of its forms.
    pub fn str(&mut self, text: &str) {
        if text.is_ascii() {
            self.string(Text::OneByte(text.as_bytes()));
        } else {
            self.units(&text.encode_utf16().collect::<Vec<u16>>());
        }
    }

    /// An object that was written before.
    pub fn reference(&mut self, object: u32) {
        self.bytes.push(tag::REFERENCE);
        self.varint(object);
    }

    // ---- containers

    pub fn begin_object(&mut self) -> u32 {
        self.begin(tag::OBJECT)
    }

    /// After `properties` keys and values.
    pub fn end_object(&mut self, properties: u32) {
        self.bytes.push(tag::END_OBJECT);
        self.varint(properties);
    }

    pub fn begin_dense_array(&mut self, length: u32) -> u32 {
        let object = self.begin(tag::DENSE_ARRAY);
        self.varint(length);
        object
    }

    /// After `length` elements, and `properties` keys and values.
    pub fn end_dense_array(&mut self, properties: u32, length: u32) {
        self.bytes.push(tag::END_DENSE_ARRAY);
        self.varint(properties);
        self.varint(length);
    }

    pub fn begin_sparse_array(&mut self, length: u32) -> u32 {
        let object = self.begin(tag::SPARSE_ARRAY);
        self.varint(length);
        object
    }

    /// After `properties` keys and values.
    pub fn end_sparse_array(&mut self, properties: u32, length: u32) {
        self.bytes.push(tag::END_SPARSE_ARRAY);
        self.varint(properties);
        self.varint(length);
    }

    pub fn begin_map(&mut self) -> u32 {
        self.begin(tag::MAP)
    }

    /// After `entries` keys and values.
    pub fn end_map(&mut self, entries: u32) {
        self.bytes.push(tag::END_MAP);
        self.varint(2 * entries);
    }

    pub fn begin_set(&mut self) -> u32 {
        self.begin(tag::SET)
    }

    /// After `entries` values.
    pub fn end_set(&mut self, entries: u32) {
        self.bytes.push(tag::END_SET);
        self.varint(entries);
    }

    // ---- objects with a state of their own

    /// Milliseconds since 1970, or NaN.
    pub fn date(&mut self, time: f64) -> u32 {
        let object = self.begin(tag::DATE);
        self.double(time);
        object
    }

    pub fn boolean_object(&mut self, value: bool) -> u32 {
        self.begin(if value {
            tag::TRUE_OBJECT
        } else {
            tag::FALSE_OBJECT
        })
    }

    pub fn number_object(&mut self, value: f64) -> u32 {
        let object = self.begin(tag::NUMBER_OBJECT);
        self.double(value);
        object
    }

    pub fn bigint_object(&mut self, value: BigInt<'_>) -> u32 {
        let object = self.begin(tag::BIGINT_OBJECT);
        self.bigint_digits(value);
        object
    }

    /// One string has to follow.
    pub fn string_object(&mut self) -> u32 {
        self.begin(tag::STRING_OBJECT)
    }

    /// The pattern, one string, has to follow, then [`Writer::regexp_flags`].
    pub fn regexp(&mut self) -> u32 {
        self.begin(tag::REGEXP)
    }

    /// The bits of [`Token::RegExp`](crate::Token::RegExp).
    pub fn regexp_flags(&mut self, flags: u32) {
        self.varint(flags);
    }

    /// A buffer; `max_length` for a resizable one.
    pub fn buffer(&mut self, bytes: &[u8], max_length: Option<u32>) -> u32 {
        let Some(max_length) = max_length else {
            let object = self.begin(tag::BUFFER);
            self.length(bytes.len());
            self.bytes.extend_from_slice(bytes);
            return object;
        };
        let object = self.begin(tag::RESIZABLE_BUFFER);
        self.length(bytes.len());
        self.varint(max_length);
        self.bytes.extend_from_slice(bytes);
        object
    }

    /// A view of the buffer, or of the reference to a buffer, that was written just before. Offset and
    /// length are bytes; `resizable` says whether the buffer is.
    pub fn view(
        &mut self,
        kind: ViewKind,
        offset: u32,
        length: u32,
        tracks_length: bool,
        resizable: bool,
    ) -> u32 {
        let object = self.begin(tag::VIEW);
        self.bytes.push(kind.tag());
        self.varint(offset);
        self.varint(length);
        let tracking = if tracks_length {
            view::TRACKS_LENGTH
        } else {
            0
        };
        self.varint(tracking | if resizable { view::RESIZABLE } else { 0 });
        object
    }

    // ---- errors

    /// An error of V8's format; `AggregateError` has no place in it. Parts follow in the order message, cause,
    /// stack, then [`Writer::end_error`].
    pub fn begin_error(&mut self, class: ErrorClass) -> u32 {
        let object = self.begin(tag::ERROR);
        if class != ErrorClass::Error {
            self.bytes.push(class.tag());
        }
        object
    }

    /// One string has to follow.
    pub fn error_message(&mut self) {
        self.bytes.push(part::MESSAGE);
    }

    /// One value has to follow.
    pub fn error_cause(&mut self) {
        self.bytes.push(part::CAUSE);
    }

    /// One string has to follow.
    pub fn error_stack(&mut self) {
        self.bytes.push(part::STACK);
    }

    /// Ends an error of V8's format.
    pub fn end_error(&mut self) {
        self.bytes.push(part::END);
    }

    // ---- host objects

    /// An error with a name or properties of its own. Name, message and stack follow, each a string or
    /// undefined, then keys and values as in an object, then [`Writer::end_object`].
    pub fn begin_extended_error(&mut self, class: ErrorClass) -> u32 {
        let object = self.begin(tag::HOST);
        self.bytes.extend([host::ERROR, class.tag()]);
        object
    }

    /// Name, message and stack have to follow, each a string.
    pub fn exception(&mut self) -> u32 {
        let object = self.begin(tag::HOST);
        self.bytes.push(host::EXCEPTION);
        object
    }

    /// An entry of a list that travels beside the bytes.
    pub fn host(&mut self, index: u32) -> u32 {
        let object = self.begin(tag::HOST);
        self.bytes.push(host::INDEX);
        self.varint(index);
        object
    }

    // ---- pieces

    fn begin(&mut self, tag: u8) -> u32 {
        self.bytes.push(tag);
        self.objects += 1;
        self.objects - 1
    }

    fn counted(&mut self, tag: u8, bytes: &[u8]) {
        self.bytes.push(tag);
        self.length(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn double(&mut self, value: f64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn bigint_digits(&mut self, value: BigInt<'_>) {
        let padding = value.bytes.len().next_multiple_of(8) - value.bytes.len();
        let length = value.bytes.len() + padding;
        self.length(length << 1 | usize::from(value.negative));
        self.bytes.extend_from_slice(value.bytes);
        self.bytes.extend(std::iter::repeat_n(0, padding));
    }

    fn length(&mut self, length: usize) {
        self.varint(u32::try_from(length).expect("no part of a value is as long as 4 GiB"));
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

fn varint_length(value: usize) -> usize {
    let bits = usize::BITS - value.leading_zeros();
    (bits.max(1) as usize).div_ceil(7)
}
