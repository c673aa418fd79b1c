//! Buffers and views of them. A view is written after its buffer, both as one value.

use cellhouse_clone::ViewKind;

use super::Walk;
use crate::clone::engine::{Engine, Value};
use crate::clone::error::Failure;
use crate::clone::sys::{Raw, class};

/// By their place among the engine's classes.
pub(in crate::clone) const TYPED_ARRAYS: [ViewKind; 12] = [
    ViewKind::Uint8ClampedArray,
    ViewKind::Int8Array,
    ViewKind::Uint8Array,
    ViewKind::Int16Array,
    ViewKind::Uint16Array,
    ViewKind::Int32Array,
    ViewKind::Uint32Array,
    ViewKind::BigInt64Array,
    ViewKind::BigUint64Array,
    ViewKind::Float16Array,
    ViewKind::Float32Array,
    ViewKind::Float64Array,
];

impl Walk<'_> {
    pub(super) fn buffer(&mut self, object: Value) -> Result<(), Failure> {
        let raw = object.raw();
        let max_length = self.limit(raw)?;
        let out = &mut self.out;
        let number = self.engine.with_bytes(raw, |bytes| {
            bytes.map(|bytes| out.buffer(bytes, max_length))
        });
        let Some(number) = number else {
            let message = "An ArrayBuffer is detached and could not be cloned.";
            return Err(Failure::Refused(message.to_owned()));
        };
        self.remember(object, number);
        Ok(())
    }

    /// How large a resizable buffer may be.
    fn limit(&self, buffer: Raw) -> Result<Option<u32>, Failure> {
        let limit = self.ask(self.helpers.buffer_limit, buffer)?.raw();
        let limit = limit.as_number().filter(|limit| *limit >= 0.0);
        Ok(limit.map(|limit| limit.min(f64::from(u32::MAX)) as u32))
    }

    pub(super) fn typed_array(&mut self, view: Value) -> Result<(), Failure> {
        let place = Engine::class(view.raw()) - class::UINT8C_ARRAY;
        let (buffer, offset, length) = self.engine.under_view(view.raw())?;
        self.view(view, TYPED_ARRAYS[place as usize], buffer, [offset, length])
    }

    pub(super) fn data_view(&mut self, view: Value) -> Result<(), Failure> {
        let parts = self.ask(self.helpers.data_view, view.raw())?;
        let buffer = self.engine.element(parts.raw(), 0)?;
        let range = [1, 2].map(|index| self.engine.element(parts.raw(), index));
        let [offset, length] = range.map(|number| {
            let number = number.map(|number| number.raw().as_number());
            number.map(|number| number.unwrap_or(0.0) as usize)
        });
        self.view(view, ViewKind::DataView, buffer, [offset?, length?])
    }

    fn view(
        &mut self,
        view: Value,
        kind: ViewKind,
        buffer: Value,
        range: [usize; 2],
    ) -> Result<(), Failure> {
        let raw = buffer.raw();
        if Engine::class(raw) == class::SHARED_ARRAY_BUFFER {
            return self.other(view, class::SHARED_ARRAY_BUFFER);
        }
        let resizable = self.limit(raw)?.is_some();
        let tracks_length = resizable && self.tracks_length(&view, raw)?;
        match self.memory.number(&buffer) {
            Some(number) => self.out.reference(number),
            None => self.buffer(buffer)?,
        }
        let [offset, length] = range.map(|bytes| bytes as u32);
        let number = self
            .out
            .view(kind, offset, length, tracks_length, resizable);
        self.remember(view, number);
        Ok(())
    }

    fn tracks_length(&self, view: &Value, buffer: Raw) -> Result<bool, Failure> {
        let arguments = [view.raw(), buffer];
        let helper = self.helpers.tracks_length;
        let answer = self.engine.call(helper, Raw::UNDEFINED, &arguments)?;
        Ok(answer.raw().as_int() != 0)
    }
}
