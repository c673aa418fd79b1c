//! A whole value without an engine: to be looked at, compared and written again.

mod read;
mod show;
mod write;

use crate::error::Error;
use crate::tag::{ErrorClass, ViewKind};

/// A value and the objects in it, which refer to each other by number: cycles are cycles.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pub root: Value,
    pub nodes: Vec<Node>,
}

/// A value that is no object, or the number of one in [`Tree::nodes`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    /// Little-endian, without zeros at the end; zero is not negative.
    BigInt {
        negative: bool,
        bytes: Vec<u8>,
    },
    /// UTF-16 units.
    String(Vec<u16>),
    Object(usize),
}

/// A key, a string or a number, and a value.
pub type Property = (Value, Value);

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Object(Vec<Property>),
    /// Elements from 0, where none is a hole; then properties with other keys. A sparse array has no
    /// elements but properties whose keys are numbers.
    Array {
        length: u32,
        elements: Vec<Option<Value>>,
        properties: Vec<Property>,
    },
    Map(Vec<(Value, Value)>),
    Set(Vec<Value>),
    Date(f64),
    /// A boxed boolean, number, bigint or string.
    Boxed(Value),
    RegExp {
        pattern: Vec<u16>,
        flags: u32,
    },
    Buffer {
        bytes: Vec<u8>,
        max_length: Option<u32>,
    },
    View {
        buffer: usize,
        kind: ViewKind,
        offset: u32,
        length: u32,
        tracks_length: bool,
    },
    Error {
        class: ErrorClass,
        /// Where it is not that of the class.
        name: Option<Vec<u16>>,
        message: Option<Vec<u16>>,
        stack: Option<Vec<u16>>,
        /// The cause, with the key "cause", and whatever the program has added.
        properties: Vec<Property>,
    },
    Exception {
        name: Vec<u16>,
        message: Vec<u16>,
        stack: Vec<u16>,
    },
    /// An entry of a list that travelled beside the bytes.
    Host(u32),
}

impl Tree {
    /// Reads a stored value.
    pub fn read(bytes: &[u8]) -> Result<Tree, Error> {
        read::read(bytes)
    }

    /// The bytes of the value.
    pub fn write(&self) -> Vec<u8> {
        write::write(self)
    }
}
