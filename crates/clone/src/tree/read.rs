//! From tokens to a tree.

use super::{Node, Property, Tree, Value};
use crate::bigint::BigInt;
use crate::error::Error;
use crate::reader::Reader;
use crate::tag::ErrorClass;
use crate::text::Text;
use crate::token::{Backing, Buffer, ErrorPart, Token};

pub(super) fn read(bytes: &[u8]) -> Result<Tree, Error> {
    let mut builder = Builder {
        reader: Reader::new(bytes)?,
        nodes: Vec::new(),
    };
    let token = builder.token()?;
    let root = builder.value(token)?;
    // Sees whether bytes follow.
    builder.reader.next()?;
    Ok(Tree {
        root,
        nodes: builder.nodes,
    })
}

struct Builder<'a> {
    reader: Reader<'a>,
    nodes: Vec<Node>,
}

impl<'a> Builder<'a> {
    fn token(&mut self) -> Result<Token<'a>, Error> {
        let token = self.reader.next()?;
        Ok(token.expect("the reader ends a value only when all that was begun has ended"))
    }

    /// The next value, or none at the end of what is open.
    fn next(&mut self) -> Result<Option<Value>, Error> {
        match self.token()? {
            Token::End => Ok(None),
            token => self.value(token).map(Some),
        }
    }

    fn pairs(&mut self) -> Result<Vec<Property>, Error> {
        let mut pairs = Vec::new();
        while let Some(key) = self.next()? {
            let value = self.next()?.expect("the reader ends between two pairs");
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    fn value(&mut self, token: Token<'a>) -> Result<Value, Error> {
        Ok(match token {
            Token::Undefined => Value::Undefined,
            Token::Null => Value::Null,
            Token::Boolean(value) => Value::Boolean(value),
            Token::Int32(value) => Value::Number(value.into()),
            Token::Double(value) => Value::Number(value),
            Token::BigInt(value) => bigint(value),
            Token::String(text) => string(text),
            Token::Reference(object) => Value::Object(object as usize),
            token => Value::Object(self.object(token)?),
        })
    }

    /// Its number is taken before what is in it is read.
    fn object(&mut self, token: Token<'a>) -> Result<usize, Error> {
        if let Token::View {
            buffer: Backing::New(buffer),
            ..
        } = token
        {
            self.nodes.push(node_of(buffer));
        }
        let number = self.nodes.len();
        self.nodes.push(Node::Object(Vec::new()));
        self.nodes[number] = self.node(token, number)?;
        Ok(number)
    }

    fn node(&mut self, token: Token<'a>, number: usize) -> Result<Node, Error> {
        Ok(match token {
            Token::Object => Node::Object(self.pairs()?),
            Token::DenseArray(length) => self.dense(length)?,
            Token::SparseArray(length) => Node::Array {
                length,
                elements: Vec::new(),
                properties: self.pairs()?,
            },
            Token::Map => Node::Map(self.pairs()?),
            Token::Set => {
                Node::Set(std::iter::from_fn(|| self.next().transpose()).collect::<Result<_, _>>()?)
            }
            Token::Date(time) => Node::Date(time),
            Token::BooleanObject(value) => Node::Boxed(Value::Boolean(value)),
            Token::NumberObject(value) => Node::Boxed(Value::Number(value)),
            Token::BigIntObject(value) => Node::Boxed(bigint(value)),
            Token::StringObject(text) => Node::Boxed(string(text)),
            Token::RegExp(pattern, flags) => Node::RegExp {
                pattern: pattern.units(),
                flags,
            },
            Token::Buffer(buffer) => node_of(buffer),
            Token::View {
                buffer,
                kind,
                offset,
                length,
                tracks_length,
            } => Node::View {
                buffer: match buffer {
                    Backing::New(_) => number - 1,
                    Backing::Known(object) => object as usize,
                },
                kind,
                offset,
                length,
                tracks_length,
            },
            Token::Error { class, extended } => self.error(class, extended)?,
            Token::Exception {
                name,
                message,
                stack,
            } => Node::Exception {
                name: name.units(),
                message: message.units(),
                stack: stack.units(),
            },
            Token::Host(index) => Node::Host(index),
            token => unreachable!("{token:?} is no object"),
        })
    }

    fn dense(&mut self, length: u32) -> Result<Node, Error> {
        let mut elements = Vec::with_capacity(length as usize);
        for _ in 0..length {
            let element = match self.token()? {
                Token::Hole => None,
                token => Some(self.value(token)?),
            };
            elements.push(element);
        }
        Ok(Node::Array {
            length,
            elements,
            properties: self.pairs()?,
        })
    }

    fn error(&mut self, class: ErrorClass, extended: bool) -> Result<Node, Error> {
        let (mut name, mut message, mut stack) = (None, None, None);
        let mut properties = Vec::new();
        loop {
            match self.token()? {
                Token::Part(ErrorPart::Name(text)) => name = Some(text.units()),
                Token::Part(ErrorPart::Message(text)) => message = Some(text.units()),
                Token::Part(ErrorPart::Stack(text)) => stack = Some(text.units()),
                Token::Part(ErrorPart::Cause) => {
                    let cause = self.next()?.expect("a cause is a value");
                    let key = "cause".encode_utf16().collect();
                    properties.push((Value::String(key), cause));
                }
                Token::End => break,
                key => {
                    debug_assert!(extended, "only an extended error has properties");
                    let key = self.value(key)?;
                    let value = self.next()?.expect("the reader ends between two pairs");
                    properties.push((key, value));
                }
            }
        }
        Ok(Node::Error {
            class,
            name,
            message,
            stack,
            properties,
        })
    }
}

fn node_of(buffer: Buffer<'_>) -> Node {
    Node::Buffer {
        bytes: buffer.bytes.to_vec(),
        max_length: buffer.max_length,
    }
}

fn string(text: Text<'_>) -> Value {
    Value::String(text.units())
}

fn bigint(value: BigInt<'_>) -> Value {
    let end = value.bytes.iter().rposition(|&byte| byte != 0);
    let bytes = value.bytes[..end.map_or(0, |end| end + 1)].to_vec();
    Value::BigInt {
        negative: value.negative && !bytes.is_empty(),
        bytes,
    }
}
