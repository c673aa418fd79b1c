//! Buffers and views of them.

use cellhouse_clone::{Backing, Buffer, Token, ViewKind};

use super::Build;
use crate::clone::engine::Value;
use crate::clone::error::Failure;
use crate::clone::sys::Raw;
use crate::clone::write::TYPED_ARRAYS;

impl Build<'_> {
    pub(super) fn buffer(&self, buffer: Buffer<'_>) -> Result<Value, Failure> {
        let Some(max_length) = buffer.max_length else {
            return Ok(self.engine.buffer(buffer.bytes)?);
        };
        let length = self.engine.simple(Raw::double(buffer.bytes.len() as f64));
        let max_length = self.engine.simple(Raw::double(max_length.into()));
        let object = self.make(self.helpers.new_resizable, &[length, max_length])?;
        self.engine.with_bytes(object.raw(), |bytes| match bytes {
            Some(bytes) if bytes.len() == buffer.bytes.len() => bytes.copy_from_slice(buffer.bytes),
            _ => {}
        });
        Ok(object)
    }

    pub(super) fn view(&mut self, token: Token<'_>) -> Result<Value, Failure> {
        let Token::View {
            buffer,
            kind,
            offset,
            length,
            tracks_length,
        } = token
        else {
            unreachable!("the caller has seen the view");
        };
        let buffer = match buffer {
            Backing::New(buffer) => {
                let buffer = self.buffer(buffer)?;
                self.known(buffer)
            }
            Backing::Known(object) => self.engine.hold(self.objects[object as usize].raw()),
        };
        let offset = Raw::double(offset.into());
        let length = match tracks_length {
            true => Raw::UNDEFINED,
            false => Raw::double((length / kind.element_bytes()).into()),
        };
        let arguments = [buffer.raw(), offset, length];
        let view = match TYPED_ARRAYS.iter().position(|one| *one == kind) {
            Some(place) => self.engine.typed_array(place as i32, &arguments)?,
            None => {
                debug_assert_eq!(kind, ViewKind::DataView);
                let helper = self.helpers.new_data_view;
                self.engine.call(helper, Raw::UNDEFINED, &arguments)?
            }
        };
        Ok(self.known(view))
    }
}
