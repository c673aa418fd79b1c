//! Errors: in V8's form where that has room, else with their own name and properties.

use cellhouse_clone::ErrorClass;

use super::Walk;
use crate::clone::engine::Value;
use crate::clone::error::Failure;
use crate::clone::sys::{Raw, tag};

/// Where the properties begin in what the helper gives.
const PROPERTIES: u32 = 4;

impl Walk<'_> {
    pub(super) fn error(&mut self, object: Value) -> Result<(), Failure> {
        let parts = self.ask(self.helpers.error_parts, object.raw())?;
        let length = self.engine.length(parts.raw())?;
        if length < PROPERTIES {
            let number = self.out.exception();
            self.remember(object, number);
            self.elements(&parts)?;
            return Ok(());
        }
        let class = self.error_class(&parts)?;
        let [name, message, stack] = [
            self.engine.element(parts.raw(), 1)?,
            self.engine.element(parts.raw(), 2)?,
            self.engine.element(parts.raw(), 3)?,
        ];
        let is_plain = length == PROPERTIES && name.raw().tag == tag::UNDEFINED;
        if is_plain && class != ErrorClass::AggregateError {
            return self.plain_error(object, class, message.raw(), stack.raw());
        }
        let number = self.out.begin_extended_error(class);
        self.remember(object, number);
        for part in [name, message, stack] {
            self.value(part)?;
        }
        let mut count = 0;
        for index in (PROPERTIES..length).step_by(2) {
            count += self.error_property(&parts, index)?;
        }
        self.out.end_object(count);
        Ok(())
    }

    fn error_class(&self, parts: &Value) -> Result<ErrorClass, Failure> {
        let name = self.engine.element(parts.raw(), 0)?;
        let class = self.engine.with_text(name.raw(), |text| {
            let text = text.ok().and_then(|text| str::from_utf8(text).ok());
            text.and_then(ErrorClass::named)
        })?;
        Ok(class.unwrap_or(ErrorClass::Error))
    }

    fn plain_error(
        &mut self,
        object: Value,
        class: ErrorClass,
        message: Raw,
        stack: Raw,
    ) -> Result<(), Failure> {
        let number = self.out.begin_error(class);
        self.remember(object, number);
        if message.tag != tag::UNDEFINED {
            self.out.error_message();
            self.text(message)?;
        }
        if stack.tag != tag::UNDEFINED {
            self.out.error_stack();
            self.text(stack)?;
        }
        self.out.end_error();
        Ok(())
    }

    /// A property that has no clone is left out: an error must always be able to say what happened.
    fn error_property(&mut self, parts: &Value, index: u32) -> Result<u32, Failure> {
        let key = self.engine.element(parts.raw(), index)?;
        let value = self.engine.element(parts.raw(), index + 1)?;
        let mark = self.out.mark();
        self.text(key.raw())?;
        match self.value(value) {
            Ok(()) => return Ok(1),
            Err(Failure::Thrown) => drop(self.engine.take_exception()),
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
        let remaining = self.out.undo(mark);
        self.memory.forget_from(remaining);
        Ok(0)
    }
}
